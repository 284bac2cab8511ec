package org.spigrp.daemon;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Change;
import org.spigrp.command.DebugFlag;
import org.spigrp.command.Event;
import org.spigrp.command.Listing;
import org.spigrp.command.NotDurable;
import org.spigrp.command.Outcome;
import org.spigrp.command.Registry;
import org.spigrp.command.Snapshot;
import org.spigrp.command.Stop;
import org.spigrp.command.Tables;
import org.spigrp.engine.CryptoEngines;
import org.spigrp.engine.Engine;
import org.spigrp.engine.EngineOptions;
import org.spigrp.engine.EngineWatch;
import org.spigrp.engine.PacketSink;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.LifetimeKind;
import org.spigrp.sa.SaUse;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;
import org.spigrp.store.Store;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Packet;

/**
 * The live stack: one thread that owns everything, tables, engine and ports, so that no packet ever meets a half-made
 * change.
 *
 * <pre>
 *   loop    commands that wait -> changes of the network -> a batch from every port -> what a second brings -> wait
 * </pre>
 *
 * <p>A change is checked against the tables, then devices and sockets that it needs are opened, then it is made durable,
 * then the engine is told. Refused at any of these steps it leaves nothing behind. Commands come from other threads
 * ({@link Desk}) and wait until the loop has done them; while a large one is done packets wait in the kernel's queues.
 */
final class Live implements Desk, Attached.Aside, AutoCloseable {
    private static final long SECOND = 1_000_000_000L;
    /** Between two commits of what SAs have done: so much of limits by bytes may be forgotten by a crash. */
    private static final int CHECKPOINT_SECONDS = 10;
    /** Above so many SAs the listing files are written on changes only; up to as many, the text is made of a copy, aside. */
    private static final int MOST_LISTED_EACH_SECOND = 2000;
    /** Of the time so much is for listing files at most, however many SAs there are: packets wait meanwhile. */
    private static final int LISTING_SHARE = 100;
    /** After a second's other work, so that packets wait for one half at a time. */
    private static final long LISTING_BEHIND = SECOND / 2;
    /** SAs, or eroutes, above which no listing files are written: it would take seconds, and packets wait meanwhile. */
    private static final int MOST_LISTED = 50_000;
    /** Changes of one transaction that are told one by one. */
    private static final int MOST_TOLD = 100;
    /** Batches that are looked for in the kernel's queues when the stack ends. */
    private static final int MOST_DRAINED = 64;

