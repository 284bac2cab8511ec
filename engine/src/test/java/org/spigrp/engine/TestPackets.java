package org.spigrp.engine;

import java.util.Random;
import org.spigrp.wire.Checksum;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.IpHeader;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Ipv6Header;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Packet;
import org.spigrp.wire.UdpHeader;

/** Packets for tests. */
final class TestPackets {
    private TestPackets() {}

    /** A correct UDP packet between the addresses, payload made of words or noise. */
    static byte[] udp(IpAddress source, IpAddress destination, int payload, Random random) {
        Family family = source.family();
        int header = family.headerOctets() + (family == Family.INET && random.nextInt(4) == 0 ? 8 : 0);
        byte[] bytes = new byte[header + 8 + payload];
        var octets = new Octets(bytes);
        if (family == Family.INET) {
            Ipv4Header.init(octets, 0, bytes.length);
            octets.putU8(0, 0x40 | header / 4);
            if (header > 20) {
                octets.putU32(20, 0x94040000); // router alert
                octets.putU32(24, 0x01010100);
            }
            octets.putU8(1, random.nextInt(256));
            octets.putU16(4, random.nextInt(65536));
            Ipv4Header.dontFragment(octets, 0, random.nextBoolean());
            Ipv4Header.ttl(octets, 0, 1 + random.nextInt(255));
            Ipv4Header.protocol(octets, 0, IpProtocol.UDP);
        } else {
            Ipv6Header.init(octets, 0, bytes.length - 40);
            Ipv6Header.trafficClass(octets, 0, random.nextInt(256));
            Ipv6Header.flowLabel(octets, 0, random.nextInt(1 << 20));
            Ipv6Header.hopLimit(octets, 0, 1 + random.nextInt(255));
            Ipv6Header.nextHeader(octets, 0, IpProtocol.UDP);
        }
        source.write(octets, IpHeader.sourceAt(family, 0));
        destination.write(octets, IpHeader.destinationAt(family, 0));
        boolean words = random.nextBoolean();
        for (int i = 0; i < payload; i++) {
            bytes[header + 8 + i] = (byte) (words ? "some words again and ".charAt(i % 21) : random.nextInt());
        }
        UdpHeader.sourcePort(octets, header, random.nextInt(65536));
        UdpHeader.destinationPort(octets, header, 7);
        UdpHeader.length(octets, header, 8 + payload);
        UdpHeader.checksum(octets, header, 1); // 0 would mean that none is wanted
        Checksum.mendUpper(
                octets,
                family,
                IpHeader.sourceAt(family, 0),
                IpHeader.destinationAt(family, 0),
                IpProtocol.UDP,
                header,
                8 + payload);
        if (family == Family.INET) {
            Ipv4Header.updateChecksum(octets, 0);
        }
        return bytes;
    }

    /** In a slab for packets of a few kilobytes: tests make many of them. */
    static Packet packet(byte[] octets) {
        var packet = new Packet(6144, 1024);
        packet.append(octets.length);
        packet.put(0, octets, 0, octets.length);
        return packet;
    }
}
