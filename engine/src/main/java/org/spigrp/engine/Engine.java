package org.spigrp.engine;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Snapshot;
import org.spigrp.engine.Datagram.Piece;
import org.spigrp.engine.EngineOptions.Only;
import org.spigrp.sa.ErouteUse;
import org.spigrp.sa.NumberLedger;
import org.spigrp.sa.SaUse;
import org.spigrp.sa.Said;
import org.spigrp.sa.Selector;
import org.spigrp.wire.Packet;
import org.spigrp.wire.PacketSelector;
import org.spigrp.wire.Verdict;

/**
 * The stack as packets see it: those for a known SA are peeled, those that an eroute selects are protected, shunts act,
 * the rest passes or is dropped.
 *
 * <pre>
 *   batch --> parse --> fragments --> for an SA? --> Inbound ---\
 *                                        | no                    +--> verdicts --> sink, in the order of arrival
 *                                     eroutes ----> Outbound ---/
 * </pre>
 *
 * <p>Packets are looked at one after another and gathered; their cryptography and the ledger's commits are done for up
 * to {@link #BATCH} of them at once. The result is that of one packet after another. A packet is peeled or protected,
 * once: what was peeled is not looked up again, and neither is the outer packet of one that was protected (nested
 * tunnels are groups; a second pass through the eroutes is what broke them in the old stack, specification B-43).
 *
 * <p>Counting: each packet that came in counts once in {@link #counters}, fragments too; of a datagram that was put
 * together its last fragment counts with the whole's verdict, the others as REASSEMBLED. On SAs PROTECTED and PEELED
 * count for every member of the group, everything else for the member where it fell.
 *
 * <p>What the packet path allocates: nothing, but for an SA's or an eroute's first packet, kept fragments, and ICMP
 * errors about packets that are too big. The crypto engine's share is its own.
 *
 * <p>At a clean end: {@link #finish}, then {@link #forEachUse} and {@link #forEachErouteUse} into the tables and their
 * commit, then {@link #settle}. Without it nothing unsafe happens, but the next run skips numbers and refuses what lies
 * below the receive ceilings.
 *
 * <p>Not thread-safe: it has one owner.
 */
public final class Engine implements AutoCloseable {
    /** Packets that go through a layer together. */
    public static final int BATCH = 64;

    private final EngineOptions options;
    private final Worker worker;
    private final Spd spd;
    private final Sad sad;
    private final Classifier classifier;
    private final Fragments fragments;
    private final Inbound inbound;
    private final Outbound outbound;
    private final OuterFragmenter fragmenter;
    private final IcmpErrors errors;
    private final Verdicts counters = new Verdicts();
    private final Work[] works = new Work[BATCH];
    private int count;
    private final List<Packet> freeSlabs = new ArrayList<>();
    private final PacketSelector selector = new PacketSelector();
    /** Of fragments released and datagrams put together, while {@link #selector} has the one that came last. */
    private final PacketSelector scratch = new PacketSelector();
    /** Of what was peeled. */
    private final PacketSelector inner = new PacketSelector();

    private final List<Said> expired = new ArrayList<>();
    private final List<Said> soft = new ArrayList<>();
    private final Snapshot snapshot;
    private final NumberLedger ledger;
    private PacketSink sink = NowhereSink.NOWHERE;

    private final GroupPlan.Limits limits = new GroupPlan.Limits() {
        @Override
        public void soft(SaEntry member) {
            soft.add(member.sa.said());
        }

        @Override
        public void expired(SaEntry member) {
            expired.add(member.sa.said());
        }
    };

    /** @param random a CSPRNG */
    public Engine(
            Snapshot snapshot,
            NumberLedger ledger,
            CryptoEngine crypto,
            EngineOptions options,
            InstantSource clock,
            RandomGenerator random) {
        this(snapshot, ledger, crypto, options, clock, random, EngineSeams.NONE);
    }

