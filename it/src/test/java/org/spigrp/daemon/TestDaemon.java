package org.spigrp.daemon;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Change;
import org.spigrp.command.Event;
import org.spigrp.command.Listing;
import org.spigrp.command.Outcome;
import org.spigrp.command.Registry;
import org.spigrp.command.Stop;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.Group;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;
import org.spigrp.store.Store;

/** The real control socket before a stack without traffic: a store, and the registry over it. */
public final class TestDaemon implements AutoCloseable {
    private final Store store;
    private final ControlServer server;
    private final StoreDesk desk;

    /** @param state the state directory; the socket is in {@code run} below it */
    public TestDaemon(Path state, InstantSource clock) {
        store = Store.open(state, Store.Mode.WRITE, new Random(11), clock);
        desk = new StoreDesk(store, clock);
        server = ControlServer.bind(state.resolve("run"), null);
        server.serve(desk);
    }

    /** As the stack does when something happens. */
    public void tell(Event event) {
        desk.watchers.forEach(watcher -> watcher.accept(event));
    }

    /** Returns when so many watch. */
    public void awaitWatchers(int count) throws InterruptedException {
        synchronized (desk.watchers) {
            while (desk.watchers.size() < count) {
                desk.watchers.wait();
            }
        }
    }

    /** What it was last asked to leave behind, or null. */
    public @Nullable Stop stopped() {
        return desk.stopped;
    }

    @Override
    public void close() {
        server.close();
        store.close();
    }

    private final class StoreDesk implements Desk {
        private final Registry registry;
        private final InstantSource clock;
        private final List<Consumer<Event>> watchers = new CopyOnWriteArrayList<>();
        private volatile @Nullable Stop stopped;

        StoreDesk(Store store, InstantSource clock) {
            this.registry = new Registry(store.tables(), store.fingerprints(), store.ledger(), clock);
            this.clock = clock;
        }

        @Override
        public synchronized Outcome apply(List<Change> changes) {
            return registry.apply(changes);
        }

        @Override
        public synchronized void list(Listing listing, boolean json, Consumer<String> line) {
            listing.print(registry.snapshot(), clock.instant(), json, line);
        }

        @Override
        public synchronized @Nullable SecurityAssociation sa(Said said) {
            return registry.snapshot().sa(said);
        }

        @Override
        public synchronized @Nullable Eroute eroute(Selector selector) {
            return registry.snapshot().eroute(selector);
        }

        @Override
        public synchronized @Nullable Said groupNamed(String name) {
            Group group = registry.snapshot().groupNamed(name);
            return group == null ? null : group.first();
        }

        @Override
        public String status() {
            return "{\"version\":\"0.1.0\",\"pid\":" + Long.MAX_VALUE + "}"; // a process that there cannot be
        }

        @Override
        public void clearCounters() {}

        @Override
        public void stop(Stop how) {
            stopped = how;
            Thread.ofPlatform().start(server::close);
        }

        @Override
        public AutoCloseable watch(boolean debug, Consumer<Event> taker) {
            synchronized (watchers) {
                watchers.add(taker);
                watchers.notifyAll();
            }
            return () -> watchers.remove(taker);
        }
    }
}
