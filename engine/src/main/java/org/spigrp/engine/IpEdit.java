package org.spigrp.engine;

import org.spigrp.wire.ExtensionHeaders;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpHeader;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Ipv6Header;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

/**
 * Puts a header behind a packet's IP header and takes it out again. The payload never moves: the few octets in front
 * of the place go towards the headroom, or come back.
 *
 * <pre>
 *   out   |   headroom   | IP |            payload | tailroom |
 *         |  headroom | IP | AH |          payload | tailroom |
 * </pre>
 *
 * Reusable: {@link #findOut} overwrites what was found before. The IP header is the packet's first
 * octet.
 */
final class IpEdit {
    private final ExtensionHeaders chain = new ExtensionHeaders();
    private Family family = Family.INET;
    private int at;
    private int pointerAt;
    private int protocol;
    private boolean fragment;

    /** Where a header of transport mode goes. Octets behind the IP packet (of a link layer) are cut off. */
    Verdict findOut(Packet packet) {
        Verdict verdict = IpHeader.check(packet, 0);
        if (verdict != Verdict.NONE) {
            return verdict;
        }
        packet.truncate(IpHeader.packetLength(packet, 0));
        if (Ipv4Header.version(packet, 0) == 4) {
            family = Family.INET;
            at = Ipv4Header.payloadAt(packet, 0);
            pointerAt = Ipv4Header.PROTOCOL;
            fragment = Ipv4Header.isFragment(packet, 0);
        } else {
            family = Family.INET6;
            verdict = chain.walk(packet, 0, packet.length());
            if (verdict != Verdict.NONE) {
                return verdict;
            }
            at = chain.transportAt();
            pointerAt = chain.transportPointerAt();
            fragment = chain.isFragment();
        }
        protocol = packet.u8(pointerAt);
        return Verdict.NONE;
    }

    Family family() {
        return family;
    }

    /** Where the header goes or is. */
    int at() {
        return at;
    }

    /** The field that names what is at {@link #at}. */
    int pointerAt() {
        return pointerAt;
    }

    /** What is at {@link #at}. */
    int protocol() {
        return protocol;
    }

    /** True if the packet is a part of a datagram, or says so in an IPv6 fragment header. */
    boolean isFragment() {
        return fragment;
    }

    /** True if the packet may grow so much: in its slab, and in the length field of its IP header. */
    static boolean mayGrow(Packet packet, int front, int back) {
        int limit = Ipv4Header.version(packet, 0) == 4
                ? Ipv4Header.MAX_TOTAL_LENGTH
                : Ipv6Header.LENGTH + Ipv6Header.MAX_PAYLOAD_LENGTH;
        return packet.headroom() >= front && packet.tailroom() >= back && packet.length() + front + back <= limit;
    }

    /** Makes room for {@code count} octets at {@code at}; {@link #mayGrow} was asked. Lengths are not mended. */
    static void insert(Packet packet, int at, int count) {
        packet.prepend(count);
        System.arraycopy(packet.array(), packet.start() + count, packet.array(), packet.start(), at);
    }

    /** Takes out {@code count} octets at {@code at}. Lengths are not mended. */
    static void remove(Packet packet, int at, int count) {
        System.arraycopy(packet.array(), packet.start(), packet.array(), packet.start() + count, at);
        packet.trimFront(count);
    }

    /** Says what is behind the IP header now, how long the packet is, and sums the IPv4 header. */
    static void mend(Packet packet, int pointerAt, int protocol) {
        packet.putU8(pointerAt, protocol);
        if (Ipv4Header.version(packet, 0) == 4) {
            Ipv4Header.totalLength(packet, 0, packet.length());
            Ipv4Header.updateChecksum(packet, 0);
        } else {
            Ipv6Header.payloadLength(packet, 0, packet.length() - Ipv6Header.LENGTH);
        }
    }

    /**
     * What is left of a payload when traffic flow padding behind it is cut off (RFC 4303 2.7): an inner IP packet and a
     * UDP datagram know their length.
     *
     * @param length of payload and padding
     * @return at most {@code length}
     */
    static int withoutFlowPadding(Packet packet, int protocol, int at, int length) {
        int own = length;
        if (protocol == IpProtocol.IPV4 && length >= Ipv4Header.MIN_LENGTH) {
            own = Ipv4Header.totalLength(packet, at);
            own = own < Ipv4Header.MIN_LENGTH ? length : own;
        } else if (protocol == IpProtocol.IPV6 && length >= Ipv6Header.LENGTH) {
            own = Ipv6Header.packetLength(packet, at);
        } else if (protocol == IpProtocol.UDP && length >= 8) {
            own = packet.u16(at + 4);
            own = own < 8 ? length : own;
        }
        return Math.min(own, length);
    }
}