    /** With a test's own IVs and ids. */
    public Engine(
            Snapshot snapshot,
            NumberLedger ledger,
            CryptoEngine crypto,
            EngineOptions options,
            InstantSource clock,
            RandomGenerator random,
            EngineSeams seams) {
        this.snapshot = snapshot;
        this.ledger = ledger;
        this.options = options;
        worker = new Worker(crypto, seams, clock, random);
        spd = new Spd(snapshot.eroutes());
        sad = new Sad(snapshot, ledger, worker, options.freshWindows());
        classifier = new Classifier(spd, sad, options);
        fragments = new Fragments(this::discard);
        var jobs = new CryptoJob[BATCH];
        fragmenter = new OuterFragmenter(random.nextInt());
        inbound = new Inbound(crypto, ledger, jobs);
        outbound = new Outbound(crypto, ledger, fragmenter, options.mtu(), jobs);
        errors = new IcmpErrors(options.local());
        for (int i = 0; i < BATCH; i++) {
            works[i] = new Work();
        }
    }

    /**
     * Takes the first {@code packetCount} packets, each of which begins with its IP header; what follows behind the IP
     * packet (link-layer padding) is cut off. When it returns all of them are the caller's again; fragments that wait
     * for others ({@link Verdict#HELD_FRAGMENT}) have been copied, and come out in a later call.
     */
    public void process(Packet[] batch, int packetCount, PacketSink newSink) {
        sink = newSink;
        worker.now();
        for (int i = 0; i < packetCount; i++) {
            arrive(batch[i]);
        }
        flush();
        sink = NowhereSink.NOWHERE;
    }

    /** No more packets will come: fragments that still wait are given up. */
    public void finish(PacketSink newSink) {
        sink = newSink;
        worker.now();
        fragments.giveUpAll();
        sink = NowhereSink.NOWHERE;
    }

    /**
     * What the SAs that a packet has asked for have done, to be put into the tables; at the end, and in between as often
     * as one likes.
     */
    public void forEachUse(BiConsumer<Said, SaUse> action) {
        for (SaEntry entry : sad.loaded()) {
            action.accept(entry.sa.said(), entry.state.toUse());
        }
    }

    /** The new use of the eroutes that have selected a packet. */
    public void forEachErouteUse(BiConsumer<Selector, ErouteUse> action) {
        for (Route route : spd.routes()) {
            if (route.wasUsed()) {
                action.accept(route.selector(), route.use(snapshot));
            }
        }
    }

    /**
     * After what {@link #forEachUse} gave is durable, and never before: tells the ledger which numbers were really used,
     * so that the next run goes on exactly behind them. Safe to be called again after more packets.
     *
     * @return false if the ledger could not write
     */
    public boolean settle() {
        for (SaEntry entry : sad.loaded()) {
            entry.state.stageExact();
        }
        return ledger.commit();
    }

    /** SAs that have reached a hard limit in this run; their groups carry nothing any more. */
    public List<Said> expired() {
        return List.copyOf(expired);
    }

    /** SAs that have passed a soft limit in this run, each announced once in its life. */
    public List<Said> softReached() {
        return List.copyOf(soft);
    }

    public Verdicts counters() {
        return counters;
    }

    /** Overwrites keys as far as the crypto engine can. */
    @Override
    public void close() {
        for (SaEntry entry : sad.loaded()) {
            entry.layer.close();
        }
        worker.close();
    }

    // From packet to work

    private void arrive(Packet packet) {
        packet.verdict(Verdict.NONE, 0);
        Verdict verdict = selector.parse(packet);
        if (verdict != Verdict.NONE) {
            end(packet, verdict);
            return;
        }
        packet.truncate(selector.end());
        fragments.now(nanosOf(packet));
        if (Fragments.isPart(packet, selector)) {
            fragment(packet);
        } else if (selector.isFragment()) {
            atomic(packet);
        } else {
            whole(packet, selector, false);
        }
    }

    /** A packet that does not know its time came now. */
    private long nanosOf(Packet packet) {
        return packet.timestamp() != 0 ? packet.timestamp() : worker.nanos();
    }

