package org.spigrp.engine;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.spigrp.engine.Datagram.Piece;
import org.spigrp.engine.EngineOptions.Only;
import org.spigrp.wire.Packet;
import org.spigrp.wire.PacketSelector;
import org.spigrp.wire.Verdict;

/**
 * Looks at packets one after another, in the order of their arrival, and puts each into the batch: with the group that
 * it is to go through, or with the verdict that it ends in. Fragments wait here for those that decide about them.
 */
final class Arrivals {
    /**
     * Where there are so many eroutes that it pays to read ahead, one in so many packets of unknown flows has its flow
     * remembered: one that has many packets soon is.
     */
    private static final int REMEMBERED = 8;

    private final Batch batch;
    private final Classifier classifier;
    private final Fragments fragments;
    private final Worker worker;
    private final GroupPlan.Limits limits;
    private final PacketSelector selector = new PacketSelector();
    /** Of fragments released and datagrams put together, while {@link #selector} has the one that came last. */
    private final PacketSelector scratch = new PacketSelector();

    Arrivals(Batch batch, Classifier classifier, Fragments fragments, Worker worker, GroupPlan.Limits limits) {
        this.batch = batch;
        this.classifier = classifier;
        this.fragments = fragments;
        this.worker = worker;
        this.limits = limits;
    }

    /** @param ahead what was read ahead of them; null = nothing was */
    void arrive(Packet[] packets, int from, int to, @Nullable Lookahead ahead) {
        for (int i = from; i < to; ) {
            int gone;
            if (!fragments.isEmpty()) {
                gone = 0; // each must be looked at
            } else if (ahead != null && ahead.isUnknown(i - from)) {
                gone = goStraight(packets[i], ahead.route(i - from), i % REMEMBERED == 0);
            } else {
                gone = goAtOnce(packets, i, to);
            }
            if (gone == 0) {
                arrive(packets[i]);
                gone = 1;
            }
            i += gone;
        }
    }

    private void arrive(Packet packet) {
        packet.verdict(Verdict.NONE, 0);
        Verdict verdict = selector.parse(packet);
        if (verdict != Verdict.NONE) {
            batch.end(packet, verdict);
            return;
        }
        packet.truncate(selector.end());
        fragments.now(worker.timeOf(packet));
        if (Fragments.isPart(packet, selector)) {
            fragment(packet);
        } else if (selector.isFragment()) {
            atomic(packet);
        } else {
            whole(packet, selector, false);
        }
    }

    /** How many packets, from this one on, are of known flows that go the same way, and have nothing unusual. */
    private int goAtOnce(Packet[] packets, int from, int to) {
        Flows.Flow flow = classifier.flow(packets[from]);
        if (flow == null) {
            return goStraight(packets[from], null, true);
        }
        Encapsulation program = flow.program();
        if (program != null && classifier.only() != Only.PEEL) {
            int written = batch.write(packets, from, to, flow, program);
            if (written > 0) {
                flow.route().countUse(written, worker.seconds());
            }
            return written;
        }
        EspUntunnel untunnel = flow.untunnel();
        return untunnel != null && classifier.only() != Only.PROTECT
                ? batch.open(packets, from, to, flow, untunnel)
                : 0;
    }

    /**
     * A packet whose flow is not known. If its eroute is all that need be asked for, it is not parsed.
     *
     * @param likely see {@link Spd#lookupPlain}
     * @return 1 if it is on its way, 0 = it is as it was
     */
    private int goStraight(Packet packet, @Nullable Route likely, boolean remember) {
        Route route = classifier.plainRoute(packet, likely);
        Encapsulation program = route == null ? null : route.program;
        if (route == null || program == null) {
            return 0;
        }
        if (remember) {
            classifier.remember(program, route, packet);
        }
        if (!batch.write(packet, program, route)) {
            return 0;
        }
        route.countUse(1, worker.seconds());
        return 1;
    }

    private void whole(Packet packet, PacketSelector seen, boolean ownSlab) {
        if (classifier.only() != Only.PROTECT) {
            Verdict verdict = classifier.peel(packet, seen);
            if (verdict != Verdict.NONE) {
                batch.begin(packet, ownSlab).end(verdict, 0);
                return;
            }
            SaEntry entry = classifier.found();
            if (entry != null) {
                peel(packet, seen, entry, ownSlab);
                return;
            }
        }
        if (classifier.isLoop(packet, seen)) {
            SaEntry own = Objects.requireNonNull(classifier.found());
            batch.begin(packet, own.plan, ownSlab).end(Verdict.LOOP, own.index);
            return;
        }
        Route route = classifier.route(packet, seen);
        if (route == Route.UNDECIDED) {
            batch.begin(packet, ownSlab).end(Verdict.TOO_SHORT, 0); // its ports are cut off
        } else {
            send(packet, seen, route, ownSlab);
        }
    }

