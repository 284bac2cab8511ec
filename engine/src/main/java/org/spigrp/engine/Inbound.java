package org.spigrp.engine;

import org.spigrp.sa.NumberLedger;
import org.spigrp.wire.AhHeader;
import org.spigrp.wire.EspHeader;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpCompHeader;
import org.spigrp.wire.IpHeader;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Packet;
import org.spigrp.wire.UdpHeader;
import org.spigrp.wire.Verdict;

/**
 * Peels the packets of a batch, from the outermost layer inwards.
 *
 * <p>At each layer the header must be that of the group's next member: its protocol and SPI, sent to its destination by
 * its source. Then, for all packets at once: lengths and windows are looked at, ICVs verified and layers taken off,
 * receive ceilings made durable, and at last windows moved. A window moves when the ICV of its own layer is good; that
 * a layer further in is bad does not turn it back, for the number has been used (RFC 4303 3.4.3 knows one SA only).
 *
 * <p>The window is asked again when it moves, in the order of the packets, and also for packets whose ICV is wrong: so
 * the verdicts are those that one packet after another would have had.
 */
final class Inbound {
    private final CryptoEngine crypto;
    private final NumberLedger ledger;
    private final CryptoJob[] jobs;
    /** Packets whose {@link #jobs} are with the crypto. */
    private final Work[] waiting = new Work[Engine.BATCH];

    Inbound(CryptoEngine crypto, NumberLedger ledger, CryptoJob[] jobs) {
        this.crypto = crypto;
        this.ledger = ledger;
        this.jobs = jobs;
    }

    /** Packets that got through all layers end in PEELED; the tunnel's policy is yet to be asked. */
    void run(Work[] works, int count) {
        int waits = 0;
        int opening = 0;
        for (int i = 0; i < count; i++) {
            Work work = works[i];
            if (work.active && !work.outbound && (work.opened || begin(work))) {
                waiting[waits++] = work;
                if (!work.opened) {
                    jobs[opening++] = work.job;
                }
            }
        }
        while (waits > 0) {
            crypto.open(jobs, opening);
            raiseCeilings(waits);
            int more = 0;
            for (int i = 0; i < waits; i++) {
                Work work = waiting[i];
                end(work, work.member());
                if (work.active && begin(work)) {
                    waiting[more] = work;
                    jobs[more++] = work.job;
                }
            }
            waits = more;
            opening = more;
        }
    }

    /** Tunnels need no crypto and are taken off at once. True if the packet waits at a member for its crypto. */
    private static boolean begin(Work work) {
        while (true) {
            Verdict verdict = find(work);
            if (verdict == Verdict.NONE && work.step < 0) {
                work.front.close(work.packet);
                work.end(Verdict.PEELED, 0);
                return false;
            }
            SaEntry member = work.member();
            if (verdict == Verdict.NONE) {
                work.job.context = null;
                work.job.number = 0;
                verdict = member.layer.beginIn(work.packet, work.front, work.job);
            }
            if (verdict != Verdict.NONE) {
                drop(work, verdict);
                return false;
            }
            if (work.job.context != null) {
                return true;
            }
            end(work, member);
            if (!work.active) {
                return false;
            }
        }
    }

    /** Who sees the packet sees it as it was when the verdict fell. */
    private static void drop(Work work, Verdict verdict) {
        work.front.close(work.packet);
        work.end(verdict, Math.max(work.step, 0));
    }

    /** Looks which member the next header belongs to; IPComp members that the sender left out are passed over. */
    private static Verdict find(Work work) {
        if (work.step < 0) {
            return Verdict.NONE;
        }
        Packet packet = work.packet;
        Front front = work.front;
        if (!front.isKnown()) {
            Verdict verdict = front.parse(packet);
            if (verdict != Verdict.NONE) {
                return verdict;
            }
        }
        while (work.member().isComp && !isFor(work, packet)) {
            int length = front.length(packet);
            work.member().state.countCompression(length, length);
            if (--work.step < 0) {
                return Verdict.NONE;
            }
        }
        SaEntry member = work.member();
        if (!work.first) { // the first header's SA was found by its SAID
            Verdict verdict = compare(work, member);
            if (verdict != Verdict.NONE) {
                return verdict;
            }
        }
        work.first = false;
        if (front.isPart()) {
            return Verdict.FRAGMENT_IN_TRANSPORT;
        }
        Family family = front.family();
        return member.comesFrom(packet, family, IpHeader.sourceAt(family, 0)) ? Verdict.NONE : Verdict.WRONG_SOURCE;
    }