    private void whole(Packet packet, PacketSelector seen, boolean ownSlab) {
        if (options.only() != Only.PROTECT) {
            Verdict verdict = classifier.peel(packet, seen);
            if (verdict != Verdict.NONE) {
                end(begin(packet, ownSlab), verdict, 0);
                return;
            }
            SaEntry entry = classifier.found();
            if (entry != null) {
                peel(packet, entry, ownSlab);
                return;
            }
        }
        Route route = classifier.route(packet, seen);
        if (route == Route.UNDECIDED) {
            end(begin(packet, ownSlab), Verdict.TOO_SHORT, 0); // its ports are cut off
        } else {
            send(packet, seen, route, ownSlab);
        }
    }

    private void peel(Packet packet, SaEntry entry, boolean ownSlab) {
        GroupPlan plan = entry.plan;
        Work work = begin(packet, plan, ownSlab);
        work.outbound = false;
        Verdict verdict = classifier.mayReceive(entry);
        int layer = classifier.layer();
        if (verdict == Verdict.NONE) {
            verdict = plan.lifetimes(worker.seconds(), limits);
            layer = plan.expiredMember;
        }
        if (verdict != Verdict.NONE) {
            end(work, verdict, layer);
            return;
        }
        work.step = entry.index;
        work.first = true;
        work.active = true;
    }

    /** Where the eroute leads. */
    private void send(Packet packet, PacketSelector seen, Route route, boolean ownSlab) {
        Verdict verdict = classifier.withoutGroup(route);
        if (route.hasEroute()) {
            route.countUse(worker.seconds());
        }
        GroupPlan plan = route.plan;
        if (verdict != Verdict.NONE || plan == null) {
            end(begin(packet, ownSlab), verdict, 0);
            return;
        }
        Work work = begin(packet, plan, ownSlab);
        verdict = classifier.maySend(plan, packet, seen);
        int layer = classifier.layer();
        if (verdict == Verdict.NONE) {
            verdict = plan.lifetimes(worker.seconds(), limits);
            layer = plan.expiredMember;
        }
        if (verdict != Verdict.NONE) {
            end(work, verdict, layer);
            return;
        }
        if (options.mtu() > 0 && packet.length() + plan.mostOverhead > options.mtu()) {
            work.save(Classifier.headerLength(seen));
        }
        if (plan.natTransport) {
            Outbound.redirect(packet, plan);
        }
        plan.sending++;
        work.active = true;
    }

    private Work begin(Packet packet, boolean ownSlab) {
        if (count == BATCH) {
            flush();
        }
        Work work = works[count++];
        work.begin(packet, ownSlab);
        return work;
    }

    /** Where bytes or packets are limited, what went before must have been counted. */
    private Work begin(Packet packet, GroupPlan plan, boolean ownSlab) {
        if (plan.counted && plan.inBatch > 0) {
            flush();
        }
        Work work = begin(packet, ownSlab);
        plan.inBatch++;
        work.plan = plan;
        return work;
    }

    private void end(Packet packet, Verdict verdict) {
        end(begin(packet, false), verdict, 0);
    }

    private static void end(Work work, Verdict verdict, int layer) {
        work.end(verdict, layer);
    }

    // Fragments

    private void fragment(Packet packet) {
        Datagram datagram = fragments.find(packet, selector, 0);
        if (datagram == null) {
            Route route = classifier.routeOfPart(packet, selector);
            boolean waits = route == Route.UNDECIDED;
            boolean collects = !waits && classifier.wantsWhole();
            if (!waits && !collects && !classifier.mustFollow()) {
                send(packet, selector, route, false);
                return;
            }
            if (waits && !selector.isLaterFragment()) {
                end(packet, Verdict.BAD_FRAGMENT); // a first fragment that hides its ports (RFC 4301 7.3)
                return;
            }
            datagram = fragments.begin(packet, selector, 0);
            if (!waits) {
                datagram.state = collects ? Datagram.State.COLLECTING : Datagram.State.EACH;
                datagram.route = route;
            }
        }
        place(datagram, packet);
    }

