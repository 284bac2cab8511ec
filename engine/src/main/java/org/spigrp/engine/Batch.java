package org.spigrp.engine;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.spigrp.engine.Datagram.Piece;
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
    /** Packets that were written when they came. */
    private final Sealing written;
    /** Packets that were begun to be peeled when they came. */
    private final Opening begun;

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
        this.written = new Sealing(worker.crypto);
        this.begun = new Opening(worker.crypto);
        this.inbound = inbound;
        this.outbound = outbound;
        this.fragmenter = fragmenter;
        this.errors = new IcmpErrors(options.local());
        for (int i = 0; i < works.length; i++) {
            works[i] = new Work();
        }
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
        note(plan);
        work.plan = plan;
        return work;
    }

    private void note(GroupPlan plan) {
        if (plan.inBatch++ == 0) {
            plans[planCount++] = plan;
        }
    }

    /**
     * Writes a packet that {@link Encapsulation#mayGoAtOnce}; the batch's end seals it.
     *
     * @return false if there is no room in its slab: it is as it was
     */
    boolean write(Packet packet, Encapsulation program, Route route) {
        Work work = free();
        work.written(packet, program, route);
        if (!program.write(work)) {
            return false;
        }
        count++;
        note(program.plan());
        program.count(work);
        written.add(work, program);
        return true;
    }

    /** Takes in a packet that is to be peeled; false if it is not a usual one: it is as it was. */
    boolean open(Packet packet, EspUntunnel program) {
        Work work = free();
        GroupPlan plan = program.plan();
        if (plan.peelsByLayers || !program.begin(packet, work.job)) {
            return false;
        }
        work.begun(packet, program);
        count++;
        note(plan);
        begun.add(work);
        return true;
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
        int ready = written.count();
        written.run();
        written.clear();
        ready += begun.run();
        if (ready < todo) {
            run(todo);
        }
        count = 0;
        for (int i = 0; i < todo; i++) {
            Work work = works[i];
            current = work;
            if (work.written && work.job.ok) {
                forward(work, Verdict.PROTECTED, work.group().members.length - 1);
            } else if (work.untunnel != null) {
                forward(work, Verdict.PEELED, 0);
            } else {
                emit(work);
            }
        }
        current = null;
        for (int i = 0; i < planCount; i++) {
            plans[i].tell(worker.seconds());
        }
        planCount = 0;
    }

    /** Hands on what a program has done from beginning to end. */
    private void forward(Work work, Verdict verdict, int layer) {
        Packet packet = work.packet;
        counters.count(verdict);
        work.group().good(verdict == Verdict.PROTECTED);
        packet.verdict(verdict, layer);
        sink.forward(packet);
    }

    /** All but what a program does from beginning to end. */
    private void run(int todo) {
        inbound.run(works, todo);
        for (int i = 0; i < todo; i++) {
            Work work = works[i];
            if (work.verdict == Verdict.PEELED && work.untunnel == null) {
                judge.judge(work);
            }
        }
        outbound.run(works, todo);
    }

    private void emit(Work work) {
        Packet packet = work.packet;
        if (work.written) {
            work.failed();
        }
        GroupPlan plan = work.plan;
        Verdict verdict = work.verdict;
        packet.verdict(verdict, work.layer);
        if (verdict == Verdict.PROTECTED && plan != null) {
            counters.count(verdict);
            plan.good(true);
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
        if (plan.peer != null) {
            PeerAddress.write(packet, plan.peer, plan.peerPort);
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
            plan.good(out);
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
