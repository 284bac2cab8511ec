package org.spigrp.engine;

import java.util.Objects;
import org.spigrp.sa.NumberLedger;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpHeader;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

/**
 * Protects the packets of a batch: numbers for all of them first, then layer by layer.
 *
 * <pre>
 *                packet 1   packet 2   packet 3
 *   numbers      ---------- one commit ---------        all members of all groups
 *   layer 0      begin      begin      begin      one seal for all     end   end   end
 *   layer 1      begin      begin      begin      one seal for all     end   end   end
 * </pre>
 *
 * An SA is in one group at one place, so its packets keep their order whatever the batch's size.
 */
final class Outbound {
    private final CryptoEngine crypto;
    private final NumberLedger ledger;
    private final OuterFragmenter fragmenter;
    private final CryptoJob[] jobs;
    private final Worker worker;
    /** The groups of the batch's packets, each once. */
    private final GroupPlan[] plans = new GroupPlan[Engine.BATCH];

    private final Sealing sealing;

    private int planCount;
    private EngineWatch watch = EngineWatch.DEAF;

    Outbound(CryptoEngine crypto, NumberLedger ledger, OuterFragmenter fragmenter, CryptoJob[] jobs, Worker worker) {
        this.crypto = crypto;
        this.ledger = ledger;
        this.fragmenter = fragmenter;
        this.jobs = jobs;
        this.worker = worker;
        this.sealing = new Sealing(crypto);
    }

    void watch(EngineWatch newWatch) {
        watch = newWatch;
    }

    /** One more packet of the batch is to go through this group. */
    void expect(GroupPlan plan) {
        if (plan.expect()) {
            plans[planCount++] = plan;
        }
    }

    void run(Work[] works, int count) {
        if (planCount == 0) {
            return;
        }
        grant();
        boolean layered = false;
        for (int i = 0; i < count; i++) {
            Work work = works[i];
            if (!work.active || !work.outbound) {
                continue;
            }
            GroupPlan plan = work.group();
            if (plan.granted == 0) {
                work.end(plan.refusal, plan.refusing);
                continue;
            }
            plan.granted--;
            Encapsulation program = plan.encapsulation;
            if (program == null || plan.byLayers || !program.write(work)) {
                begin(work, 0); // in the order of arrival, as ids are
                plan.byLayers = true; // those behind it too: numbers keep the order
                layered = true;
            } else if (program.sealings() == 0) {
                finish(work, program);
            } else {
                sealing.add(work, program);
            }
        }
        sealing.run();
        for (int i = 0; i < sealing.count(); i++) {
            Work work = sealing.work(i);
            if (work.job.ok) {
                finish(work, Objects.requireNonNull(work.group().encapsulation));
            } else {
                work.end(Verdict.CRYPTO_FAILED, work.step);
            }
        }
        sealing.clear();
        for (int step = 0; layered; step++) {
            layered = layer(works, count, step);
        }
        for (int i = 0; i < planCount; i++) {
            plans[i].sent();
        }
        planCount = 0;
    }

    /** Numbers for all packets of the batch, made durable at once. */
    private void grant() {
        boolean staged = false;
        for (int i = 0; i < planCount; i++) {
            GroupPlan plan = plans[i];
            for (SaEntry member : plan.members) {
                if (member.state.needsGrant(plan.sending()) && member.refusedSeconds != worker.seconds()) {
                    member.state.stageGrants(plan.sending());
                    tellNearEnd(member);
                    member.grantStaged = true;
                    staged = true;
                }
            }
        }
        boolean durable = !staged || ledger.commit();
        for (int i = 0; i < planCount; i++) {
            granted(plans[i], durable);
        }
    }

