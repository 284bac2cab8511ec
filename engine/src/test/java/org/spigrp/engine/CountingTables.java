package org.spigrp.engine;

import org.jspecify.annotations.Nullable;
import org.spigrp.command.ForwardingTables;
import org.spigrp.command.Tables;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.Group;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;

/** Tables that count how often somebody asks for one thing, and how often for all. */
final class CountingTables extends ForwardingTables {
    int walks;
    int lookups;

    CountingTables(Tables tables) {
        super(tables);
    }

    void clear() {
        walks = 0;
        lookups = 0;
    }

    @Override
    public Iterable<SecurityAssociation> sas() {
        walks++;
        return super.sas();
    }

    @Override
    public Iterable<Said> saids() {
        walks++;
        return super.saids();
    }

    @Override
    public Iterable<Group> groups() {
        walks++;
        return super.groups();
    }

    @Override
    public Iterable<Eroute> eroutes() {
        walks++;
        return super.eroutes();
    }

    @Override
    public @Nullable SecurityAssociation sa(Said said) {
        lookups++;
        return super.sa(said);
    }

    @Override
    public @Nullable Group groupOf(Said said) {
        lookups++;
        return super.groupOf(said);
    }

    @Override
    public @Nullable Eroute eroute(Selector selector) {
        lookups++;
        return super.eroute(selector);
    }
}
