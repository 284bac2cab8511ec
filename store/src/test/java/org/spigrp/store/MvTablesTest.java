package org.spigrp.store;

import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.spigrp.command.Tables;
import org.spigrp.command.TablesContract;

/** The tables on disk keep the contract of all tables, also across processes. */
class MvTablesTest extends TablesContract {
    @TempDir
    Path directory;

    private Store store = closed();

    private static Store closed() {
        return Store.open(Path.of("/nonexistent"), Store.Mode.READ, new Random(1), InstantSource.system());
    }

    private Store open() {
        return Store.open(
                directory.resolve("state"),
                Store.Mode.WRITE,
                new Random(1),
                InstantSource.fixed(Instant.ofEpochSecond(1_800_000_000)));
    }

    @Override
    protected Tables openNew() {
        store = open();
        return store.tables();
    }

    @Override
    protected Tables openAgain(Tables before) {
        store.close();
        store = open();
        return store.tables();
    }

    @AfterEach
    void closes() {
        store.close();
    }
}
