package org.spigrp.engine;

import org.jspecify.annotations.Nullable;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.SaState;
import org.spigrp.sa.Transform.EcnPolicy;
import org.spigrp.wire.EspHeader;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Packet;
import org.spigrp.wire.PacketSelector;
import org.spigrp.wire.PlainV4;
import org.spigrp.wire.UdpHeader;
import org.spigrp.wire.Verdict;

/**
 * What {@link EspTunnel} is for packets that leave, for those that come: ESP with integrity in a tunnel over IPv4, with
 * UDP around it or not, and an IPv4 packet inside.
 *
 * <p>It says yes to what is as it nearly always is, and to nothing else: a packet of which anything is unusual is left as
 * it was, for {@link Inbound} to go through it layer by layer and name what is wrong. So it has no verdicts of its own.
 */
final class EspUntunnel {
    private final GroupPlan plan;
    private final SaEntry tunnel;
    private final SaEntry esp;
    private final EspLayer layer;
    /** What {@link #layer} opens with, once it was asked. */
    private CryptoEngine.@Nullable Context opening;

    private final SaState state;
    private final SaState tunnelState;
    private final EcnPolicy ecn;
    private final boolean nat;
    private final int spi;
    private final int espAt;
    private final int front;
    private final int icvOctets;
    private final int blockMask;
    private final int ivOctets;
    private final boolean esn;
    private final Flows innerFlows;
    private long peeled;
    private long octets;

    private EspUntunnel(GroupPlan plan, EspLayer layer, TunnelLayer outer) {
        this.plan = plan;
        this.layer = layer;
        tunnel = plan.members[0];
        esp = plan.members[1];
        state = esp.state;
        tunnelState = tunnel.state;
        ecn = outer.ecn();
        nat = esp.natTraversal.isUsed();
        spi = esp.sa.said().spi();
        espAt = Ipv4Header.MIN_LENGTH + (nat ? UdpHeader.LENGTH : 0);
        front = Ipv4Header.MIN_LENGTH + layer.front();
        icvOctets = layer.icvOctets();
        blockMask = layer.blockMask();
        ivOctets = layer.ivOctets();
        esn = layer.hasEsn();
        innerFlows = layer.worker.innerFlows;
    }

    /** Null if the group is another one. */
    static @Nullable EspUntunnel of(GroupPlan plan) {
        SaEntry[] members = plan.members;
        return members.length == 2
                        && members[0].layer instanceof TunnelLayer outer
                        && members[1].layer instanceof EspLayer layer
                        && members[0].family == Family.INET
                        && members[1].family == Family.INET
                        && members[1].sa.hasIntegrity()
                        && members[1].natTraversal.kind() != NatTraversal.Kind.NONIKE
                        && !layer.peerMayMove()
                        && plan.notForReceiving < 0
                        && plan.unprotected < 0
                        && !plan.limited
                ? new EspUntunnel(plan, layer, outer)
                : null;
    }

    /** Reads what a packet needs of it; see {@link Lookahead}. */
    int touch() {
        return spi + ivOctets + (innerFlows == null ? 1 : 0);
    }

    /** Then, what it needs of its SAs; and where its key is. */
    int touchMembers() {
        return state.touchReceiving() + tunnelState.touchReceiving() + (opening instanceof SoftwareContext ? 1 : 0);
    }

    /** Then, its key. */
    int touchKey() {
        return opening == null ? 0 : opening.touch();
    }

    GroupPlan plan() {
        return plan;
    }

    /** True if both members take packets between the outer addresses of this one, which was found by its SAID. */
    boolean takes(Packet packet) {
        return esp.comesFrom(packet, Family.INET, Ipv4Header.SOURCE)
                && tunnel.comesFrom(packet, Family.INET, Ipv4Header.SOURCE)
                && tunnel.isSentTo(packet, Family.INET, Ipv4Header.DESTINATION);
    }

