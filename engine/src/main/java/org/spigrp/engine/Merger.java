package org.spigrp.engine;

import org.spigrp.wire.Checksum;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpHeader;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Ipv6Header;
import org.spigrp.wire.Packet;
import org.spigrp.wire.PacketSelector;
import org.spigrp.wire.TcpHeader;
import org.spigrp.wire.UdpHeader;
import org.spigrp.wire.Verdict;

/**
 * Joins packets of one stream that follow each other into a super-packet for a TUN with offloads, as Linux does for a
 * network card (GRO): one write for many packets. {@link Segments} cuts it again into what was joined.
 *
 * <p>Joined are TCP segments, and UDP datagrams where the receiver wants that, which differ only in what cutting makes
 * anew. All carry as much payload as the first; only the last may have less. Anything doubtful is left alone: IPv4
 * options, IPv6 extension headers, fragments, SYN, RST, URG, CWR, no payload, UDP without a checksum. A wrong checksum is
 * never hidden: such a packet goes as it came.
 *
 * <p>After {@link #merge} said more than 1 the other methods describe the super-packet, as the virtio-net header (Virtio
 * 1.2 5.1.6) wants it, with NEEDS_CSUM: its checksum field holds the sum of the pseudo header. Nothing is allocated. Not
 * thread-safe.
 */
public final class Merger {
    /** Octets free in front of {@link #start}, for the device's own header. */
    public static final int HEADROOM = 64;
    /** More datagrams are not joined; the kernel's own limit (UDP_GRO_CNT_MAX). */
    public static final int MAX_DATAGRAMS = 64;

    private static final int PLAIN_V4 = 0x45;
    private static final int NEVER_JOINED = TcpHeader.SYN | TcpHeader.RST | TcpHeader.URG | TcpHeader.CWR;
    private static final int ENDING = TcpHeader.FIN | TcpHeader.PSH;

    private final boolean udp;
    private final Packet whole = new Packet(HEADROOM + Ipv4Header.MAX_TOTAL_LENGTH, HEADROOM);
    private final PacketSelector selector = new PacketSelector();

    // Of the first packet:
    private Family family = Family.INET;
    private int protocol;
    private int upperAt;
    private int payloadAt;
    private int size;

    /** How IPv4 identifications go on: 1 = counted, 0 = all the same (only with DF). */
    private int idStep;

    private int merged;

    /** @param udp the receiver takes {@link Segments#UDP_L4} */
    public Merger(boolean udp) {
        this.udp = udp;
    }

    /**
     * Joins {@code batch[from]} and those behind it, as many as can be; the packets stay as they are.
     *
     * @param end index behind the last packet of the batch (the count that {@link Port#send} is given)
     * @return how many were joined; 1 = {@code batch[from]} alone, to be sent as it is
     */
    public int merge(Packet[] batch, int from, int end) {
        merged = 1;
        Packet first = batch[from];
        if (from + 1 >= end || !mayBegin(first)) {
            return 1;
        }
        for (int i = from + 1; i < end && goesOn(first, batch[i]); i++) {
            if ((merged == 1 && !sumsUp(first)) || !sumsUp(batch[i])) {
                break;
            }
            if (merged == 1) {
                whole.reset(HEADROOM);
                append(first, 0);
            }
            append(batch[i], payloadAt);
            merged++;
            if (isLast(batch[i])) {
                takeEndingFlags(batch[i]);
                break;
            }
        }
        if (merged > 1) {
            finish();
        }
        return merged;
    }

    private void append(Packet packet, int at) {
        int to = whole.length();
        int count = packet.length() - at;
        boolean room = whole.append(count);
        assert room : "goesOn has looked";
        whole.put(to, packet.array(), packet.check(at, count), count);
    }

    /** True for a packet that others may be joined to; remembers where its parts are. */
    private boolean mayBegin(Packet packet) {
        if (!isPlain(packet)) {
            return false;
        }
        family = selector.family();
        protocol = selector.protocol();
        upperAt = selector.upperAt();
        if (protocol == IpProtocol.TCP) {
            if (TcpHeader.check(packet, upperAt) != Verdict.NONE || isLast(TcpHeader.flags(packet, upperAt))) {
                return false;
            }
            payloadAt = upperAt + TcpHeader.headerLength(packet, upperAt);
        } else {
            payloadAt = upperAt + UdpHeader.LENGTH;
        }
        size = packet.length() - payloadAt;
        return size > 0 && upperIsJoined(packet);
    }

    /** An IP packet with nothing between its header and a TCP or UDP header, and nothing behind it. */
    private boolean isPlain(Packet packet) {
        if (selector.parse(packet) != Verdict.NONE || selector.end() != packet.length() || selector.isFragment()) {
            return false;
        }
        boolean bare = selector.family() == Family.INET
                ? packet.u8(0) == PLAIN_V4 && Ipv4Header.checksumIsGood(packet, 0)
                : selector.upperAt() == Ipv6Header.LENGTH;
        return bare
                && (selector.protocol() == IpProtocol.TCP || (udp && selector.protocol() == IpProtocol.UDP))
                && !selector.portsCutOff();
    }

    private boolean upperIsJoined(Packet packet) {
        if (protocol == IpProtocol.TCP) {
            int flags = TcpHeader.flags(packet, upperAt);
            return (flags & NEVER_JOINED) == 0 && (flags & TcpHeader.ACK) != 0;
        }
        return UdpHeader.length(packet, upperAt) == packet.length() - upperAt
                && UdpHeader.checksum(packet, upperAt) != 0;
    }

    private boolean isLast(Packet packet) {
        return packet.length() - payloadAt < size
                || (protocol == IpProtocol.TCP && isLast(TcpHeader.flags(packet, upperAt)));
    }

