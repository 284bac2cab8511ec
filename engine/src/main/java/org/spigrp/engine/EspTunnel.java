package org.spigrp.engine;

import org.jspecify.annotations.Nullable;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.SaState;
import org.spigrp.sa.Said;
import org.spigrp.sa.Transform.DfPolicy;
import org.spigrp.sa.Transform.EcnPolicy;
import org.spigrp.wire.EspHeader;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Ipv6Header;
import org.spigrp.wire.Packet;
import org.spigrp.wire.PlainV4;

/**
 * The program of the groups that nearly everybody has: ESP in a tunnel over IPv4, with UDP or AH around it or neither.
 *
 * <pre>
 *   IPv4 | UDP or AH | SPI, sequence, IV | clear packet | padding, pad length, next header | ICV
 * </pre>
 *
 * It does what {@link HeaderProgram} would, without its loop: everything a packet needs of its SAs lies in this one
 * object and in the {@link SaState} of the ESP member, so that a packet of one among 100,000 groups waits for few lines
 * of memory.
 */
final class EspTunnel extends Encapsulation {
    // Not for every packet; references are laid out in this order, before all else
    private final EspLayer layer;
    private final SaState tunnelState;
    private final EcnPolicy ecn;
    private final NatTraversal nat;
    // For every one

    /** What {@link #layer} seals with, once it was asked. */
    private CryptoEngine.@Nullable Context sealing;

    private final SaState state;
    private final Said tunnel;
    private final OuterIds ids;
    private final DfPolicy df;
    private final boolean copiesEcn;
    private final int spi;
    private final int source;
    private final int destination;
    private final int natOctets;
    private final @Nullable AhLayer ah;
    private final int ahOctets;
    private final int ivOctets;
    private final boolean counterIv;
    private final int front;
    private final int icvOctets;
    private final int blockMask;
    private final boolean esn;
    private long counted;
    private long tunnelOctets;
    /** Of whole packets, with all headers. */
    private long allOctets;

    private EspTunnel(GroupPlan plan, EspLayer layer, TunnelLayer outer, @Nullable AhLayer ah) {
        super(plan);
        SaEntry tunnel = plan.members[0];
        SaEntry esp = plan.members[1];
        this.ah = ah;
        ahOctets = ah == null ? 0 : ah.lengthFor(Family.INET);
        this.tunnel = tunnel.sa.said();
        this.layer = layer;
        state = esp.state;
        tunnelState = tunnel.state;
        ids = layer.worker.ids;
        df = outer.df();
        ecn = outer.ecn();
        copiesEcn = ecn == EcnPolicy.RFC6040;
        nat = esp.natTraversal;
        spi = esp.sa.said().spi();
        source = (int) tunnel.sa.source().low();
        destination = (int) tunnel.sa.said().destination().low();
        ivOctets = layer.ivOctets();
        counterIv = layer.hasCounterIv();
        natOctets = layer.front() - EspHeader.LENGTH - ivOctets;
        front = Ipv4Header.MIN_LENGTH + ahOctets + layer.front();
        icvOctets = layer.icvOctets();
        blockMask = layer.blockMask();
        esn = layer.hasEsn();
    }

    /** Null if the group is another one. */
    static @Nullable EspTunnel of(GroupPlan plan) {
        SaEntry[] members = plan.members;
        if (members.length < 2
                || members.length > 3
                || !(members[0].layer instanceof TunnelLayer outer)
                || !(members[1].layer instanceof EspLayer layer)) {
            return null;
        }
        for (SaEntry member : members) {
            if (member.family != Family.INET) {
                return null;
            }
        }
        if (members.length == 2) {
            return new EspTunnel(plan, layer, outer, null);
        }
        return members[2].layer instanceof AhLayer ah && !members[1].natTraversal.isUsed()
                ? new EspTunnel(plan, layer, outer, ah)
                : null;
    }

    @Override
    int touch() {
        return (sealing == null ? 1 : 0) + (int) counted + (esn ? 1 : 0);
    }

    @Override
    int touchMembers() {
        return state.touchSending() + (sealing instanceof SoftwareContext ? 1 : 0);
    }

    @Override
    int atHand() {
        int ofEsp = state.atHand();
        return ah == null ? ofEsp : Math.min(ofEsp, ah.state().atHand());
    }

    @Override
    int sealings() {
        return ah == null ? 1 : 2;
    }

    @Override
    boolean write(Work work) {
        CryptoEngine.Context context = context();
        Packet packet = work.packet;
        long first = packet.u64(0);
        if (context == null) {
            return false;
        }
        boolean fetched = context.fetch(packet.length());
        if (!write(packet, packet.length(), first, first >>> 60 == 4, work, context)) {
            return false;
        }
        work.job.fetched = fetched;
        return true;
    }

