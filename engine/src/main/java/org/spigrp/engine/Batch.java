package org.spigrp.engine;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.spigrp.engine.Datagram.Piece;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

/**
 * The packets that are gathered, and what happens to all of them at once: layers, policy, and the hand-over to the
 * sink, where every packet is counted.
 */
final class Batch {
    private final Worker worker;
    private final Inbound inbound;
    private final Outbound outbound;
    private final OuterFragmenter fragmenter;
    private final IcmpErrors errors;
    private int linkMtu;
    private final Verdicts counters = new Verdicts();
    private final Work[] works = new Work[Engine.BATCH];
    private int count;
    /** The groups of the batch's packets, each once. */
    private final GroupPlan[] plans = new GroupPlan[Engine.BATCH];

    private int planCount;
    /** Those that let packets go at once, each once. */
    private final Encapsulation[] programs = new Encapsulation[Engine.BATCH];

    private int programCount;
    /** Packets that programs have begun when they came. */
    private final Trains trains;

    private final List<Packet> freeSlabs = new ArrayList<>();
    private PacketSink sink = NowhereSink.NOWHERE;
    private Judge judge = _ -> {};
    private @Nullable Work current;

    /** Has the last word on what was peeled. */
    interface Judge {
        void judge(Work work);
    }

    Batch(Worker worker, Inbound inbound, Outbound outbound, OuterFragmenter fragmenter, EngineOptions options) {
        this.worker = worker;
        this.inbound = inbound;
        this.outbound = outbound;
        this.fragmenter = fragmenter;
        this.errors = new IcmpErrors(options.local());
        for (int i = 0; i < works.length; i++) {
            works[i] = new Work();
        }
        this.trains = new Trains(worker.crypto, works);
    }

    void judge(Judge newJudge) {
        judge = newJudge;
    }

    /**
     * Until {@link #close}, packets go there.
     *
     * @param newLinkMtu of the link that protected packets leave by, 0 = no limit
     */
    void open(PacketSink newSink, int newLinkMtu) {
        sink = newSink;
        linkMtu = newLinkMtu;
    }

    int linkMtu() {
        return linkMtu;
    }

    /** While a packet is handed to the sink: the group that it went through or stumbled in, or null. */
    @Nullable
    GroupPlan current() {
        return current == null ? null : current.plan;
    }

    /** While a packet is handed to the sink: the eroute that took it, or {@link Route#NONE}. */
    Route currentRoute() {
        return current == null ? Route.NONE : current.route;
    }

    void close() {
        flush();
        sink = NowhereSink.NOWHERE;
    }

    Verdicts counters() {
        return counters;
    }

    Work begin(Packet packet, boolean ownSlab) {
        Work work = free();
        count++;
        work.begin(packet, ownSlab);
        return work;
    }

    /** The next one; it is taken by raising {@link #count}. */
    private Work free() {
        if (count == works.length) {
            flush();
        }
        return works[count];
    }

    /** Where bytes or packets are limited, what went before must have been counted. */
    Work begin(Packet packet, GroupPlan plan, boolean ownSlab) {
        if (plan.counted && plan.inBatch > 0) {
            flush();
        }
        Work work = begin(packet, ownSlab);
        note(plan, 1);
        work.plan = plan;
        return work;
    }

    private void note(GroupPlan plan, int packets) {
        if (plan.inBatch == 0) {
            plans[planCount++] = plan;
        }
        plan.inBatch += packets;
    }

    /**
     * Writes packets that go the same way, as far as they may go at once, fit, and have room in their slabs; the batch's
     * end seals them.
     *
     * @param flow of the first of them
     * @return how many; the next one is as it was
     */
    int write(Packet[] packets, int from, int to, Flows.Flow flow, Encapsulation program) {
        Work first = free();
        int most = Math.min(Math.min(to - from, works.length - count), program.mayGoAtOnce());
        int written = program.write(packets, from, most, program.longest(linkMtu, worker), flow, works, count);
        if (written > 0) {
            trains.leave(first, written, program, flow.route());
            note(program);
            count += written;
        }
        return written;
    }

    /** The same with one packet, of whatever flow. */
    boolean write(Packet packet, Encapsulation program, Route route) {
        Work work = free();
        work.join(packet, program.plan());
        if (program.mayGoAtOnce() == 0 || packet.length() > program.longest(linkMtu, worker) || !program.write(work)) {
            return false;
        }
        program.count(work);
        trains.leave(work, 1, program, route);
        note(program);
        count++;
        return true;
    }

    private void note(Encapsulation program) {
        if (program.begins()) {
            programs[programCount++] = program;
        }
    }

    /**
     * Takes in packets that come the same way, as far as they are usual ones.
     *
     * @param flow of the first of them
     * @return how many; the next one is as it was
     */
    int open(Packet[] packets, int from, int to, Flows.Flow flow, EspUntunnel program) {
        Work first = free();
        GroupPlan plan = program.plan();
        int most = plan.peelsByLayers ? 0 : Math.min(to - from, works.length - count);
        int begun = program.begin(packets, from, most, flow, works, count);
        if (begun > 0) {
            trains.come(first, begun, program);
            note(plan, begun);
            count += begun;
        }
        return begun;
    }

