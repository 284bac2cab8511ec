package org.spigrp.daemon;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.spigrp.command.Snapshot;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Transform;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.IpHeader;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Ipv6Header;
import org.spigrp.wire.Packet;
import org.spigrp.wire.UdpHeader;

/**
 * NAT-T keepalives (RFC 3948 2.3): one octet of 0xff to the peer of each sending SA that has sent nothing for {@value
 * #SECONDS} seconds, so that a NAT on the way keeps its mapping.
 */
final class Keepalives {
    static final int SECONDS = 20;
    private static final int TTL = 64;

    private final Map<Said, Long> due = new LinkedHashMap<>();
    private final Packet packet = new Packet(256, 64);

    /** An SA has come or gone. */
    void set(Snapshot snapshot, Said said, long now) {
        SecurityAssociation sa = snapshot.sa(said);
        if (sa != null && nat(sa).isUsed() && sa.direction().maySend()) {
            due.putIfAbsent(said, now + SECONDS);
        } else {
            due.remove(said);
        }
    }

    private static NatTraversal nat(SecurityAssociation sa) {
        return sa.transform() instanceof Transform.Esp esp ? esp.natTraversal() : NatTraversal.NONE;
    }

    /**
     * Sends those that are due.
     *
     * @param local this host's addresses now: only who has the SA's source keeps its mapping alive
     * @param send is handed IP packets
     */
    void send(Snapshot snapshot, long now, Set<IpAddress> local, Consumer<Packet> send) {
        for (Map.Entry<Said, Long> entry : due.entrySet()) {
            if (entry.getValue() > now) {
                continue;
            }
            long quietUntil = snapshot.use(entry.getKey()).lastUsedSeconds() + SECONDS;
            SecurityAssociation sa = snapshot.sa(entry.getKey());
            if (quietUntil > now || sa == null) {
                entry.setValue(Math.max(quietUntil, now + 1));
                continue;
            }
            if (local.contains(sa.source())) {
                build(sa);
                send.accept(packet);
            }
            entry.setValue(now + SECONDS);
        }
    }

    private void build(SecurityAssociation sa) {
        Family family = sa.said().family();
        int header = family.headerOctets();
        int length = header + UdpHeader.LENGTH + 1;
        packet.reset(64);
        boolean room = packet.append(length);
        assert room : "a keepalive is short";
        if (family == Family.INET) {
            Ipv4Header.init(packet, 0, length);
            Ipv4Header.ttl(packet, 0, TTL);
            Ipv4Header.protocol(packet, 0, IpProtocol.UDP);
        } else {
            Ipv6Header.init(packet, 0, length - header);
            Ipv6Header.hopLimit(packet, 0, TTL);
            Ipv6Header.nextHeader(packet, 0, IpProtocol.UDP);
        }
        sa.source().write(packet, IpHeader.sourceAt(family, 0));
        sa.said().destination().write(packet, IpHeader.destinationAt(family, 0));
        if (family == Family.INET) {
            Ipv4Header.updateChecksum(packet, 0);
        }
        UdpHeader.sourcePort(packet, header, nat(sa).sourcePort());
        UdpHeader.destinationPort(packet, header, nat(sa).destinationPort());
        UdpHeader.length(packet, header, UdpHeader.LENGTH + 1);
        UdpHeader.checksum(packet, header, 0);
        packet.putU8(header + UdpHeader.LENGTH, 0xff);
    }
}
