package org.spigrp.cli;

import org.spigrp.command.ForwardingTables;
import org.spigrp.command.Tables;

/**
 * Tables whose commits wait: {@link #commit} only notes that there is something to commit, until {@link #commitAll}. A
 * roll-back forgets everything since. So many changes, each checked by itself, become one transaction.
 */
final class HeldTables extends ForwardingTables {
    HeldTables(Tables tables) {
        super(tables);
    }

    void commitAll() {
        tables.commit();
    }

    @Override
    public void commit() {
        // waits for commitAll
    }
}
