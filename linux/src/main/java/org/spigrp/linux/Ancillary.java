package org.spigrp.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import org.spigrp.wire.Family;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Ipv6Header;
import org.spigrp.wire.Packet;

/**
 * What the kernel tells beside a received message (ip(7), ipv6(7), udp(7)): enough to write the IP header again that it
 * took off.
 */
final class Ancillary {
    /** Packet info, traffic class, hop limit, segment length. */
    static final int OCTETS = 160;

    static final int IP_TOS = 1;
    static final int IP_TTL = 2;
    static final int IP_PKTINFO = 8;
    static final int IPV6_PKTINFO = 50;
    static final int IPV6_HOPLIMIT = 52;
    static final int IPV6_TCLASS = 67;
    static final int UDP_GRO = 104;

    private static final int IP_RECVTTL = 12;
    private static final int IP_RECVTOS = 13;
    private static final int IPV6_RECVPKTINFO = 49;
    private static final int IPV6_RECVHOPLIMIT = 51;
    private static final int IPV6_RECVTCLASS = 66;

    /** in_pktinfo: interface 0..3 | local address 4..7 | destination 8..11. */
    private static final int PKTINFO_DESTINATION = 8;

    private final Family family;
    private int trafficClass;
    private int hopLimit;
    private int segment;
    private int v4Destination;
    private long v6High;
    private long v6Low;

    Ancillary(Family family) {
        this.family = family;
    }

    /** Asks the kernel to tell. */
    static void askFor(KernelSocket socket, Family family) {
        if (family == Family.INET) {
            socket.option(Layouts.IPPROTO_IP, IP_PKTINFO, 1, "learn destinations");
            socket.option(Layouts.IPPROTO_IP, IP_RECVTOS, 1, "learn traffic classes");
            socket.option(Layouts.IPPROTO_IP, IP_RECVTTL, 1, "learn hop limits");
        } else {
            socket.option(Layouts.IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, "learn destinations");
            socket.option(Layouts.IPPROTO_IPV6, IPV6_RECVTCLASS, 1, "learn traffic classes");
            socket.option(Layouts.IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1, "learn hop limits");
        }
    }

    void read(Messages messages, int i) {
        trafficClass = 0;
        hopLimit = 64;
        segment = 0;
        v4Destination = 0;
        v6High = 0;
        v6Low = 0;
        MemorySegment controls = messages.controls();
        long at = messages.controlAt(i);
        long end = at + messages.controlLength(i);
        while (at + Layouts.CMSG_HEADER <= end) {
            long length = controls.get(JAVA_LONG, at);
            if (length < Layouts.CMSG_HEADER || at + length > end) {
                return;
            }
            int level = controls.get(JAVA_INT, at + 8);
            int type = controls.get(JAVA_INT, at + 12);
            take(controls, level, type, at + Layouts.CMSG_HEADER);
            at += length + 7 & ~7L;
        }
    }

    private void take(MemorySegment controls, int level, int type, long data) {
        if (level == Layouts.IPPROTO_IP && family == Family.INET) {
            switch (type) {
                case IP_TOS -> trafficClass = controls.get(JAVA_BYTE, data) & 0xff;
                case IP_TTL -> hopLimit = controls.get(JAVA_INT, data);
                case IP_PKTINFO -> v4Destination = controls.get(Layouts.NET_INT, data + PKTINFO_DESTINATION);
                default -> {} // nothing we asked for
            }
        } else if (level == Layouts.IPPROTO_IPV6) {
            switch (type) {
                case IPV6_TCLASS -> trafficClass = controls.get(JAVA_INT, data);
                case IPV6_HOPLIMIT -> hopLimit = controls.get(JAVA_INT, data);
                case IPV6_PKTINFO -> {
                    v6High = controls.get(Layouts.NET_LONG, data);
                    v6Low = controls.get(Layouts.NET_LONG, data + 8);
                }
                default -> {} // nothing we asked for
            }
        } else if (level == UdpPort.SOL_UDP && type == UDP_GRO) {
            segment = controls.get(JAVA_INT, data);
        }
    }

    /** Payload octets of the datagrams that were joined, the last may have less; 0 = it is one. */
    int segment() {
        return segment;
    }

    /**
     * Writes an IP header at the front of {@code packet}, which has room for it.
     *
     * @param length of what follows
     */
    void writeHeader(Packet packet, Messages messages, int i, int protocol, int length) {
        MemorySegment names = messages.names();
        long name = messages.nameAt(i);
        if (family == Family.INET) {
            Ipv4Header.init(packet, 0, Ipv4Header.MIN_LENGTH + length);
            Ipv4Header.trafficClass(packet, 0, trafficClass);
            Ipv4Header.ttl(packet, 0, hopLimit);
            Ipv4Header.protocol(packet, 0, protocol);
            packet.putU32(Ipv4Header.SOURCE, names.get(Layouts.NET_INT, name + Layouts.SOCKADDR_IN_ADDRESS));
            packet.putU32(Ipv4Header.DESTINATION, v4Destination);
            Ipv4Header.updateChecksum(packet, 0);
        } else {
            long address = name + Layouts.SOCKADDR_IN6_ADDRESS;
            packet.putU32(0, 0x6000_0000 | trafficClass << 20);
            packet.putU16(Ipv6Header.PAYLOAD_LENGTH, length);
            packet.putU8(Ipv6Header.NEXT_HEADER, protocol);
            packet.putU8(Ipv6Header.HOP_LIMIT, hopLimit);
            packet.putU64(Ipv6Header.SOURCE, names.get(Layouts.NET_LONG, address));
            packet.putU64(Ipv6Header.SOURCE + 8, names.get(Layouts.NET_LONG, address + 8));
            packet.putU64(Ipv6Header.DESTINATION, v6High);
            packet.putU64(Ipv6Header.DESTINATION + 8, v6Low);
        }
    }
}