    /** For how many of the group's packets every member has a number; the others take none of any member's. */
    private void granted(GroupPlan plan, boolean durable) {
        plan.granted = plan.sending();
        for (SaEntry member : plan.members) {
            if (member.grantStaged) {
                member.grantStaged = false;
                member.state.granted(durable);
                member.refusedSeconds = durable ? Long.MIN_VALUE : worker.seconds();
            }
            if (hasNumbers(member) && member.state.atHand() < plan.granted) {
                plan.granted = member.state.atHand();
                plan.refusal = member.state.maySend(plan.granted + 1);
                plan.refusing = (byte) member.index;
            }
        }
    }

    private static boolean hasNumbers(SaEntry member) {
        return !member.isTunnel && !member.isComp;
    }

    /** Looked at when a block is granted: often enough, and no work for a packet. */
    private void tellNearEnd(SaEntry member) {
        long last = member.sa.lastNumber();
        if (!member.nearEndTold
                && member.sa.hasSequence()
                && Long.compareUnsigned(member.state.lastSent(), last - Long.divideUnsigned(last, 10)) >= 0) {
            member.nearEndTold = true;
            watch.numbersNearEnd(member.sa.said());
        }
    }

    private boolean layer(Work[] works, int count, int step) {
        boolean some = false;
        int sealing = 0;
        for (int i = 0; i < count; i++) {
            Work work = works[i];
            if (work.active && work.outbound) {
                some = true;
                boolean begun = step == 0 || begin(work, step);
                if (begun && work.job.context != null) {
                    jobs[sealing++] = work.job;
                }
            }
        }
        if (sealing > 0) {
            crypto.seal(jobs, sealing);
        }
        for (int i = 0; i < count; i++) {
            Work work = works[i];
            if (work.active && work.outbound) {
                end(work);
            }
        }
        return some;
    }

    private static boolean begin(Work work, int step) {
        GroupPlan plan = work.group();
        work.step = step;
        SaEntry member = plan.members[step];
        work.job.context = null;
        Verdict verdict = !member.isTunnel && IpHeader.family(work.packet, 0) != member.family
                ? Verdict.WRONG_FAMILY
                : member.layer.beginOut(work.packet, work.job);
        if (verdict != Verdict.NONE) {
            work.end(verdict, step);
        }
        return work.active;
    }

    private void end(Work work) {
        GroupPlan plan = work.group();
        SaEntry member = work.member();
        Verdict verdict = work.job.context != null && !work.job.ok
                ? Verdict.CRYPTO_FAILED
                : member.layer.endOut(work.packet, work.job);
        if (verdict != Verdict.NONE) {
            work.end(verdict, work.step);
        } else if (work.step == plan.members.length - 1) {
            finish(work);
        }
    }

    private void finish(Work work, Encapsulation program) {
        program.count(work);
        work.group().used = true;
        finish(work);
    }

    private void finish(Work work) {
        work.end(fits(work) ? Verdict.PROTECTED : Verdict.EXCEEDS_MTU, work.group().members.length - 1);
    }

    private boolean fits(Work work) {
        Packet packet = work.packet;
        int mtu = work.mtu;
        if (mtu == 0 || packet.length() <= mtu) {
            return true;
        }
        boolean smallestV6 = work.isSaved()
                && work.group().tunnelFirst
                && work.clearLength <= IcmpErrors.LEAST_V6_MTU
                && IpHeader.family(work.saved(), 0) == Family.INET6;
        return fragmenter.mayCut(packet, mtu, smallestV6) == Verdict.NONE;
    }

    /**
     * With UDP encapsulation and no tunnel the packet must go to the peer's address to be found there, as in KLIPS; the
     * peer computes the checksums of TCP and UDP anew (RFC 3948 3.1.2).
     */
    static void redirect(Packet packet, GroupPlan plan) {
        SaEntry member = plan.members[0];
        if (IpHeader.family(packet, 0) == member.family) {
            member.sa.said().destination().write(packet, IpHeader.destinationAt(member.family, 0));
            if (member.family == Family.INET) {
                Ipv4Header.updateChecksum(packet, 0);
            }
        }
    }
}
