package org.spigrp.command;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.ErouteUse;
import org.spigrp.sa.Group;
import org.spigrp.sa.SaUse;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;

/**
 * Tables that last as long as the process: for throw-away runs, for tests, and as the twin of the durable ones.
 *
 * <p>Every change pushes how to undo it; {@link #rollback} runs these backwards, {@link #commit} forgets them. Clearing
 * swaps a whole table for an empty one, so it costs nothing and is undone by swapping back. One thread.
 */
public final class MemoryTables implements Tables {
    private SaTable sas = new SaTable();
    private ErouteTable eroutes = new ErouteTable();
    private final Ordered<String, Attachment> attachments = new Ordered<>();
    private Set<DebugFlag> debug = EnumSet.noneOf(DebugFlag.class);
    private int lastRef;
    private final Deque<Runnable> undo = new ArrayDeque<>();

    public MemoryTables() {
        for (Attachment attachment : Attachment.AT_START) {
            attachments.put(attachment.virtual(), attachment);
        }
    }

    @Override
    public void commit() {
        undo.clear();
    }

    @Override
    public void rollback() {
        while (!undo.isEmpty()) {
            undo.pop().run();
        }
    }

    // SAs

    @Override
    public @Nullable SecurityAssociation sa(Said said) {
        SaTable.Entry entry = sas.get(said);
        return entry == null ? null : entry.sa();
    }

    @Override
    public Iterable<SecurityAssociation> sas() {
        return sas.all();
    }

    @Override
    public long place(Said said) {
        return sas.place(said);
    }

    @Override
    public int saCount() {
        return sas.size();
    }

    @Override
    public SaUse use(Said said) {
        SaTable.Entry entry = sas.get(said);
        return entry == null ? SaUse.NONE : entry.use();
    }

    @Override
    public List<Selector> inboundPolicy(Said tunnel) {
        SaTable.Entry entry = sas.get(tunnel);
        return entry == null ? List.of() : entry.inbound();
    }

    @Override
    public Iterable<Said> saidsWithKey(String fingerprint) {
        return sas.withFingerprint(fingerprint);
    }

    @Override
    public @Nullable Said saidWithRef(int ref) {
        return sas.withRef(ref);
    }

    @Override
    public Iterable<Said> due(long nowSeconds) {
        return sas.due(nowSeconds);
    }

    @Override
    public int nextRef() {
        undo.push(() -> lastRef--);
        return ++lastRef;
    }

    @Override
    public void putSa(SecurityAssociation sa, List<String> fingerprints) {
        SaTable.Entry old = sas.get(sa.said());
        set(
                sa.said(),
                new SaTable.Entry(
                        sa,
                        List.copyOf(fingerprints),
                        old == null ? SaUse.NONE : old.use(),
                        old == null ? List.of() : old.inbound()));
    }

    @Override
    public void putUse(Said said, SaUse use) {
        SaTable.Entry entry = sas.get(said);
        if (entry != null) {
            set(said, entry.withUse(use));
        }
    }

    @Override
    public void putInboundPolicy(Said tunnel, List<Selector> selectors) {
        SaTable.Entry entry = sas.get(tunnel);
        if (entry != null) {
            set(tunnel, entry.withInbound(selectors));
        }
    }

    private void set(Said said, SaTable.Entry entry) {
        undoSa(said);
        sas.put(said, entry);
    }

    @Override
    public void removeSa(Said said) {
        undoSa(said);
        sas.set(said, null);
    }

    private void undoSa(Said said) {
        Ordered.Row<Said, SaTable.Entry> old = sas.row(said);
        undo.push(() -> sas.set(said, old));
    }

    @Override
    public void clearSas() {
        SaTable old = sas;
        undo.push(() -> sas = old);
        sas = new SaTable(old);
    }

    // Groups

    @Override
    public @Nullable Group groupOf(Said member) {
        return sas.groupOf(member);
    }

    @Override
    public @Nullable Group groupNamed(String name) {
        return sas.groupNamed(name);
    }

    @Override
    public Iterable<Group> groups() {
        return sas.groups();
    }

    @Override
    public void putGroup(Group group) {
        undoGroup(group.first());
        sas.putGroup(group);
    }

    @Override
    public void removeGroup(Said first) {
        undoGroup(first);
        sas.setGroup(first, null);
    }

    private void undoGroup(Said first) {
        Ordered.Row<Said, Group> old = sas.groups().row(first);
        undo.push(() -> sas.setGroup(first, old));
    }

    // Eroutes

    @Override
    public @Nullable Eroute eroute(Selector selector) {
        ErouteTable.Entry entry = eroutes.get(selector);
        return entry == null ? null : entry.eroute();
    }

    @Override
    public Iterable<Eroute> eroutes() {
        return eroutes;
    }

    @Override
    public long place(Selector selector) {
        return eroutes.place(selector);
    }

    @Override
    public int erouteCount() {
        return eroutes.size();
    }

    @Override
    public Iterable<Eroute> eroutesTo(Said said) {
        return eroutes.to(said);
    }

    @Override
    public ErouteUse erouteUse(Selector selector) {
        ErouteTable.Entry entry = eroutes.get(selector);
        return entry == null ? ErouteUse.NONE : entry.use();
    }

    @Override
    public void putEroute(Eroute eroute) {
        undoEroute(eroute.selector());
        eroutes.put(eroute.selector(), new ErouteTable.Entry(eroute, erouteUse(eroute.selector())));
    }

    @Override
    public void putErouteUse(Selector selector, ErouteUse use) {
        ErouteTable.Entry entry = eroutes.get(selector);
        if (entry != null) {
            undoEroute(selector);
            eroutes.put(selector, new ErouteTable.Entry(entry.eroute(), use));
        }
    }

    @Override
    public void removeEroute(Selector selector) {
        undoEroute(selector);
        eroutes.set(selector, null);
    }

    private void undoEroute(Selector selector) {
        Ordered.Row<Selector, ErouteTable.Entry> old = eroutes.row(selector);
        undo.push(() -> eroutes.set(selector, old));
    }

    @Override
    public void clearEroutes() {
        ErouteTable old = eroutes;
        undo.push(() -> eroutes = old);
        eroutes = new ErouteTable(old);
    }

    // Interfaces and debug flags

    @Override
    public Iterable<Attachment> attachments() {
        return attachments;
    }

    @Override
    public @Nullable Attachment attachment(String virtual) {
        return attachments.get(virtual);
    }

    @Override
    public void putAttachment(Attachment attachment) {
        undoAttachment(attachment.virtual());
        attachments.put(attachment.virtual(), attachment);
    }

    @Override
    public void removeAttachment(String virtual) {
        undoAttachment(virtual);
        attachments.set(virtual, null);
    }

    private void undoAttachment(String virtual) {
        Ordered.Row<String, Attachment> old = attachments.row(virtual);
        undo.push(() -> attachments.set(virtual, old));
    }

    @Override
    public Set<DebugFlag> debug() {
        return Set.copyOf(debug);
    }

    @Override
    public void putDebug(Set<DebugFlag> flags) {
        Set<DebugFlag> old = debug;
        undo.push(() -> debug = old);
        debug = Set.copyOf(flags);
    }
}
