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
import org.spigrp.wire.UdpHeader;

/** Clear packets and fragments for tests. */
final class Clear {
    private Clear() {}

    static byte[] udp(IpAddress source, IpAddress destination, int sourcePort, int destinationPort, int payload) {
        byte[] data = new byte[payload];
        for (int i = 0; i < payload; i++) {
            data[i] = (byte) (i * 7 + payload);
        }
        return udp(source, destination, sourcePort, destinationPort, data);
    }

    static byte[] udp(IpAddress source, IpAddress destination, int sourcePort, int destinationPort, byte[] data) {
        byte[] packet = ip(source, destination, IpProtocol.UDP, 8 + data.length);
        var octets = new Octets(packet);
        Family family = source.family();
        int at = family.headerOctets();
        System.arraycopy(data, 0, packet, at + 8, data.length);
        UdpHeader.sourcePort(octets, at, sourcePort);
        UdpHeader.destinationPort(octets, at, destinationPort);
        UdpHeader.length(octets, at, 8 + data.length);
        octets.putU16(at + 6, 1); // anything but "none", so that it is computed
        Checksum.mendUpper(
                octets,
                family,
                IpHeader.sourceAt(family, 0),
                IpHeader.destinationAt(family, 0),
                IpProtocol.UDP,
                at,
                8 + data.length);
        return packet;
    }

    static byte[] udp(int payload) {
        return udp(StackBed.WEST_HOST, StackBed.EAST_HOST, 1000, 2000, payload);
    }

    static byte[] udp6(int payload) {
        return udp(StackBed.WEST_HOST6, StackBed.EAST_HOST6, 1000, 2000, payload);
    }

    /** A header and a payload of zeros. */
    static byte[] ip(IpAddress source, IpAddress destination, int protocol, int payload) {
        Family family = source.family();
        byte[] packet = new byte[family.headerOctets() + payload];
        var octets = new Octets(packet);
        if (family == Family.INET) {
            Ipv4Header.init(octets, 0, packet.length);
            Ipv4Header.identification(octets, 0, 0x1234);
            Ipv4Header.ttl(octets, 0, 64);
            Ipv4Header.protocol(octets, 0, protocol);
        } else {
            Ipv6Header.init(octets, 0, payload);
            Ipv6Header.hopLimit(octets, 0, 64);
            Ipv6Header.nextHeader(octets, 0, protocol);
        }
        source.write(octets, IpHeader.sourceAt(family, 0));
        destination.write(octets, IpHeader.destinationAt(family, 0));
        if (family == Family.INET) {
            Ipv4Header.updateChecksum(octets, 0);
        }
        return packet;
    }

    /** The piece of a datagram from {@code from} to {@code to} of what follows the IP header. */
    static byte[] fragment(byte[] datagram, int id, int from, int to, boolean more) {
        var whole = new Octets(datagram);
        if (IpHeader.family(whole, 0) == Family.INET) {
            int header = Ipv4Header.headerLength(whole, 0);
            byte[] piece = new byte[header + to - from];
            System.arraycopy(datagram, 0, piece, 0, header);
            System.arraycopy(datagram, header + from, piece, header, to - from);
            var octets = new Octets(piece);
            Ipv4Header.totalLength(octets, 0, piece.length);
            Ipv4Header.identification(octets, 0, id);
            Ipv4Header.fragment(octets, 0, from, more);
            Ipv4Header.updateChecksum(octets, 0);
            return piece;
        }
        byte[] piece = new byte[48 + to - from];
        System.arraycopy(datagram, 0, piece, 0, 40);
        System.arraycopy(datagram, 40 + from, piece, 48, to - from);
        var octets = new Octets(piece);
        octets.putU8(40, Ipv6Header.nextHeader(octets, 0));
        Ipv6Header.nextHeader(octets, 0, IpProtocol.FRAGMENT);
        Ipv6Header.payloadLength(octets, 0, piece.length - 40);
        octets.putU16(42, from | (more ? 1 : 0));
        octets.putU32(44, id);
        return piece;
    }

    /** A copy with one octet changed. */
    static byte[] changed(byte[] packet, int at) {
        byte[] copy = packet.clone();
        copy[at < 0 ? copy.length + at : at] ^= 0x41;
        return copy;
    }

    static IpAddress address(Random random, Family family) {
        return family == Family.INET
                ? IpAddress.v4(0x0a000000 | random.nextInt(1 << 24))
                : IpAddress.v6(0x2001_0db8_0000_0000L | random.nextInt(1 << 16), random.nextLong() & 0xffff);
    }
}