    private final Store store;
    private final NotedTables tables;
    private final Registry registry;
    private final Engine engine;
    private final Machine machine;
    private final SteadyClock clock;
    private final Events events;
    private final Interfaces interfaces;
    private final Decisions decisions;
    private final Drops drops;
    private final Holds holds = new Holds();
    private final SoftTimers soft = new SoftTimers();
    private final Keepalives keepalives = new Keepalives();
    /** Writes listing files. */
    private final ExecutorService scribe = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("listings").factory());

    private final ListingFiles files;
    private final @Nullable TapFile tap;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final List<Said> expired = new ArrayList<>();
    private final Instant since;
    private final RunOptions options;
    private boolean retrying;
    private boolean changed = true;
    private boolean unlisted;
    /** Of the tables, for listing files, as long as it is like them but for uses. */
    private @Nullable Tables copy;

    private long nextListing;
    private boolean unsaved;
    private long nextTick;
    private long nextCheckpoint;
    private long packetsBefore;
    private boolean troubleTold;
    private volatile @Nullable Stop stop;
    private volatile boolean ended;
    private volatile @Nullable Thread owner;

    private final EngineWatch watch = new EngineWatch() {
        @Override
        public void soft(Said said, @Nullable LifetimeKind kind) {
            unsaved = true;
            events.tell(
                    Event.Kind.SOFT_EXPIRY,
                    said,
                    "has passed its soft limit of " + word(kind) + ": prepare its successor",
                    "limit",
                    word(kind));
        }

        @Override
        public void expired(Said said, @Nullable LifetimeKind kind) {
            expired.add(said);
            tellExpired(said, word(kind));
        }

        @Override
        public void numbersNearEnd(Said said) {
            events.tell(
                    Event.Kind.SEQUENCE_NEAR_END,
                    said,
                    "has used nine tenths of its sequence numbers: prepare its successor");
        }

        @Override
        public void compressed(Said said, int before, int after, @Nullable String why) {
            decisions.compressed(said, before, after, why);
        }

        @Override
        public void peerMoved(Said outbound, IpAddress address, int port) {
            events.tell(
                    Event.Kind.PEER_MOVED,
                    outbound,
                    "its peer is at " + address + " port " + port + " now",
                    "address",
                    address.toString(),
                    "port",
                    Integer.toString(port));
        }
    };

    /** @param log hears what happens, a line each, without keys */
    Live(
            Store store,
            Machine machine,
            InstantSource wall,
            LongSupplier nanos,
            RandomGenerator random,
            RunOptions options,
            String version,
            Consumer<String> log) {
        this.store = store;
        this.machine = machine;
        this.options = options;
        clock = new SteadyClock(wall, nanos, Instant.ofEpochSecond(store.lastChangeSeconds()));
        since = clock.instant();
        events = new Events(clock, log);
        decisions = new Decisions(events);
        drops = new Drops(events);
        tables = new NotedTables(store.tables());
        registry = new Registry(tables, store.fingerprints(), store.ledger(), clock);
        engine = new Engine(
                tables,
                store.ledger(),
                CryptoEngines.best(options.workers(), line -> events.tell(Event.Kind.STACK, null, line)),
                EngineOptions.DEFAULT.withUnmatched(EngineOptions.Unmatched.DROP),
                clock,
                random);
        engine.watch(watch);
        engine.local(machine.localAddresses());
        interfaces = new Interfaces(machine, engine, tables, this, options, clock, events);
        tables.beforeRemoval(this::remember);
        tables.mtus(interfaces);
        files = new ListingFiles(options.runDirectory(), version, log, scribe);
        tap = options.tap() == null ? null : TapFile.open(options.tap(), clock, events);
    }

    private static String word(@Nullable LifetimeKind kind) {
        return kind == null ? "life" : kind.text();
    }

    /** Makes real what the tables want. What cannot be had now is told, and tried again when the network changes. */
    void start() {
        owner = Thread.currentThread();
        CryptoEngines.load();
        long now = clock.instant().getEpochSecond();
        for (SecurityAssociation sa : tables.sas()) {
            follow(sa.said(), now);
        }
        for (String line : store.notices()) {
            events.tell(Event.Kind.STACK, null, line);
        }
        interfaces.openAll();
        followDebug();
        nextTick = clock.nanos();
        nextListing = clock.nanos();
        nextCheckpoint = clock.nanos() + CHECKPOINT_SECONDS * SECOND;
        events.tell(
                Event.Kind.STACK, null, "started: " + tables.saCount() + " SAs, " + tables.erouteCount() + " eroutes");
    }

    private void follow(Said said, long now) {
        soft.set(tables, said, now);
        keepalives.set(tables, said, now);
        interfaces.followNat(said);
    }

    /** Runs until {@link #stop}. */
    void run() {
        machine.hurry();
        while (stop == null) {
            if (!turn()) {
                long now = clock.nanos();
                long due = Math.min(nextTick - now, unlisted ? nextListing - now : SECOND);
                machine.await(Math.max(0, Math.min(due, interfaces.nextDueNanos())));
            }
        }
        end(Objects.requireNonNull(stop));
    }

    /** Once around the loop; true if there was something to do. */
    boolean turn() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
        machine.look();
        changed |= interfaces.takeNews();
        boolean some = interfaces.pump();
        if (!expired.isEmpty()) {
            expire();
        }
        if (clock.nanos() - nextTick >= 0) {
            nextTick = clock.nanos() + SECOND;
            second();
        } else if (unlisted && clock.nanos() - nextListing >= 0) {
            list();
        }
        return some;
    }

    /** Work that can wait a second. */
    private void second() {
        Instant now = clock.instant();
        if (soft.someCountFromUse()) {
            putUses();
        }
        expireByTime(now.getEpochSecond());
        for (Said said = soft.due(now.getEpochSecond()); said != null; said = soft.due(now.getEpochSecond())) {
            engine.checkLife(said);
            putUses();
            soft.set(tables, said, now.getEpochSecond());
        }
        if (!expired.isEmpty()) {
            expire();
        }
        drops.tell();
        engine.age(NOWHERE);
        holds.age(clock.nanos());
        keepalives.send(tables, now.getEpochSecond(), interfaces.local(), interfaces::send);
        interfaces.second(changed);
        unlisted |= changed || tables.saCount() <= MOST_LISTED_EACH_SECOND;
        changed = false;
        long soonest = clock.nanos() + LISTING_BEHIND;
        if (soonest - nextListing > 0) {
            nextListing = soonest;
        }
        if (tap != null) {
            tap.flush();
        }
        if (unsaved || clock.nanos() - nextCheckpoint >= 0) {
            checkpoint();
        }
    }

    /** Has listing files written; not together with {@link #second}, as packets wait for both. */
    private void list() {
        long begun = clock.nanos();
        int entries = Math.max(tables.saCount(), tables.erouteCount());
        if (entries <= MOST_LISTED_EACH_SECOND) {
            unlisted = !files.writeStill(this::still, clock.instant());
        } else if (entries <= MOST_LISTED) {
            putUses();
            unlisted = !files.write(tables, clock.instant());
        } else {
            unlisted = false;
            files.leaveOut(MOST_LISTED);
        }
        long ended = clock.nanos();
        nextListing = ended + Math.max(LISTING_BEHIND, LISTING_SHARE * (ended - begun));
    }

    private Snapshot still() {
        Tables current = copy;
        if (current == null) {
            current = Still.copy(tables);
            copy = current;
        }
        return new Still(current, tables, engine);
    }

    /** What SAs and eroutes have done goes into the tables, to be seen, and made durable by the next commit. */
    private void putUses() {
        engine.forEachChangedUse(tables::putUse);
        engine.forEachChangedErouteUse(tables::putErouteUse);
    }

    private void checkpoint() {
        nextCheckpoint = clock.nanos() + CHECKPOINT_SECONDS * SECOND;
        long packets = engine.counters().total();
        if (packets == packetsBefore && !unsaved) {
            return;
        }
        unsaved = false;
        packetsBefore = packets;
        putUses();
        try {
            tables.commitAll();
            engine.usesKept();
            troubleTold = false;
        } catch (NotDurable trouble) {
            engine.tellAllAgain();
            if (!troubleTold) {
                troubleTold = true;
                events.tell(
                        Event.Kind.STACK,
                        null,
                        "what SAs have done could not be written: " + trouble.getMessage()
                                + "; SAs stop when their granted numbers are used up");
            }
        }
    }

    private void expireByTime(long now) {
        List<Said> due = new ArrayList<>();
        tables.due(now).forEach(due::add);
        if (!due.isEmpty()) {
            for (Said said : due) {
                tellExpired(said, "time");
            }
            applyNow(List.of()); // what is due goes first, whatever is asked
        }
    }

    private void expire() {
        List<Change> changes = new ArrayList<>();
        for (Said said : expired) {
            changes.add(new Change.Expire(said));
        }
        expired.clear();
        applyNow(changes);
    }

    private void tellExpired(Said said, String limit) {
        var group = tables.groupOf(said);
        events.tell(
                Event.Kind.HARD_EXPIRY,
                said,
                "has passed its hard limit of " + limit + " and is gone"
                        + (group == null ? "" : ", and its group with it: " + group.members()),
                "limit",
                limit);
    }

    /** An SA is about to go: how its packets ended stays known. */
    private void remember(Said said) {
        SaUse use = engine.use(said);
        tables.goneCounts().add(said, use != null ? use : tables.use(said));
    }

    // Changes

    private Outcome applyNow(List<Change> changes) {
        putUses();
        Outcome outcome = registry.apply(changes);
        if (!outcome.isDone()) {
            engine.tellAllAgain();
            return outcome;
        }
        var opening = interfaces.prepare();
        try {
            opening.open();
            tables.commitAll();
        } catch (Machine.Trouble | NotDurable trouble) {
            opening.undo();
            tables.rollback();
            engine.tellAllAgain();
            return new Outcome.Failed(String.valueOf(trouble.getMessage()));
        }
        engine.usesKept();
        packetsBefore = engine.counters().total();
        opening.keep();
        tellEngine();
        int told = Math.min(changes.size(), MOST_TOLD);
        for (Change change : changes.subList(0, told)) {
            tell(change);
        }
        if (changes.size() > told) {
            events.tell(Event.Kind.CHANGE, null, "and " + (changes.size() - told) + " more changes");
        }
        return outcome;
    }

    private void tellEngine() {
        Set<Said> sas = tables.takeSas();
        Set<Selector> eroutes = tables.takeEroutes();
        engine.refresh(sas, eroutes);
        long now = clock.instant().getEpochSecond();
        for (Said said : sas) {
            follow(said, now);
            decisions.note(DebugFlag.SPI, said, said + (tables.sa(said) == null ? " is gone" : " is known"));
        }
        followDebug();
        changed = true;
        copy = null;
        interfaces.groupsChanged();
        if (!eroutes.isEmpty() || !sas.isEmpty()) {
            retryHeld();
        }
    }

    private void followDebug() {
        decisions.flags(tables.debug());
        engine.watchCompression(decisions.on(DebugFlag.COMP));
    }

    private void tell(Change change) {
        String name = change.getClass().getSimpleName();
        decisions.note(DebugFlag.PFKEY, null, name);
        events.tell(Event.Kind.CHANGE, Named.said(change), Named.say(change), "change", name);
    }

    // Aside of the packets' way

    @Override
    public void held(Attached at, Packet packet) {
        Eroute eroute = engine.eroute();
        if (eroute == null) {
            return;
        }
        Selector wants = holds.hold(at, packet, eroute, clock.nanos());
        if (wants != null && !retrying) {
            events.tell(
                    Event.Kind.ACQUIRE,
                    null,
                    "an SA is wanted for " + wants.source() + " -> " + wants.destination()
                            + (wants.protocol() == Selector.ANY_PROTOCOL ? "" : " protocol " + wants.protocol())
                            + ": answer with 'ipsec eroute --add' or '--replace'; its first and last packet wait",
                    "source",
                    wants.source().toString(),
                    "destination",
                    wants.destination().toString(),
                    "protocol",
                    Integer.toString(wants.protocol()));
        }
    }

    /** Packets that waited for an eroute try again, in their order. */
    private void retryHeld() {
        if (holds.isEmpty()) {
            return;
        }
        retrying = true;
        for (Holds.Waiting waiting : holds.takeAll()) {
            interfaces.again(waiting);
        }
        retrying = false;
    }

    @Override
    public void dropped(Attached at, Packet packet, boolean outbound) {
        drops.note(packet, engine.group());
    }

    @Override
    public void pathMtu(List<Said> group) {
        int octets = engine.pathMtu(group.getFirst());
        events.tell(
                Event.Kind.PATH_MTU,
                group.getFirst(),
                "the path to " + group.getLast().destination() + " takes packets of " + octets + " octets",
                "mtu",
                Integer.toString(octets));
        interfaces.groupsChanged();
    }

    @Override
    public void ended(Attached at) {
        interfaces.lost(at);
    }

    @Override
    public @Nullable Tapped tapped() {
        return tap;
    }

    @Override
    public Decisions decisions() {
        return decisions;
    }

    /** Of an interface that was closed. */
    void forget(Attached at) {
        holds.forget(at);
    }

    // The desk

    private <T extends @Nullable Object> T ask(Supplier<T> work) {
        if (Thread.currentThread() == owner) {
            return work.get();
        }
        var answer = new CompletableFuture<T>();
        tasks.add(() -> {
            try {
                answer.complete(work.get());
            } catch (RuntimeException | Error trouble) {
                answer.completeExceptionally(trouble);
            }
        });
        if (ended) {
            answer.completeExceptionally(new Machine.Trouble("the stack has ended: start it with 'ipsec setup start'"));
        }
        machine.wake();
        return answer.join();
    }

    @Override
    public Outcome apply(List<Change> changes) {
        return ask(() -> applyNow(changes));
    }

    @Override
    public void list(Listing listing, boolean json, Consumer<String> line) {
        ask(() -> {
            putUses();
            listing.print(tables, clock.instant(), json, line);
            return true;
        });
    }

    @Override
    public @Nullable SecurityAssociation sa(Said said) {
        return ask(() -> tables.sa(said));
    }

    @Override
    public @Nullable Eroute eroute(Selector selector) {
        return ask(() -> tables.eroute(selector));
    }

    @Override
    public @Nullable Said groupNamed(String name) {
        return ask(() -> {
            var group = tables.groupNamed(name);
            return group == null ? null : group.first();
        });
    }

    @Override
    public String status() {
        return ask(() -> Status.json(options, since, clock.instant(), interfaces, engine, holds, tables));
    }

    @Override
    public void clearCounters() {
        ask(() -> {
            tables.goneCounts().clear();
            engine.clearCounts();
            List<Said> counted = new ArrayList<>();
            for (Said said : tables.saids()) {
                SaUse use = tables.use(said);
                if (!use.out().isEmpty() || !use.in().isEmpty()) {
                    counted.add(said);
                }
            }
            for (Said said : counted) {
                tables.putUse(said, tables.use(said).withoutCounts());
            }
            putUses(); // of those that are at work, over it
            copy = null;
            unsaved = true;
            return true;
        });
    }

    @Override
    public void stop(Stop how) {
        stop = how;
        machine.wake();
    }

    @Override
    public AutoCloseable watch(boolean debug, Consumer<Event> taker) {
        if (!debug) {
            return events.watch(false, taker);
        }
        return ask(() -> {
            decisions.replay(taker); // what was decided before somebody looked
            return events.watch(true, taker);
        });
    }

    // The end

    /** Drains what has come, says exactly which numbers were used, and closes, each as far as it can be done. */
    private void end(Stop how) {
        machine.look();
        for (int i = 0; i < MOST_DRAINED && interfaces.pump(); i++) {
            expired.clear();
            machine.look();
        }
        engine.finish(NOWHERE);
        engine.forEachUse(tables::putUse);
        engine.forEachErouteUse(tables::putErouteUse);
        boolean exact = true;
        try {
            tables.commitAll();
            exact = engine.settle();
        } catch (NotDurable trouble) {
            exact = false;
        }
        drops.tell();
        events.tell(
                Event.Kind.STACK,
                null,
                exact ? "stopped" : "stopped; the numbers used could not be written exactly, so some will be skipped");
        interfaces.end(how);
        files.remove();
        ended = true;
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private static final PacketSink NOWHERE = new PacketSink() {
        @Override
        public void forward(Packet packet) {}

        @Override
        public void dropped(Packet packet) {}

        @Override
        public void reply(Packet icmp, Packet about) {}
    };

    @Override
    public void close() {
        if (tap != null) {
            tap.close();
        }
        interfaces.close();
        engine.close();
        scribe.close();
    }
}