    /** Null if no crypto engine has the algorithm, of ESP or of AH. */
    private CryptoEngine.@Nullable Context context() {
        if (sealing == null && (ah == null || ah.context() != null)) {
            sealing = layer.sealing();
        }
        return sealing;
    }

    @Override
    int write(Packet[] packets, int from, int most, int longest, Flows.Flow flow, Work[] works, int at) {
        CryptoEngine.Context context = context();
        if (context == null) {
            return 0;
        }
        int written = 0;
        long octets = 0;
        while (written < most) {
            Packet packet = packets[from + written];
            int clear = packet.length();
            if (clear > longest || clear < PlainV4.LEAST_LENGTH) {
                break;
            }
            Work work = works[at + written];
            long first = packet.u64(0);
            if (!PlainV4.is(first, clear)
                    || !flow.takesPlain(packet)
                    || !write(packet, clear, first, true, work, context)) {
                break;
            }
            work.join(packet, plan());
            octets += packet.length();
            written++;
        }
        if (written > 0) {
            counted += written;
            allOctets += octets;
        }
        return written;
    }

    /** @param first octets of the clear packet, 8 of them */
    private boolean write(Packet packet, int clear, long first, boolean v4, Work work, CryptoEngine.Context context) {
        int pad = -(clear + EspHeader.MIN_TRAILER_LENGTH) & blockMask;
        int behind = pad + EspHeader.MIN_TRAILER_LENGTH + icvOctets;
        if (clear + front + behind > Ipv4Header.MAX_TOTAL_LENGTH || !packet.surround(front, behind)) {
            return false;
        }
        outer(packet, first, v4);
        EspHeader.putTrailer(packet, front + clear, pad, v4 ? IpProtocol.IPV4 : IpProtocol.IPV6, behind);
        int espAt = Ipv4Header.MIN_LENGTH + ahOctets + natOctets;
        long number = state.nextSequence();
        if (counterIv) {
            EspHeader.write(packet, espAt, spi, (int) number, state.nextIv());
        } else {
            EspHeader.write(packet, espAt, spi, (int) number);
            layer.writeIv(packet, espAt + EspHeader.LENGTH, number);
        }
        int body = clear + pad + EspHeader.MIN_TRAILER_LENGTH;
        work.job.esp(packet, context, espAt, ivOctets, body, number, esn);
        work.step = 1;
        if (ah != null) {
            work.numbers[1] = ah.write(packet, Ipv4Header.MIN_LENGTH, ahOctets, IpProtocol.ESP);
        }
        tunnelOctets += clear;
        return true;
    }

    private void outer(Packet packet, long first, boolean v4) {
        int trafficClass = v4 ? Ipv4Header.trafficClassOf(first) : Ipv6Header.trafficClassOf(first);
        if (!copiesEcn) {
            trafficClass = (trafficClass & ~Ecn.MASK) | Ecn.outward(ecn, trafficClass & Ecn.MASK);
        }
        int id = ids.next(tunnel);
        int protocol = ah == null ? IpProtocol.ESP : IpProtocol.AH;
        if (natOctets != 0) {
            protocol = IpProtocol.UDP;
            UdpEncapsulation.write(packet, Ipv4Header.MIN_LENGTH, nat, packet.length() - Ipv4Header.MIN_LENGTH);
        }
        boolean whole = df != DfPolicy.CLEAR && dontFragment(first, v4);
        Ipv4Header.write(
                packet,
                0,
                packet.length(),
                trafficClass,
                id,
                whole,
                TunnelLayer.HOP_LIMIT,
                protocol,
                source,
                destination);
    }

    private boolean dontFragment(long first, boolean v4) {
        return df == DfPolicy.SET || (df == DfPolicy.COPY && (!v4 || Ipv4Header.dontFragmentOf(first)));
    }

    /** That of AH: {@link #write} has made the other. */
    @Override
    void fill(Work work, int seal) {
        if (ah != null && seal == 1) {
            Packet packet = work.packet;
            int end = packet.length();
            work.step = 2;
            ah.fillOut(packet, work.job, 0, Family.INET, Ipv4Header.MIN_LENGTH, ahOctets, end, work.numbers[1]);
        }
    }

    @Override
    void count(Work work) {
        counted++;
        allOctets += work.packet.length();
    }

    @Override
    void settle(long fromSeconds, long toSeconds) {
        long outer = counted * Ipv4Header.MIN_LENGTH;
        tunnelState.countUse(tunnelOctets + outer, counted, fromSeconds, toSeconds);
        state.countUse(allOctets - counted * ahOctets, counted, fromSeconds, toSeconds);
        if (ah != null) {
            ah.state().countUse(allOctets, counted, fromSeconds, toSeconds);
        }
        counted = 0;
        tunnelOctets = 0;
        allOctets = 0;
    }
}
