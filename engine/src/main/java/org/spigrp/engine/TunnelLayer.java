package org.spigrp.engine;

import org.spigrp.sa.SaState;
import org.spigrp.sa.Transform;
import org.spigrp.sa.Transform.DfPolicy;
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
    private static final int HOP_LIMIT = 64;

    private final Transform.Tunnel tunnel;
    private final Family outerFamily;
    private final IpAddress source;
    private final IpAddress destination;

    TunnelLayer(SaState state, Transform.Tunnel tunnel, Worker worker) {
        super(state, worker);
        this.tunnel = tunnel;
        this.source = state.sa().source();
        this.destination = state.said().destination();
        this.outerFamily = destination.family();
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
        int trafficClass = innerIsV4 ? Ipv4Header.trafficClass(packet, front) : Ipv6Header.trafficClass(packet, front);
        int outerClass = (trafficClass & ~Ecn.MASK) | Ecn.outward(tunnel.ecn(), trafficClass & Ecn.MASK);
        int protocol = innerIsV4 ? IpProtocol.IPV4 : IpProtocol.IPV6;
        if (outerFamily == Family.INET) {
            writeV4(packet, outerClass, protocol, innerIsV4);
        } else {
            writeV6(packet, outerClass, protocol, innerIsV4);
        }
        return Verdict.NONE;
    }

    private void writeV4(Packet packet, int trafficClass, int protocol, boolean innerIsV4) {
        boolean dontFragment = tunnel.df() == DfPolicy.SET
                || (tunnel.df() == DfPolicy.COPY
                        && (!innerIsV4 || Ipv4Header.dontFragment(packet, Ipv4Header.MIN_LENGTH)));
        Ipv4Header.init(packet, 0, packet.length());
        Ipv4Header.trafficClass(packet, 0, trafficClass);
        Ipv4Header.identification(packet, 0, worker.ids.next(state.said()));
        Ipv4Header.dontFragment(packet, 0, dontFragment);
        Ipv4Header.ttl(packet, 0, HOP_LIMIT);
        Ipv4Header.protocol(packet, 0, protocol);
        source.write(packet, Ipv4Header.SOURCE);
        destination.write(packet, Ipv4Header.DESTINATION);
        Ipv4Header.updateChecksum(packet, 0);
    }

    private void writeV6(Packet packet, int trafficClass, int protocol, boolean innerIsV4) {
        int flowLabel = innerIsV4 ? 0 : Ipv6Header.flowLabel(packet, Ipv6Header.LENGTH);
        Ipv6Header.init(packet, 0, packet.length() - Ipv6Header.LENGTH);
        Ipv6Header.trafficClass(packet, 0, trafficClass);
        Ipv6Header.flowLabel(packet, 0, flowLabel);
        Ipv6Header.nextHeader(packet, 0, protocol);
        Ipv6Header.hopLimit(packet, 0, HOP_LIMIT);
        source.write(packet, Ipv6Header.SOURCE);
        destination.write(packet, Ipv6Header.DESTINATION);
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
        return Ecn.inward(tunnel.ecn(), outer & Ecn.MASK, packet);
    }

    @Override
    Verdict acceptIn(Packet packet, Front front, CryptoJob job) {
        state.countUse(packet.length(), worker.seconds());
        return Verdict.NONE;
    }
}
