package org.spigrp.cli;

import java.nio.file.Files;
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
import org.spigrp.command.Outcome;
import org.spigrp.command.Registry;
import org.spigrp.command.Snapshot;
import org.spigrp.sa.KeyMaterial;
import org.spigrp.store.Store;
import org.spigrp.wire.IpAddress;

/**
 * What one run of {@code ipsec} works on: the state directory, opened at the first use and only as far as needed
 * (listings do not wait for each other), or the daemon that holds it; and what was looked up already. A script is one
 * session of many commands.
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

    private boolean lookedForDaemon;
    private @Nullable RemoteBackend daemon;

    private final List<Change> queue = new ArrayList<>();
    private final List<Call> queuedBy = new ArrayList<>();
    private final List<Runnable> later = new ArrayList<>();
    private boolean listingWaits;

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

    /** The daemon that holds this state, or null where none runs. The same answer for the whole session. */
    @Nullable
    RemoteBackend daemon() {
        if (!lookedForDaemon) {
            Path socket = environment.runDirectory().resolve("control");
            daemon = Files.exists(socket) ? RemoteBackend.connect(socket) : null; // no class of it is loaded without
            lookedForDaemon = true;
        }
        return daemon;
    }

    /** What needs the state for itself says so before it begins. */
    void requireNoDaemon() {
        RemoteBackend running = daemon();
        if (running != null) {
            throw new Refusal("a daemon (process " + running.pid() + ") holds this state: stop it with 'ipsec setup"
                    + " stop', or take another IPSEC_STATE");
        }
    }

    /** Does the changes, here or in the daemon. */
    Outcome apply(List<Change> changes, Consumer<String> warn) {
        RemoteBackend running = daemon();
        return running != null ? running.apply(changes) : backend(warn).apply(changes);
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
        if (listingWaits) {
            throw new Refusal(
                    "changes something behind a listing, but the daemon does a script in one piece at its end:"
                            + " put listings behind all changes, or use --keep-going");
        }
        Call caller = by.named(by.who()); // 300,000 lines wait here: their words need not
        for (Change change : changes) {
            queue.add(change);
            queuedBy.add(caller);
        }
        return true;
    }

    /** Before somebody asks what there is: does the changes that wait, in one list, for good only with {@link #commit}. */
    void flush() {
        if (!queue.isEmpty() && daemon() != null) {
            throw new Refusal(
                    "depends on what lines before it have changed, but the daemon does a script in one piece at"
                            + " its end: put this line into a script of its own, or use --keep-going");
        }
        applyQueue();
    }

    /** Whether changes wait that only the daemon can do. */
    boolean waitsForDaemon() {
        return !queue.isEmpty() && daemon() != null;
    }

    /**
     * Something to print when the daemon has done the script.
     *
     * @param all it tells of all that there is, so no change may follow
     */
    void later(boolean all, Runnable print) {
        later.add(print);
        listingWaits |= all;
    }

    /** Prints what had to wait for {@link #commit}. */
    void printLater() {
        List<Runnable> all = List.copyOf(later);
        later.clear();
        listingWaits = false;
        all.forEach(Runnable::run);
    }

    private void applyQueue() {
        Call of = script;
        if (of != null && !queue.isEmpty()) {
            var changes = List.copyOf(queue);
            var callers = List.copyOf(queuedBy);
            queue.clear();
            queuedBy.clear();
            of.done(apply(changes, of::warn), callers::get);
        }
    }

    /** Does for good what was held back. */
    void commit() {
        applyQueue();
        HeldTables tables = held;
        if (tables != null) {
            tables.commitAll();
        }
    }

    /** Forgets what was held back. */
    void rollback() {
        queue.clear();
        queuedBy.clear();
        later.clear();
        listingWaits = false;
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
            if (daemon != null) {
                daemon.close();
            }
            for (KeyMaterial key : keys) {
                key.wipe();
            }
        }
    }
}