    private void peel(Packet packet, PacketSelector seen, SaEntry entry, boolean ownSlab) {
        GroupPlan plan = entry.plan;
        Work work = batch.begin(packet, plan, ownSlab);
        work.outbound = false;
        Verdict verdict = classifier.mayReceive(entry);
        int layer = classifier.layer();
        if (verdict == Verdict.NONE) {
            verdict = plan.lifetimes(worker.seconds(), limits);
            layer = plan.expiredMember;
        }
        if (verdict != Verdict.NONE) {
            work.end(verdict, layer);
            return;
        }
        EspUntunnel program = plan.untunnel;
        if (program != null && !ownSlab && entry == plan.outermost()) {
            classifier.remember(program, packet, seen);
        }
        plan.peelsByLayers = true;
        work.front.take(packet, seen);
        work.step = entry.index;
        work.first = true;
        work.active = true;
    }

    /** Where the eroute leads. */
    private void send(Packet packet, PacketSelector seen, Route route, boolean ownSlab) {
        Verdict verdict = classifier.withoutGroup(route, packet, seen);
        if (route.hasEroute()) {
            route.countUse(1, worker.seconds());
        }
        GroupPlan plan = route.plan;
        if (verdict == Verdict.CLEAR_BUT_PROTECTED && classifier.found() != null) {
            SaEntry tunnel = Objects.requireNonNull(classifier.found());
            Work work = batch.begin(packet, tunnel.plan, ownSlab);
            work.outbound = false;
            work.end(verdict, tunnel.index);
            return;
        }
        if (verdict != Verdict.NONE || plan == null) {
            Work work = batch.begin(packet, ownSlab);
            work.route = route;
            work.end(verdict, 0);
            return;
        }
        Encapsulation program = ownSlab ? null : plan.freeProgram();
        if (program != null) {
            classifier.remember(program, route, packet, seen);
            if (batch.write(packet, program, route)) {
                return;
            }
        }
        Work work = batch.begin(packet, plan, ownSlab);
        work.route = route;
        work.mtu = plan.mtu(batch.linkMtu(), worker.nanos());
        verdict = classifier.maySend(plan, packet, seen);
        int layer = classifier.layer();
        if (verdict == Verdict.NONE) {
            verdict = plan.lifetimes(worker.seconds(), limits);
            layer = plan.expiredMember;
        }
        if (verdict != Verdict.NONE) {
            work.end(verdict, layer);
            return;
        }
        if (work.mtu > 0 && packet.length() + plan.mostOverhead > work.mtu) {
            work.save(Classifier.headerLength(seen));
        }
        if (plan.natTransport) {
            Outbound.redirect(packet, plan);
        }
        batch.send(work);
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
                batch.end(packet, Verdict.BAD_FRAGMENT); // a first fragment that hides its ports (RFC 4301 7.3)
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
            batch.end(packet, Verdict.BAD_FRAGMENT);
        } else if (classifier.wantsWhole()) {
            var datagram = new Datagram(0);
            Datagram.Placed placed = datagram.place(packet, selector);
            datagram.hold(packet, selector);
            if (placed == Datagram.Placed.NEW) {
                assemble(datagram, packet);
            } else {
                batch.end(packet, Verdict.BAD_FRAGMENT);
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
        batch.discard(datagram, Verdict.BAD_FRAGMENT);
        fragments.release(datagram);
        batch.end(packet, Verdict.BAD_FRAGMENT);
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
            batch.counters().count(Verdict.REASSEMBLED);
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
            Packet copy = batch.unpack(piece);
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
        Packet slab = batch.slab();
        Verdict verdict = datagram.assemble(slab, scratch);
        slab.timestamp(last.timestamp());
        slab.tag(last.tag());
        last.verdict(Verdict.REASSEMBLED, 0);
        batch.counters().count(Verdict.REASSEMBLED, datagram.held().size() - 1);
        if (verdict == Verdict.NONE) {
            verdict = scratch.parse(slab);
        }
        if (verdict == Verdict.NONE) {
            whole(slab, scratch, true);
        } else {
            batch.begin(slab, true).end(verdict, 0);
        }
    }
}
