package org.spigrp.command;

final class MemoryTablesTest extends TablesContract {
    @Override
    protected Tables openNew() {
        return new MemoryTables();
    }
}