    /** A fragment that is a whole datagram (RFC 6946) has nothing to do with others of its id. */
    private void atomic(Packet packet) {
        Route route = classifier.routeOfPart(packet, selector);
        if (route == Route.UNDECIDED) {
            end(packet, Verdict.BAD_FRAGMENT);
        } else if (classifier.wantsWhole()) {
            var datagram = new Datagram(0);
            Datagram.Placed placed = datagram.place(packet, selector);
            datagram.hold(packet, selector);
            if (placed == Datagram.Placed.NEW) {
                assemble(datagram, packet);
            } else {
                end(packet, Verdict.BAD_FRAGMENT);
            }
        } else {
            send(packet, selector, route, false);
        }
    }

    private void place(Datagram datagram, Packet packet) {
        switch (datagram.place(packet, selector)) {
            case BAD -> spoil(datagram, packet);
            case DUPLICATE -> duplicate(datagram, packet);
            case NEW -> {
                if (datagram.state == Datagram.State.WAITING && !selector.isLaterFragment()) {
                    decide(datagram, packet);
                } else if (datagram.state == Datagram.State.EACH) {
                    each(datagram, packet);
                } else {
                    keep(datagram, packet);
                }
            }
        }
    }

    private void spoil(Datagram datagram, Packet packet) {
        discard(datagram, Verdict.BAD_FRAGMENT);
        fragments.release(datagram);
        end(packet, Verdict.BAD_FRAGMENT);
    }

    /** Of one that is kept the same octets do no harm. Of one that went on already the first must go the same way. */
    private void duplicate(Datagram datagram, Packet packet) {
        if (datagram.state == Datagram.State.EACH) {
            boolean sameWay = selector.isLaterFragment() || classifier.routeOfPart(packet, selector) == datagram.route;
            if (sameWay) {
                each(datagram, packet);
                return;
            }
        } else if (datagram.isSameAsHeld(packet, selector)) {
            counters.count(Verdict.REASSEMBLED);
            packet.verdict(Verdict.REASSEMBLED, 0);
            return;
        }
        datagram.state = Datagram.State.BAD;
        spoil(datagram, packet);
    }

    /** The first fragment has come behind others. */
    private void decide(Datagram datagram, Packet packet) {
        Route route = classifier.routeOfPart(packet, selector);
        if (route == Route.UNDECIDED) {
            datagram.state = Datagram.State.BAD;
            spoil(datagram, packet);
            return;
        }
        datagram.route = route;
        if (classifier.wantsWhole()) {
            datagram.state = Datagram.State.COLLECTING;
            keep(datagram, packet);
            return;
        }
        datagram.state = Datagram.State.EACH;
        boolean complete = datagram.isComplete();
        List<Piece> waiting = List.copyOf(datagram.held());
        fragments.release(datagram);
        if (complete) {
            fragments.forget(packet, selector, 0);
        }
        send(packet, selector, route, false);
        for (Piece piece : waiting) {
            Packet copy = unpack(piece);
            Verdict verdict = scratch.parse(copy);
            assert verdict == Verdict.NONE : "it was parsed before it was kept";
            send(copy, scratch, route, true);
        }
    }

    private void each(Datagram datagram, Packet packet) {
        Route route = datagram.route == null ? Route.NONE : datagram.route;
        if (datagram.isComplete()) {
            fragments.forget(packet, selector, 0);
        }
        send(packet, selector, route, false);
    }

    private void keep(Datagram datagram, Packet packet) {
        fragments.hold(datagram, packet, selector);
        if (datagram.held().isEmpty()) {
            packet.verdict(Verdict.FRAGMENT_LIMIT, 0); // it was too much, and was given up with the rest
            return;
        }
        if (datagram.state != Datagram.State.COLLECTING || !datagram.isComplete()) {
            packet.verdict(Verdict.HELD_FRAGMENT, 0);
            return;
        }
        fragments.forget(packet, selector, 0);
        assemble(datagram, packet);
    }

