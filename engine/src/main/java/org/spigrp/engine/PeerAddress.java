package org.spigrp.engine;

import org.spigrp.wire.Checksum;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.IpHeader;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Ipv6Header;
import org.spigrp.wire.Packet;
import org.spigrp.wire.UdpHeader;

/**
 * Sends UDP-encapsulated ESP to where its peer was seen last: a NAT may give it another address or port at any time
 * (RFC 3947 6). ESP does not cover the outer header, so only the checksums have to follow.
 */
final class PeerAddress {
    private PeerAddress() {}

    /** Changes destination and port of a packet that is IP, UDP, ESP; any other stays as it is. */
    static void write(Packet packet, IpAddress peer, int port) {
        Family family = IpHeader.family(packet, 0);
        if (family != peer.family()) {
            return;
        }
        int at = family == Family.INET ? Ipv4Header.payloadAt(packet, 0) : family.headerOctets();
        int protocol = packet.u8(family == Family.INET ? Ipv4Header.PROTOCOL : Ipv6Header.NEXT_HEADER);
        if (protocol != IpProtocol.UDP) {
            return;
        }
        peer.write(packet, IpHeader.destinationAt(family, 0));
        UdpHeader.destinationPort(packet, at, port);
        if (family == Family.INET) {
            Ipv4Header.updateChecksum(packet, 0);
        } else {
            UdpHeader.checksum(packet, at, 0);
            int sum = Checksum.ofUpper(
                    packet,
                    family,
                    IpHeader.sourceAt(family, 0),
                    IpHeader.destinationAt(family, 0),
                    IpProtocol.UDP,
                    at,
                    packet.length() - at);
            UdpHeader.checksum(packet, at, Checksum.forUdp(sum));
        }
    }
}