    /** It is to go through the layers of its group. */
    void send(Work work) {
        outbound.expect(work.group());
        work.active = true;
    }

    void end(Packet packet, Verdict verdict) {
        begin(packet, false).end(verdict, 0);
    }

    /** Drops the kept fragments of a datagram. */
    void discard(Datagram datagram, Verdict why) {
        for (Piece piece : datagram.held()) {
            Packet copy = unpack(piece);
            copy.verdict(why, 0);
            counters.count(why);
            sink.dropped(copy);
            freeSlabs.add(copy);
        }
    }

    Packet unpack(Piece piece) {
        Packet copy = slab();
        boolean room = copy.append(piece.octets.length);
        assert room : "a slab has room for any packet";
        copy.put(0, piece.octets, 0, piece.octets.length);
        copy.timestamp(piece.timestamp);
        copy.tag(piece.tag);
        return copy;
    }

    /** At most one for each packet of a batch, and one or two more, are ever out. */
    Packet slab() {
        Packet slab = freeSlabs.isEmpty()
                ? new Packet(Packet.DEFAULT_CAPACITY, Packet.DEFAULT_HEADROOM)
                : freeSlabs.removeLast();
        slab.reset(Packet.DEFAULT_HEADROOM);
        return slab;
    }

    private void flush() {
        int todo = count;
        if (trains.run(todo) < todo) {
            run(todo);
        }
        count = 0;
        for (int i = 0; i < todo; ) {
            Work work = works[i];
            int train = work.train;
            current = work;
            if (train == 0) {
                emit(work);
                i++;
            } else {
                forward(work, i, train);
                i += train;
            }
        }
        current = null;
        for (int i = 0; i < programCount; i++) {
            programs[i].tell(worker.seconds());
        }
        programCount = 0;
        for (int i = 0; i < planCount; i++) {
            plans[i].tell(worker.seconds());
        }
        planCount = 0;
    }

    /** Hands on what a program has done from beginning to end. */
    private void forward(Work first, int at, int train) {
        Route route = first.route;
        Encapsulation program = first.program;
        Verdict verdict = program != null ? Verdict.PROTECTED : Verdict.PEELED;
        int layer = program != null ? program.last() : 0;
        int good = 0;
        for (int i = at; i < at + train; i++) {
            Work work = works[i];
            if (work.job.ok) {
                Packet packet = work.packet;
                packet.verdict(verdict, layer);
                sink.forward(packet);
                good++;
            } else {
                work.failed(route);
                emit(work);
            }
        }
        counters.count(verdict, good);
        if (program != null) {
            program.sent(good);
        } else {
            first.group().good(false, good);
        }
    }

    /** All but what a program does from beginning to end. */
    private void run(int todo) {
        inbound.run(works, todo);
        for (int i = 0; i < todo; i += works[i].span()) {
            Work work = works[i];
            if (work.train == 0 && work.verdict == Verdict.PEELED) {
                judge.judge(work);
            }
        }
        outbound.run(works, todo);
    }

    private void emit(Work work) {
        Packet packet = work.packet;
        GroupPlan plan = work.plan;
        Verdict verdict = work.verdict;
        packet.verdict(verdict, work.layer);
        if (verdict == Verdict.PROTECTED && plan != null) {
            counters.count(verdict);
            plan.good(true, 1);
            leave(work, packet, plan);
        } else if (verdict != Verdict.HELD_FRAGMENT) {
            count(verdict, plan, work.layer, work.outbound);
            hand(work, packet, verdict);
        }
        if (!work.released.isEmpty()) {
            release(work);
        }
        if (work.ownSlab) {
            freeSlabs.add(packet);
        }
    }

    private void leave(Work work, Packet packet, GroupPlan plan) {
        IpAddress peer = plan.peer();
        if (peer != null) {
            PeerAddress.write(packet, peer, plan.peerPort());
        }
        if (work.mtu > 0 && packet.length() > work.mtu) {
            fragmenter.cut(packet, work.mtu, sink);
        } else {
            sink.forward(packet);
        }
    }

    private void hand(Work work, Packet packet, Verdict verdict) {
        switch (verdict) {
            case PEELED, PASSED, PASSED_BY_SHUNT, PASSED_OWN -> sink.forward(packet);
            case REJECTED_BY_SHUNT -> {
                reply(errors.prohibited(packet), packet);
                sink.dropped(packet);
            }
            case EXCEEDS_MTU -> {
                if (work.isSaved()) {
                    int fits = OuterSize.largestInner(work.group(), work.clearHeader, work.mtu);
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
            plan.good(out, 1);
        } else {
            plan.members[layer].state.count(verdict, out);
        }
    }

    /** Fragments inside a tunnel that had come before their first share its verdict. */
    private void release(Work work) {
        List<Piece> released = work.released;
        for (int i = 0; i < released.size(); i++) { // an iterator would be garbage for every packet
            Packet copy = unpack(released.get(i));
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