    private static boolean isLast(int flags) {
        return (flags & ENDING) != 0;
    }

    /** True if {@code packet} is what follows the {@link #merged} packets before it. */
    private boolean goesOn(Packet first, Packet packet) {
        int count = packet.length() - payloadAt;
        int before = payloadAt + merged * size;
        if (count <= 0 || count > size || before + count > Ipv4Header.MAX_TOTAL_LENGTH || !isPlain(packet)) {
            return false;
        }
        boolean sameIp = selector.family() == family
                && selector.protocol() == protocol
                && (family == Family.INET ? v4GoesOn(first, packet) : v6GoesOn(first, packet));
        return sameIp
                && first.u32(upperAt) == packet.u32(upperAt) // both ports
                && (protocol == IpProtocol.TCP ? tcpGoesOn(first, packet) : merged < MAX_DATAGRAMS)
                && upperIsJoined(packet);
    }

    private boolean v4GoesOn(Packet first, Packet packet) {
        boolean same = Ipv4Header.trafficClass(first, 0) == Ipv4Header.trafficClass(packet, 0)
                && first.u16(Ipv4Header.FRAGMENT) == packet.u16(Ipv4Header.FRAGMENT)
                && Ipv4Header.ttl(first, 0) == Ipv4Header.ttl(packet, 0)
                && first.u64(Ipv4Header.SOURCE) == packet.u64(Ipv4Header.SOURCE); // both addresses
        int ahead = (Ipv4Header.identification(packet, 0) - Ipv4Header.identification(first, 0)) & 0xffff;
        if (merged == 1) {
            idStep = ahead == 0 && Ipv4Header.dontFragment(first, 0) ? 0 : 1;
        }
        return same && ahead == merged * idStep;
    }

    private static boolean v6GoesOn(Packet first, Packet packet) {
        boolean same = first.u32(0) == packet.u32(0) // version, traffic class, flow label
                && Ipv6Header.hopLimit(first, 0) == Ipv6Header.hopLimit(packet, 0);
        for (int at = Ipv6Header.SOURCE; same && at < Ipv6Header.LENGTH; at += 8) {
            same = first.u64(at) == packet.u64(at);
        }
        return same;
    }

    /** Everything equal (offset, window and options too) but number, checksum, and the flags that end a stream. */
    private boolean tcpGoesOn(Packet first, Packet packet) {
        int flags = TcpHeader.flags(first, upperAt) ^ TcpHeader.flags(packet, upperAt);
        boolean same = (flags & ~ENDING) == 0
                && packet.u8(upperAt + TcpHeader.DATA_OFFSET) == first.u8(upperAt + TcpHeader.DATA_OFFSET)
                && TcpHeader.sequence(packet, upperAt) == TcpHeader.sequence(first, upperAt) + merged * size
                && TcpHeader.acknowledgment(packet, upperAt) == TcpHeader.acknowledgment(first, upperAt)
                && TcpHeader.window(packet, upperAt) == TcpHeader.window(first, upperAt)
                && packet.u16(upperAt + TcpHeader.URGENT_POINTER) == first.u16(upperAt + TcpHeader.URGENT_POINTER);
        for (int at = upperAt + TcpHeader.MIN_LENGTH; same && at < payloadAt; at += 4) {
            same = first.u32(at) == packet.u32(at);
        }
        return same;
    }

    private boolean sumsUp(Packet packet) {
        return Checksum.ofUpper(
                        packet,
                        family,
                        IpHeader.sourceAt(family, 0),
                        IpHeader.destinationAt(family, 0),
                        protocol,
                        upperAt,
                        packet.length() - upperAt)
                == 0;
    }

    private void takeEndingFlags(Packet last) {
        if (protocol == IpProtocol.TCP) {
            TcpHeader.flags(whole, upperAt, TcpHeader.flags(last, upperAt));
        }
    }

    private void finish() {
        int length = whole.length() - upperAt;
        if (family == Family.INET) {
            Ipv4Header.totalLength(whole, 0, whole.length());
            Ipv4Header.updateChecksum(whole, 0);
        } else {
            Ipv6Header.payloadLength(whole, 0, whole.length() - Ipv6Header.LENGTH);
        }
        if (protocol == IpProtocol.UDP) {
            UdpHeader.length(whole, upperAt, length);
        }
        long sum = Checksum.pseudoHeader(
                whole, family, IpHeader.sourceAt(family, 0), IpHeader.destinationAt(family, 0), protocol, length);
        whole.putU16(csumStart() + csumOffset(), Checksum.fold(sum));
    }

    /** The array that holds the super-packet; always the same. */
    public byte[] octets() {
        return whole.array();
    }

    /** Index of its first octet in {@link #octets}; {@link #HEADROOM} octets in front of it are free. */
    public int start() {
        return whole.start();
    }

    /** Octets of the super-packet. */
    public int length() {
        return whole.length();
    }

    /** {@link Segments#TCPV4}, {@link Segments#TCPV6} or {@link Segments#UDP_L4}. */
    public int gsoType() {
        return protocol == IpProtocol.UDP ? Segments.UDP_L4 : family == Family.INET ? Segments.TCPV4 : Segments.TCPV6;
    }

    /** Payload octets of each joined packet but the last. */
    public int gsoSize() {
        return size;
    }

    /** Octets of IP header and TCP or UDP header. */
    public int headerLength() {
        return payloadAt;
    }

    /** What the checksum covers begins here, from the super-packet's first octet. */
    public int csumStart() {
        return upperAt;
    }

    /** The checksum field, from {@link #csumStart}. */
    public int csumOffset() {
        return protocol == IpProtocol.UDP ? UdpHeader.CHECKSUM : TcpHeader.CHECKSUM;
    }
}
