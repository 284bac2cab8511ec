package org.spigrp.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Backend;
import org.spigrp.command.Change;
import org.spigrp.command.Registry;
import org.spigrp.command.Snapshot;
import org.spigrp.sa.KeyMaterial;
import org.spigrp.store.Store;
import org.spigrp.wire.IpAddress;

/**
 * What one run of {@code ipsec} works on: the state directory, opened at the first use and only as far as needed
 * (listings do not wait for each other), and what was looked up already. A script is one session of many commands.
 */
final class Session implements AutoCloseable {
    private final Environment environment;
    private final Names names;
    private final List<KeyMaterial> keys = new ArrayList<>();
    private @Nullable Set<IpAddress> local;
    private @Nullable Store store;
    private Consumer<String> tell = _ -> {};
    private int told;
    private @Nullable Registry registry;
    private @Nullable HeldTables held;
    /** The script that is one transaction, if there is one. */
    private @Nullable Call script;

    /** Takes the line away in which something moves. */
    private @Nullable Runnable clearProgress;

    private final List<Change> queue = new ArrayList<>();
    private final List<Call> queuedBy = new ArrayList<>();

    Session(Environment environment) {
        this.environment = environment;
        this.names = new Names(environment);
    }

    Environment environment() {
        return environment;
    }

    Names names() {
        return names;
    }

    Path stateDirectory() {
        return environment.stateDirectory();
    }

    /** True for the addresses of this host. */
    boolean isLocal(IpAddress address) {
        Set<IpAddress> known = local;
        if (known == null) {
            known = new HashSet<>(environment.host().localAddresses());
            local = known;
        }
        return known.contains(address);
    }

    /** A key that nobody needs when the session ends. Not before: what is stored may be written only then. */
    void wipeAtEnd(KeyMaterial key) {
        keys.add(key);
    }

    /** What there is. What a script has changed so far is seen by its own listings. */
    Snapshot snapshot(Consumer<String> warn) {
        Registry writing = registry;
        if (writing != null) {
            return writing.snapshot();
        }
        return open(Store.Mode.READ, warn).tables();
    }

    /** To change what there is; from here on other writers wait for the end of the session. */
    Backend backend(Consumer<String> warn) {
        Registry writing = registry;
        if (writing == null) {
            closeStore();
            Store opened = open(Store.Mode.WRITE, warn);
            var tables = opened.tables();
            if (script != null) {
                held = new HeldTables(tables);
                tables = held;
            }
            writing = new Registry(tables, opened.fingerprints(), opened.ledger(), environment.clock());
            registry = writing;
        }
        return writing;
    }

    /** The state for packets to go through, after {@link #backend} has opened it for writing. */
    Store store() {
        return Objects.requireNonNull(store, "opened by backend()");
    }

    /** Something moves in the last line of the terminal: {@code clear} takes it away before a message comes. */
    void progress(Runnable clear) {
        clearProgress = clear;
    }

    /** To be called before anything is printed. */
    void clearProgress() {
        Runnable clear = clearProgress;
        if (clear != null) {
            clearProgress = null;
            clear.run();
        }
    }

    /** From here on changes wait for each other, and nothing is done for good before {@link #commit}. */
    void holdBack(Call script) {
        this.script = script;
    }

    /** Keeps changes of a script for later. False: there is no script, they are to be done now. */
    boolean queue(List<Change> changes, Call by) {
        if (script == null) {
            return false;
        }
        Call caller = by.named(by.who()); // 300,000 lines wait here: their words need not
        for (Change change : changes) {
            queue.add(change);
            queuedBy.add(caller);
        }
        return true;
    }

    /** Does the changes that wait, in one list: for good only with {@link #commit}. */
    void flush() {
        Call of = script;
        if (of != null && !queue.isEmpty()) {
            var changes = List.copyOf(queue);
            var callers = List.copyOf(queuedBy);
            queue.clear();
            queuedBy.clear();
            of.done(backend(of::warn).apply(changes), callers::get);
        }
    }

    /** Does for good what was held back. */
    void commit() {
        flush();
        HeldTables tables = held;
        if (tables != null) {
            tables.commitAll();
        }
    }

    /** Forgets what was held back. */
    void rollback() {
        queue.clear();
        queuedBy.clear();
        HeldTables tables = held;
        if (tables != null) {
            tables.rollback();
        }
    }

    private Store open(Store.Mode mode, Consumer<String> warn) {
        Store opened = store;
        if (opened == null) {
            opened = Store.open(stateDirectory(), mode, environment.random(), environment.clock());
            store = opened;
            told = 0;
            tell = warn;
            tellNotices(opened);
        }
        return opened;
    }

    /** Those that are new: the ledger is opened when it is first needed, and may have more to say then. */
    private void tellNotices(Store opened) {
        List<String> notices = opened.notices();
        for (; told < notices.size(); told++) {
            tell.accept(notices.get(told));
        }
    }

    private void closeStore() {
        Store opened = store;
        store = null;
        if (opened != null) {
            try {
                tellNotices(opened);
            } finally {
                opened.close();
            }
        }
    }

    @Override
    public void close() {
        try {
            closeStore();
        } finally {
            for (KeyMaterial key : keys) {
                key.wipe();
            }
        }
    }
}