    /** The last fragment to come becomes the whole datagram; the others count as part of it. */
    private void assemble(Datagram datagram, Packet last) {
        Packet slab = slab();
        Verdict verdict = datagram.assemble(slab, scratch);
        slab.timestamp(last.timestamp());
        slab.tag(last.tag());
        last.verdict(Verdict.REASSEMBLED, 0);
        counters.count(Verdict.REASSEMBLED, datagram.held().size() - 1);
        if (verdict == Verdict.NONE) {
            verdict = scratch.parse(slab);
        }
        if (verdict == Verdict.NONE) {
            whole(slab, scratch, true);
        } else {
            end(begin(slab, true), verdict, 0);
        }
    }

    /** Drops the kept fragments of a datagram. */
    private void discard(Datagram datagram, Verdict why) {
        for (Piece piece : datagram.held()) {
            Packet copy = unpack(piece);
            copy.verdict(why, 0);
            counters.count(why);
            sink.dropped(copy);
            freeSlabs.add(copy);
        }
    }

    private Packet unpack(Piece piece) {
        Packet copy = slab();
        boolean room = copy.append(piece.octets.length);
        assert room : "a slab has room for any packet";
        copy.put(0, piece.octets, 0, piece.octets.length);
        copy.timestamp(piece.timestamp);
        copy.tag(piece.tag);
        return copy;
    }

    /** At most one for each packet of a batch, and one or two more, are ever out. */
    private Packet slab() {
        Packet slab = freeSlabs.isEmpty()
                ? new Packet(Packet.DEFAULT_CAPACITY, Packet.DEFAULT_HEADROOM)
                : freeSlabs.removeLast();
        slab.reset(Packet.DEFAULT_HEADROOM);
        return slab;
    }

    // From work to verdict

    private void flush() {
        int todo = count;
        inbound.run(works, todo);
        for (int i = 0; i < todo; i++) {
            Work work = works[i];
            if (work.verdict == Verdict.PEELED) {
                judge(work);
            }
        }
        outbound.run(works, todo);
        count = 0;
        for (int i = 0; i < todo; i++) {
            emit(works[i]);
        }
    }

    /** The policy of the innermost tunnel (RFC 4301 5.2 step 4). */
    private void judge(Work work) {
        GroupPlan plan = work.group();
        InboundPolicy policy = plan.policy;
        if (policy == null) {
            return;
        }
        Verdict verdict = inner.parse(work.packet);
        if (verdict == Verdict.NONE) {
            verdict = Fragments.isPart(work.packet, inner)
                    ? judgePart(work, plan, policy)
                    : wholeVerdict(policy.judge(work.packet, inner));
        }
        work.verdict = verdict;
        work.layer = verdict == Verdict.PEELED ? 0 : plan.innermostTunnel;
    }

    private static Verdict wholeVerdict(Verdict judged) {
        return judged == Verdict.NONE ? Verdict.TOO_SHORT : judged; // its ports are cut off
    }

    /** Fragments inside the tunnel share their first one's fate (RFC 4301 7). */
    private Verdict judgePart(Work work, GroupPlan plan, InboundPolicy policy) {
        Packet packet = work.packet;
        fragments.now(nanosOf(packet));
        Datagram datagram = fragments.find(packet, inner, plan.id);
        if (datagram == null) {
            Verdict judged = policy.judge(packet, inner);
            if (!policy.portsMattered()) {
                return judged;
            }
            if (judged == Verdict.NONE && !inner.isLaterFragment()) {
                return Verdict.BAD_FRAGMENT;
            }
            datagram = fragments.begin(packet, inner, plan.id);
            if (judged != Verdict.NONE) {
                datagram.state = Datagram.State.EACH;
                datagram.fate = judged;
            }
        }
        Datagram.Placed placed = datagram.place(packet, inner);
        if (placed == Datagram.Placed.DUPLICATE && !isHarmless(datagram, packet, policy)) {
            datagram.state = Datagram.State.BAD;
        }
        if (datagram.state == Datagram.State.BAD) {
            discard(datagram, Verdict.BAD_FRAGMENT);
            fragments.release(datagram);
            return Verdict.BAD_FRAGMENT;
        }
        if (datagram.state == Datagram.State.WAITING) {
            Verdict judged = inner.isLaterFragment() ? Verdict.NONE : policy.judge(packet, inner);
            if (judged == Verdict.NONE) {
                fragments.hold(datagram, packet, inner);
                return Verdict.HELD_FRAGMENT;
            }
            datagram.state = Datagram.State.EACH;
            datagram.fate = judged;
            work.released = List.copyOf(datagram.held());
            fragments.release(datagram);
        }
        if (datagram.isComplete()) {
            fragments.forget(packet, inner, plan.id);
        }
        return datagram.fate;
    }

