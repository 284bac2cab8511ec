package org.spigrp.linux;

import java.util.Objects;
import org.spigrp.wire.AddressText;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Ipv6Header;
import org.spigrp.wire.NameResolver;
import org.spigrp.wire.Packet;
import org.spigrp.wire.UdpHeader;

/** Packets written by hand. */
final class Datagrams {
    private Datagrams() {}

    static IpAddress address(String text) {
        return Objects.requireNonNull(
                AddressText.parse(text, null, NameResolver.NONE).orNull(), text);
    }

    /** An IP packet, hop limit 77, traffic class 0x2a, that carries these octets. */
    static byte[] ip(String from, String to, int protocol, byte... payload) {
        IpAddress source = address(from);
        Family family = source.family();
        int header = family.headerOctets();
        var packet = new Packet(header + payload.length, 0);
        packet.append(header + payload.length);
        if (family == Family.INET) {
            Ipv4Header.init(packet, 0, packet.length());
            Ipv4Header.trafficClass(packet, 0, 0x2a);
            Ipv4Header.identification(packet, 0, 0x1234);
            Ipv4Header.ttl(packet, 0, 77);
            Ipv4Header.protocol(packet, 0, protocol);
            source.write(packet, Ipv4Header.SOURCE);
            address(to).write(packet, Ipv4Header.DESTINATION);
            Ipv4Header.updateChecksum(packet, 0);
        } else {
            packet.putU32(0, 0x62a0_0000);
            packet.putU16(Ipv6Header.PAYLOAD_LENGTH, payload.length);
            packet.putU8(Ipv6Header.NEXT_HEADER, protocol);
            packet.putU8(Ipv6Header.HOP_LIMIT, 77);
            source.write(packet, Ipv6Header.SOURCE);
            address(to).write(packet, Ipv6Header.DESTINATION);
        }
        packet.put(header, payload, 0, payload.length);
        return packet.toBytes();
    }

    /** UDP without a checksum. */
    static byte[] udp(String from, int fromPort, String to, int toPort, byte... payload) {
        var datagram = new Packet(UdpHeader.LENGTH + payload.length, 0);
        datagram.append(UdpHeader.LENGTH + payload.length);
        UdpHeader.sourcePort(datagram, 0, fromPort);
        UdpHeader.destinationPort(datagram, 0, toPort);
        UdpHeader.length(datagram, 0, datagram.length());
        datagram.put(UdpHeader.LENGTH, payload, 0, payload.length);
        return ip(from, to, IpProtocol.UDP, datagram.toBytes());
    }

    /** Octets that differ from place to place and from seed to seed. */
    static byte[] filler(int count, int seed) {
        byte[] octets = new byte[count];
        for (int i = 0; i < count; i++) {
            octets[i] = (byte) (i * 31 + (i >>> 8) * 7 + seed);
        }
        return octets;
    }
}
