package org.spigrp.engine;

import org.spigrp.sa.SaState;
import org.spigrp.sa.Said;
import org.spigrp.sa.Transform;
import org.spigrp.sa.Transform.DfPolicy;
import org.spigrp.sa.Transform.EcnPolicy;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.IpHeader;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Ipv6Header;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

/**
 * IP in IP: a new header in front (RFC 2003, RFC 2473), its fields by RFC 4301 5.1.2.
 *
 * <pre>
 *   outer      TTL 64; DSCP of the inner header; ECN by policy ({@link Ecn}); between two IPv6 headers the flow label
 *              IPv4: DF by policy (an IPv6 packet counts as DF, for nobody may fragment it on the way), id by {@link OuterIds}
 *   inner      as it came: no TTL is taken, and only ECN is carried inward
 * </pre>
 */
final class TunnelLayer extends Layer {
    static final int HOP_LIMIT = 64;

    private final DfPolicy df;
    private final EcnPolicy ecn;
    private final Said said;
    private final int source32;
    private final int destination32;
    private final Family outerFamily;
    private final IpAddress source;
    private final IpAddress destination;

    TunnelLayer(SaState state, Transform.Tunnel tunnel, Worker worker) {
        super(state, worker);
        this.df = tunnel.df();
        this.ecn = tunnel.ecn();
        this.said = state.said();
        this.source = state.sa().source();
        this.destination = state.said().destination();
        this.outerFamily = destination.family();
        this.source32 = (int) source.low();
        this.destination32 = (int) destination.low();
    }

    @Override
    Verdict beginOut(Packet packet, CryptoJob job) {
        job.context = null;
        job.number = 0;
        Verdict verdict = IpHeader.check(packet, 0);
        if (verdict != Verdict.NONE) {
            return verdict;
        }
        int inner = IpHeader.packetLength(packet, 0);
        packet.truncate(inner);
        int front = outerFamily.headerOctets();
        int limit = outerFamily == Family.INET
                ? Ipv4Header.MAX_TOTAL_LENGTH
                : Ipv6Header.LENGTH + Ipv6Header.MAX_PAYLOAD_LENGTH;
        if (inner + front > limit || !packet.prepend(front)) {
            return Verdict.TOO_BIG;
        }
        boolean innerIsV4 = Ipv4Header.version(packet, front) == 4;
        write(packet, 0, front, innerIsV4 ? IpProtocol.IPV4 : IpProtocol.IPV6);
        return Verdict.NONE;
    }

    /**
     * Writes the outer header at {@code at}, for all that follows up to the packet's end.
     *
     * @param inner where the packet is that it carries; other headers may be between
     * @param protocol of what is behind the header
     */
    void write(Packet packet, int at, int inner, int protocol) {
        boolean innerIsV4 = Ipv4Header.version(packet, inner) == 4;
        int trafficClass = innerIsV4 ? Ipv4Header.trafficClass(packet, inner) : Ipv6Header.trafficClass(packet, inner);
        int outerClass = (trafficClass & ~Ecn.MASK) | Ecn.outward(ecn, trafficClass & Ecn.MASK);
        if (outerFamily == Family.INET) {
            boolean dontFragment = df == DfPolicy.SET
                    || (df == DfPolicy.COPY && (!innerIsV4 || Ipv4Header.dontFragment(packet, inner)));
            int id = worker.ids.next(said);
            Ipv4Header.write(
                    packet,
                    at,
                    packet.length() - at,
                    outerClass,
                    id,
                    dontFragment,
                    HOP_LIMIT,
                    protocol,
                    source32,
                    destination32);
        } else {
            writeV6(packet, at, outerClass, innerIsV4 ? 0 : Ipv6Header.flowLabel(packet, inner), protocol);
        }
    }

    private void writeV6(Packet packet, int at, int trafficClass, int flowLabel, int protocol) {
        Ipv6Header.init(packet, at, packet.length() - at - Ipv6Header.LENGTH);
        Ipv6Header.trafficClass(packet, at, trafficClass);
        Ipv6Header.flowLabel(packet, at, flowLabel);
        Ipv6Header.nextHeader(packet, at, protocol);
        Ipv6Header.hopLimit(packet, at, HOP_LIMIT);
        source.write(packet, at + Ipv6Header.SOURCE);
        destination.write(packet, at + Ipv6Header.DESTINATION);
    }

    DfPolicy df() {
        return df;
    }

    EcnPolicy ecn() {
        return ecn;
    }

    @Override
    Verdict endOut(Packet packet, CryptoJob job) {
        state.countUse(packet.length(), worker.seconds());
        return Verdict.NONE;
    }

    @Override
    Verdict beginIn(Packet packet, Front front, CryptoJob job) {
        job.context = null;
        job.number = 0;
        if (front.protocol() != IpProtocol.IPV4 && front.protocol() != IpProtocol.IPV6) {
            return Verdict.NOT_A_TUNNEL_PACKET;
        }
        if (front.isFragment()) {
            return Verdict.FRAGMENT_IN_TRANSPORT;
        }
        int at = front.at();
        int available = packet.length() - at;
        return front.protocol() == IpProtocol.IPV4
                ? Ipv4Header.check(packet, at, available)
                : Ipv6Header.check(packet, at, available);
    }

    @Override
    Verdict endIn(Packet packet, Front front, CryptoJob job) {
        int outer =
                front.family() == Family.INET ? Ipv4Header.trafficClass(packet, 0) : Ipv6Header.trafficClass(packet, 0);
        packet.trimFront(front.at());
        packet.truncate(IpHeader.packetLength(packet, 0));
        front.forget();
        return Ecn.inward(ecn, outer & Ecn.MASK, packet);
    }

    @Override
    Verdict acceptIn(Packet packet, Front front, CryptoJob job) {
        state.countUse(packet.length(), worker.seconds());
        return Verdict.NONE;
    }
}