    private boolean isHarmless(Datagram datagram, Packet packet, InboundPolicy policy) {
        if (datagram.state == Datagram.State.WAITING) {
            return datagram.isSameAsHeld(packet, inner);
        }
        return inner.isLaterFragment() || datagram.fate == policy.judge(packet, inner);
    }

    private void emit(Work work) {
        Packet packet = work.packet;
        GroupPlan plan = work.plan;
        Verdict verdict = work.verdict;
        packet.verdict(verdict, work.layer);
        if (plan != null) {
            plan.inBatch = 0;
            plan.sending = 0;
            plan.taken = 0;
        }
        if (verdict != Verdict.HELD_FRAGMENT) {
            count(verdict, plan, work.layer, work.outbound);
            hand(work, packet, verdict);
        }
        release(work);
        if (work.ownSlab) {
            freeSlabs.add(packet);
        }
        work.forgetPacket();
    }

    private void hand(Work work, Packet packet, Verdict verdict) {
        switch (verdict) {
            case PROTECTED -> {
                if (options.mtu() > 0 && packet.length() > options.mtu()) {
                    fragmenter.cut(packet, options.mtu(), sink);
                } else {
                    sink.forward(packet);
                }
            }
            case PEELED, PASSED, PASSED_BY_SHUNT, PASSED_OWN -> sink.forward(packet);
            case REJECTED_BY_SHUNT -> {
                reply(errors.prohibited(packet), packet);
                sink.dropped(packet);
            }
            case EXCEEDS_MTU -> {
                if (work.isSaved()) {
                    int fits = OuterSize.largestInner(work.group(), work.clearHeader, options.mtu());
                    reply(errors.tooBig(work.saved(), fits), packet);
                }
                sink.dropped(packet);
            }
            default -> sink.dropped(packet);
        }
    }

    private void reply(@Nullable Packet icmp, Packet about) {
        if (icmp != null) {
            icmp.timestamp(about.timestamp());
            icmp.tag(about.tag());
            sink.reply(icmp, about);
        }
    }

    private void count(Verdict verdict, @Nullable GroupPlan plan, int layer, boolean out) {
        counters.count(verdict);
        if (plan == null) {
            return;
        }
        if (verdict == Verdict.PROTECTED || verdict == Verdict.PEELED) {
            for (SaEntry member : plan.members) {
                member.state.count(verdict, out);
            }
        } else {
            plan.members[layer].state.count(verdict, out);
        }
    }

    /** Fragments inside a tunnel that had come before their first share its verdict. */
    private void release(Work work) {
        for (Piece piece : work.released) {
            Packet copy = unpack(piece);
            copy.verdict(work.verdict, work.layer);
            count(work.verdict, work.plan, work.layer, false);
            if (work.verdict.isGood()) {
                sink.forward(copy);
            } else {
                sink.dropped(copy);
            }
            freeSlabs.add(copy);
        }
    }

    /** While no call is running. */
    private enum NowhereSink implements PacketSink {
        NOWHERE;

        @Override
        public void forward(Packet packet) {}

        @Override
        public void dropped(Packet packet) {}

        @Override
        public void reply(Packet icmp, Packet about) {}
    }
}
