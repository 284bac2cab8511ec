package org.spigrp.daemon;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.spigrp.command.Attachment;
import org.spigrp.command.ForwardingTables;
import org.spigrp.command.Tables;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.Group;
import org.spigrp.sa.SaUse;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;

/**
 * Tables that note what is changed, for the engine to be told; commits wait for {@link #commitAll}, so that devices can
 * be opened in between, and a refusal of theirs undoes the change.
 */
final class NotedTables extends ForwardingTables {
    private final Set<Said> sas = new HashSet<>();
    private final Set<Selector> eroutes = new HashSet<>();
    private boolean interfaces;
    private final Set<String> interfacesGone = new HashSet<>();
    private Consumer<Said> beforeRemoval = _ -> {};
    private Mtus mtus = new Mtus() {};
    private final Gone gone = new Gone();

    NotedTables(Tables tables) {
        super(tables);
    }

    /** Hears of each SA that is about to go, while it is still there. */
    void beforeRemoval(Consumer<Said> action) {
        beforeRemoval = action;
    }

    /** How packets ended at SAs that are no more. */
    Gone goneCounts() {
        return gone;
    }

    @Override
    public Map<Said, SaUse> gone() {
        return gone.all();
    }

    /** Knows the MTUs that interfaces really have. */
    interface Mtus {
        default int virtual(Attachment attachment) {
            return attachment.physicalMtu();
        }

        default int physical(Attachment attachment) {
            return attachment.physicalMtu();
        }
    }

    void mtus(Mtus known) {
        mtus = known;
    }

    /** SAs whose engine state may be another now; taken out. */
    Set<Said> takeSas() {
        Set<Said> taken = Set.copyOf(sas);
        sas.clear();
        return taken;
    }

    Set<Selector> takeEroutes() {
        Set<Selector> taken = Set.copyOf(eroutes);
        eroutes.clear();
        return taken;
    }

    /** The same, left in. */
    Set<Said> notedSas() {
        return sas;
    }

    boolean interfacesNoted() {
        return interfaces;
    }

    /** Virtual interfaces that were deleted. */
    Set<String> interfacesGone() {
        return interfacesGone;
    }

    /** Interfaces were seen to. */
    void forgetInterfaces() {
        interfaces = false;
        interfacesGone.clear();
    }

    /** Makes everything durable that {@link #commit} was asked for. */
    void commitAll() {
        tables.commit();
    }

    @Override
    public void commit() {
        // waits for commitAll
    }

    @Override
    public void rollback() {
        sas.clear();
        eroutes.clear();
        forgetInterfaces();
        tables.rollback();
    }

    @Override
    public int virtualMtu(Attachment attachment) {
        return attachment.isAttached() ? mtus.virtual(attachment) : 0;
    }

    @Override
    public int physicalMtu(Attachment attachment) {
        return attachment.isAttached() ? mtus.physical(attachment) : 0;
    }

    @Override
    public int effectiveMtu(Attachment attachment) {
        return virtualMtu(attachment);
    }

    @Override
    public void putSa(SecurityAssociation sa, List<String> fingerprints) {
        sas.add(sa.said());
        tables.putSa(sa, fingerprints);
    }

    @Override
    public void removeSa(Said said) {
        sas.add(said);
        beforeRemoval.accept(said);
        tables.removeSa(said);
    }

    @Override
    public void putGroup(Group group) {
        noteGroup(group.first());
        sas.addAll(group.members());
        tables.putGroup(group);
    }

    @Override
    public void removeGroup(Said first) {
        noteGroup(first);
        tables.removeGroup(first);
    }

    private void noteGroup(Said first) {
        Group before = tables.groupOf(first);
        if (before != null) {
            sas.addAll(before.members());
        }
    }

    @Override
    public void putEroute(Eroute eroute) {
        eroutes.add(eroute.selector());
        tables.putEroute(eroute);
    }

    @Override
    public void removeEroute(Selector selector) {
        eroutes.add(selector);
        tables.removeEroute(selector);
    }

    @Override
    public void putInboundPolicy(Said tunnel, List<Selector> selectors) {
        sas.add(tunnel);
        tables.putInboundPolicy(tunnel, selectors);
    }

    @Override
    public void clearSas() {
        for (Said said : tables.saids()) {
            sas.add(said);
            beforeRemoval.accept(said);
        }
        tables.clearSas();
    }

    @Override
    public void clearEroutes() {
        for (Eroute eroute : tables.eroutes()) {
            eroutes.add(eroute.selector());
        }
        tables.clearEroutes();
    }

    @Override
    public void putAttachment(Attachment attachment) {
        interfaces = true;
        tables.putAttachment(attachment);
    }

    @Override
    public void removeAttachment(String virtual) {
        interfaces = true;
        interfacesGone.add(virtual);
        tables.removeAttachment(virtual);
    }
}