    /**
     * Makes the jobs of packets that go the same way as this flow's, as far as they need not be looked at closely.
     *
     * @param at where their works begin
     * @return how many; nothing of them has changed, or of the next one
     */
    int begin(Packet[] packets, int from, int most, Flows.Flow flow, Work[] works, int at) {
        CryptoEngine.Context context = opening;
        if (context == null) {
            context = layer.opening();
            opening = context;
        }
        if (context == null) {
            return 0;
        }
        int begun = 0;
        while (begun < most) {
            Packet packet = packets[from + begun];
            Work work = works[at + begun];
            if (!flow.takes(packet) || !begin(packet, work.job, context)) {
                break;
            }
            work.join(packet, plan);
            begun++;
        }
        return begun;
    }

    private boolean begin(Packet packet, CryptoJob job, CryptoEngine.Context context) {
        int length = packet.length();
        int bodyLength = length - front - icvOctets;
        if (bodyLength < PlainV4.LEAST_LENGTH || (bodyLength & blockMask) != 0) {
            return false;
        }
        if (nat && UdpHeader.length(packet, Ipv4Header.MIN_LENGTH) != length - Ipv4Header.MIN_LENGTH) {
            return false;
        }
        long header = packet.u64(espAt);
        int low = (int) header;
        long number = state.window().infer(low);
        if ((int) (header >>> 32) != spi || state.mayAccept(number, low) != Verdict.NONE) {
            return false;
        }
        job.esp(packet, context, espAt, ivOctets, bodyLength, number, esn);
        return true;
    }

    /**
     * Takes off what was opened with a good ICV, moves the window, asks the policy; as far as nothing is unusual.
     *
     * @return how many of the train that begins there; nothing has changed of those behind
     */
    int end(Work[] works, int at, int train) {
        int ended = 0;
        while (ended < train) {
            Work work = works[at + ended];
            if (!work.job.ok || !end(work.packet, work.job)) {
                break;
            }
            ended++;
        }
        if (ended > 0) {
            peeled += ended;
            plan.used = true;
        }
        return ended;
    }

    /** The layers go on with one that was begun, and opened or not. */
    void leave(Work work) {
        work.job.at = Ipv4Header.MIN_LENGTH;
        work.job.front = front - Ipv4Header.MIN_LENGTH;
        work.openedByLayers();
    }

    private boolean end(Packet packet, CryptoJob job) {
        int outerClass = packet.u8(Ipv4Header.TRAFFIC_CLASS) & Ecn.MASK;
        boolean marked = outerClass != Ecn.NOT_ECT && outerClass != Ecn.ECT0 && ecn != EcnPolicy.NONE;
        int end = front + job.bodyLength;
        if (marked
                || EspHeader.nextHeader(packet, end) != IpProtocol.IPV4
                || EspHeader.checkTrailer(packet, front, end) != Verdict.NONE) {
            return false;
        }
        int carried = job.bodyLength - EspHeader.MIN_TRAILER_LENGTH - EspHeader.padLength(packet, end);
        long first = packet.u64(front);
        int inner = PlainV4.length(first);
        if (!PlainV4.is(first, inner) || inner < PlainV4.LEAST_LENGTH || inner > carried) {
            return false;
        }
        if (!innerFlows.hasLetIn(this, PlainV4.addresses(packet, front), PlainV4.upper(packet, front))
                || state.accept(job.number) != Verdict.NONE) {
            return false;
        }
        packet.narrow(front, inner);
        octets += inner;
        return true;
    }

    /** The policy has let in this packet, whole and with all its ports to be seen. */
    void remember(PacketSelector inner) {
        if (inner.isPlainV4()) {
            innerFlows.put(inner, this);
        }
    }

    /**
     * Counts the use of both members by the packets since the last time.
     *
     * @param fromSeconds when the first of them came, and the last
     */
    void settle(long fromSeconds, long toSeconds) {
        long outer = peeled * Ipv4Header.MIN_LENGTH;
        state.countUse(octets + outer, peeled, fromSeconds, toSeconds);
        tunnelState.countUse(octets, peeled, fromSeconds, toSeconds);
        peeled = 0;
        octets = 0;
    }
}
