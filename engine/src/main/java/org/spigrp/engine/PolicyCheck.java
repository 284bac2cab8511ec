package org.spigrp.engine;

import java.util.List;
import org.spigrp.wire.Packet;
import org.spigrp.wire.PacketSelector;
import org.spigrp.wire.Verdict;

/** Asks the inbound policy of the innermost tunnel about what was peeled (RFC 4301 5.2 step 4). */
final class PolicyCheck implements Batch.Judge {
    private final Batch batch;
    private final Fragments fragments;
    private final Worker worker;
    private final PacketSelector inner = new PacketSelector();
    private final Enclosed enclosed = new Enclosed();

    PolicyCheck(Batch batch, Fragments fragments, Worker worker) {
        this.batch = batch;
        this.fragments = fragments;
        this.worker = worker;
    }

    @Override
    public void judge(Work work) {
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
            if (verdict == Verdict.PEELED && plan.untunnel != null) {
                plan.untunnel.remember(inner);
            }
        }
        if (verdict == Verdict.POLICY_MISMATCH && quotesAllowed(work, policy)) {
            verdict = Verdict.PEELED;
        }
        work.verdict = verdict;
        work.layer = verdict == Verdict.PEELED ? 0 : plan.innermostTunnel;
    }

    /** An ICMP error may come from any router on the way: it is judged by the packet it quotes (RFC 4301 6.2). */
    private boolean quotesAllowed(Work work, InboundPolicy policy) {
        Packet quoted = enclosed.turnedRound(work.packet, inner);
        return quoted != null && policy.judge(quoted, enclosed.seen()) == Verdict.PEELED;
    }

    private static Verdict wholeVerdict(Verdict judged) {
        return judged == Verdict.NONE ? Verdict.TOO_SHORT : judged; // its ports are cut off
    }

    /** Fragments inside the tunnel share their first one's fate (RFC 4301 7). */
    private Verdict judgePart(Work work, GroupPlan plan, InboundPolicy policy) {
        Packet packet = work.packet;
        fragments.now(worker.timeOf(packet));
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
            batch.discard(datagram, Verdict.BAD_FRAGMENT);
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
}
