package org.spigrp.command;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.ErouteUse;
import org.spigrp.sa.Group;
import org.spigrp.sa.SaUse;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;

/** Tables that hand every call on to others; who needs one call to do more overrides that one. */
public abstract class ForwardingTables implements Tables {
    /** Where everything goes. */
    protected final Tables tables;

    protected ForwardingTables(Tables tables) {
        this.tables = tables;
    }

    @Override
    public void commit() {
        tables.commit();
    }

    @Override
    public @Nullable SecurityAssociation sa(Said said) {
        return tables.sa(said);
    }

    @Override
    public Iterable<SecurityAssociation> sas() {
        return tables.sas();
    }

    @Override
    public Iterable<Said> saids() {
        return tables.saids();
    }

    @Override
    public Map<Said, SaUse> gone() {
        return tables.gone();
    }

    @Override
    public long place(Said said) {
        return tables.place(said);
    }

    @Override
    public long place(Selector selector) {
        return tables.place(selector);
    }

    @Override
    public int saCount() {
        return tables.saCount();
    }

    @Override
    public @Nullable Group groupOf(Said member) {
        return tables.groupOf(member);
    }

    @Override
    public @Nullable Group groupNamed(String name) {
        return tables.groupNamed(name);
    }

    @Override
    public Iterable<Group> groups() {
        return tables.groups();
    }

    @Override
    public @Nullable Eroute eroute(Selector selector) {
        return tables.eroute(selector);
    }

    @Override
    public Iterable<Eroute> eroutes() {
        return tables.eroutes();
    }

    @Override
    public int erouteCount() {
        return tables.erouteCount();
    }

    @Override
    public Iterable<Eroute> eroutesTo(Said said) {
        return tables.eroutesTo(said);
    }

    @Override
    public List<Selector> inboundPolicy(Said tunnel) {
        return tables.inboundPolicy(tunnel);
    }

    @Override
    public SaUse use(Said said) {
        return tables.use(said);
    }

    @Override
    public ErouteUse erouteUse(Selector selector) {
        return tables.erouteUse(selector);
    }

    @Override
    public Iterable<Said> saidsWithKey(String fingerprint) {
        return tables.saidsWithKey(fingerprint);
    }

    @Override
    public @Nullable Said saidWithRef(int ref) {
        return tables.saidWithRef(ref);
    }

    @Override
    public Iterable<Said> due(long nowSeconds) {
        return tables.due(nowSeconds);
    }

    @Override
    public Iterable<Attachment> attachments() {
        return tables.attachments();
    }

    @Override
    public @Nullable Attachment attachment(String virtual) {
        return tables.attachment(virtual);
    }

    @Override
    public int virtualMtu(Attachment attachment) {
        return tables.virtualMtu(attachment);
    }

    @Override
    public int effectiveMtu(Attachment attachment) {
        return tables.effectiveMtu(attachment);
    }

    @Override
    public Set<DebugFlag> debug() {
        return tables.debug();
    }

    @Override
    public void putSa(SecurityAssociation sa, List<String> fingerprints) {
        tables.putSa(sa, fingerprints);
    }

    @Override
    public void removeSa(Said said) {
        tables.removeSa(said);
    }

    @Override
    public void putGroup(Group group) {
        tables.putGroup(group);
    }

    @Override
    public void removeGroup(Said first) {
        tables.removeGroup(first);
    }

    @Override
    public void putEroute(Eroute eroute) {
        tables.putEroute(eroute);
    }

    @Override
    public void removeEroute(Selector selector) {
        tables.removeEroute(selector);
    }

    @Override
    public void putInboundPolicy(Said tunnel, List<Selector> selectors) {
        tables.putInboundPolicy(tunnel, selectors);
    }

    @Override
    public void putUse(Said said, SaUse use) {
        tables.putUse(said, use);
    }

    @Override
    public void putErouteUse(Selector selector, ErouteUse use) {
        tables.putErouteUse(selector, use);
    }

    @Override
    public void putAttachment(Attachment attachment) {
        tables.putAttachment(attachment);
    }

    @Override
    public void removeAttachment(String virtual) {
        tables.removeAttachment(virtual);
    }

    @Override
    public void putDebug(Set<DebugFlag> flags) {
        tables.putDebug(flags);
    }

    @Override
    public int nextRef() {
        return tables.nextRef();
    }

    @Override
    public void clearSas() {
        tables.clearSas();
    }

    @Override
    public void clearEroutes() {
        tables.clearEroutes();
    }

    @Override
    public void rollback() {
        tables.rollback();
    }
}