    /** What is compressed is not compressed again: of IPComp members side by side an inner one may have done it. */
    private static boolean isFor(Work work, Packet packet) {
        if (work.front.protocol() != IpProtocol.IPCOMP) {
            return false;
        }
        int at = work.front.at();
        if (IpCompHeader.check(packet, at) != Verdict.NONE) {
            return true; // the layer will say so
        }
        int cpi = IpCompHeader.cpi(packet, at);
        SaEntry[] members = work.group().members;
        for (int i = work.step; i >= 0 && members[i].isComp; i--) {
            if (members[i].sa.said().spi() == cpi) {
                return i == work.step;
            }
        }
        return true; // the well-known CPI, or one that the layer refuses
    }

    private static Verdict compare(Work work, SaEntry member) {
        Packet packet = work.packet;
        Front front = work.front;
        int protocol = front.protocol();
        if (member.isTunnel) {
            if (protocol == IpProtocol.IPV4 || protocol == IpProtocol.IPV6) {
                return isSentTo(member, packet, front.family()) ? Verdict.NONE : Verdict.WRONG_ORDER;
            }
            return isIpsec(protocol) ? Verdict.WRONG_ORDER : Verdict.NOT_A_TUNNEL_PACKET;
        }
        if (member.isComp) {
            return isSentTo(member, packet, front.family())
                    ? Verdict.NONE
                    : Verdict.WRONG_ORDER; // the layer looks at the CPI
        }
        int spiAt = spiAt(packet, front, member);
        if (spiAt < 0) {
            return Verdict.INCOMPLETE_GROUP;
        }
        if (spiAt > packet.length() - 4) {
            return Verdict.TOO_SHORT;
        }
        int spi = packet.u32(spiAt);
        if (protocolOf(protocol) == member.sa.said().protocol().number()
                && spi == member.sa.said().spi()
                && isSentTo(member, packet, front.family())) {
            return Verdict.NONE;
        }
        return isFurtherIn(work, protocolOf(protocol), spi) ? Verdict.INCOMPLETE_GROUP : Verdict.WRONG_ORDER;
    }

    /** Where the SPI of an ESP or AH header is, -1 if the packet has none. IPComp is out of place here, and has none. */
    private static int spiAt(Octets packet, Front front, SaEntry member) {
        int at = front.at();
        return switch (front.protocol()) {
            case IpProtocol.ESP -> at + EspHeader.SPI;
            case IpProtocol.AH -> at + AhHeader.SPI;
            case IpProtocol.IPCOMP -> at;
            case IpProtocol.UDP -> {
                boolean mayBeEsp = member.natTraversal.isUsed() && UdpHeader.check(packet, at) == Verdict.NONE;
                int offset = mayBeEsp ? UdpEncapsulation.espOffset(packet, at) : 0;
                yield offset == 0 ? -1 : at + offset;
            }
            default -> -1;
        };
    }

    private static int protocolOf(int protocol) {
        return protocol == IpProtocol.UDP ? IpProtocol.ESP : protocol;
    }

    private static boolean isIpsec(int protocol) {
        return protocol == IpProtocol.ESP || protocol == IpProtocol.AH || protocol == IpProtocol.IPCOMP;
    }

    private static boolean isSentTo(SaEntry member, Octets packet, Family family) {
        return member.isSentTo(packet, family, IpHeader.destinationAt(family, 0));
    }

    private static boolean isFurtherIn(Work work, int protocol, int spi) {
        for (int i = work.step - 1; i >= 0; i--) {
            SaEntry member = work.group().members[i];
            if (member.sa.said().protocol().number() == protocol
                    && (member.isComp || member.sa.said().spi() == spi)) {
                return true;
            }
        }
        return false;
    }

    /** No number above the durable ceiling is accepted: raises it for all SAs of the batch with one commit. */
    private void raiseCeilings(int count) {
        boolean staged = false;
        for (int i = 0; i < count; i++) {
            Work work = waiting[i];
            if (work.job.ok) {
                SaEntry member = work.member();
                if (member.layer.needsCeiling(work.job)) {
                    member.layer.stageCeiling(work.job);
                    member.ceilingStaged = true;
                    staged = true;
                }
            }
        }
        if (!staged) {
            return;
        }
        boolean durable = ledger.commit();
        for (int i = 0; i < count; i++) {
            SaEntry member = waiting[i].member();
            if (member.ceilingStaged) {
                member.ceilingStaged = false;
                member.state.ceilingGranted(durable);
            }
        }
    }

    private static boolean isGood(CryptoJob job) {
        return job.context == null || job.ok;
    }

    private static void end(Work work, SaEntry member) {
        CryptoJob job = work.job;
        Verdict verdict = Verdict.NONE;
        if (!isGood(job) && job.number != 0) {
            verdict = member.state.window().check(job.number); // an earlier packet of the batch may have moved it
        }
        if (verdict == Verdict.NONE) {
            verdict = member.layer.endIn(work.packet, work.front, job);
        }
        if (verdict == Verdict.NONE) {
            verdict = member.layer.acceptIn(work.packet, work.front, job);
        }
        if (verdict == Verdict.NONE) {
            work.step--;
        } else {
            drop(work, verdict);
        }
    }
}
