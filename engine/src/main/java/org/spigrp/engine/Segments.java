package org.spigrp.engine;

import java.util.Objects;
import org.spigrp.wire.Checksum;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Ipv6Header;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Packet;
import org.spigrp.wire.PacketSelector;
import org.spigrp.wire.TcpHeader;
import org.spigrp.wire.UdpHeader;
import org.spigrp.wire.Verdict;

/**
 * Cuts what a TUN with offloads hands over in one read (virtio-net header, Virtio 1.2 5.1.6) into the packets that
 * would have been on the wire. {@link Merger} is the way back.
 *
 * <pre>
 *   in    IP | TCP, seq s | payload 0 .. n                        gsoSize g
 *   out   IP | TCP, seq s | 0 .. g      IP | TCP, seq s+g | g .. 2g     ...
 * </pre>
 *
 * One after another: {@link #begin}, then {@link #next} until it says false. The octets given to {@code begin} must stay
 * as they are until then. Every checksum of a cut packet is computed from nothing. Nothing is allocated as long as the
 * same array is given. Not thread-safe.
 */
public final class Segments {
    /** One packet; its checksum may be left to us. */
    public static final int NO_GSO = 0;

    public static final int TCPV4 = 1;
    public static final int TCPV6 = 4;
    /** Datagrams of equal length, the last may be shorter (USO); IPv4 and IPv6. */
    public static final int UDP_L4 = 5;
    /** May be added to TCPV4 and TCPV6: CWR is set, and belongs to the first segment. */
    public static final int ECN = 0x80;

    private static final int LARGEST = Ipv6Header.LENGTH + Ipv6Header.MAX_PAYLOAD_LENGTH;

    private final PacketSelector selector = new PacketSelector();
    private Octets all = new Octets(new byte[0]);
    private int type;
    private int size;
    private int start;
    private int end;
    private int upperAt;
    private int payloadAt;
    private long sumOfAddresses;
    /** Where the next segment's payload begins. */
    private int at;
    /** Of the segments, the next one's; -1 = none is left. */
    private int index = -1;

    private int checksumFrom;
    private int checksumAt;

    /**
     * Looks at one packet or super-packet, {@code length} octets of {@code octets} from {@code start}: IP header, upper
     * layer's header, payload. What the virtio-net header says:
     *
     * @param gsoType {@link #NO_GSO}, {@link #TCPV4}, {@link #TCPV6} or {@link #UDP_L4}, with {@link #ECN} or without
     * @param gsoSize payload octets of a segment
     * @param headerLength IP and upper layer's header as the kernel believes; not used, as for forwarded packets it may be
     *     the whole first segment: the packet itself tells
     * @param needsChecksum the upper layer's checksum field holds only the sum of the pseudo header
     * @param csumStart from the packet's first octet: what the checksum covers, up to the packet's end
     * @param csumOffset from {@code csumStart}: the field
     * @return NONE; or what is wrong (BAD_LENGTH, TOO_SHORT, NOT_IP, BAD_HEADER_CHAIN), then {@link #next} gives nothing
     */
    @SuppressWarnings("ReferenceEquality") // the same array, not the same octets
    public Verdict begin(
            byte[] octets,
            int start,
            int length,
            int gsoType,
            int gsoSize,
            int headerLength,
            boolean needsChecksum,
            int csumStart,
            int csumOffset) {
        Objects.checkFromIndexSize(start, length, octets.length);
        index = -1;
        if (all.array() != octets) {
            all = new Octets(octets);
        }
        this.start = start;
        type = gsoType & ~ECN;
        size = gsoSize;
        if (length == 0) {
            return Verdict.TOO_SHORT;
        }
        if (length > LARGEST) {
            return Verdict.BAD_LENGTH;
        }
        Verdict verdict = type == NO_GSO
                ? beginOne(length, needsChecksum, csumStart, csumOffset)
                : beginMany(length, needsChecksum, csumStart, csumOffset);
        index = verdict == Verdict.NONE ? 0 : -1;
        return verdict;
    }

    private Verdict beginOne(int length, boolean needsChecksum, int csumStart, int csumOffset) {
        end = start + length;
        checksumAt = -1;
        if (needsChecksum) {
            if ((csumStart | csumOffset) < 0 || csumStart > length - 2 || csumOffset > length - 2 - csumStart) {
                return Verdict.BAD_LENGTH;
            }
            checksumFrom = csumStart;
            checksumAt = csumStart + csumOffset;
        }
        return Verdict.NONE;
    }

    private Verdict beginMany(int length, boolean needsChecksum, int csumStart, int csumOffset) {
        Verdict verdict = selector.parse(all, start, length);
        if (verdict != Verdict.NONE) {
            return verdict;
        }
        end = selector.end();
        upperAt = selector.upperAt();
        if (size <= 0 || selector.isFragment() || !typeFits()) {
            return Verdict.BAD_LENGTH;
        }
        int left = end - upperAt;
        if (type == UDP_L4) {
            // The length field may be too small for all the datagrams together, so it is not asked.
            verdict = left < UdpHeader.LENGTH ? Verdict.TOO_SHORT : Verdict.NONE;
            payloadAt = upperAt + UdpHeader.LENGTH;
        } else {
            verdict = TcpHeader.check(all, upperAt, left);
            payloadAt = verdict == Verdict.NONE ? upperAt + TcpHeader.headerLength(all, upperAt) : upperAt;
        }
        if (verdict == Verdict.NONE) {
            at = payloadAt;
            sumAddresses(needsChecksum && csumStart == upperAt - start && csumOffset == checksumOffset());
        }
        return verdict;
    }

    private boolean typeFits() {
        int protocol = selector.protocol();
        return switch (type) {
            case TCPV4 -> protocol == IpProtocol.TCP && selector.family() == Family.INET;
            case TCPV6 -> protocol == IpProtocol.TCP && selector.family() == Family.INET6;
            case UDP_L4 -> protocol == IpProtocol.UDP;
            default -> false;
        };
    }

    private int checksumOffset() {
        return type == UDP_L4 ? UdpHeader.CHECKSUM : TcpHeader.CHECKSUM;
    }

    /**
     * The addresses of the pseudo header are those of the IP header, but for a routing header: then it is the final
     * destination (RFC 8200 8.1), which the sum in the checksum field knows.
     */
    private void sumAddresses(boolean partialSum) {
        if (partialSum && selector.family() == Family.INET6 && selector.chain().count() > 0) {
            int others = Checksum.fold((long) selector.protocol() + end - upperAt);
            sumOfAddresses = all.u16(upperAt + checksumOffset()) + (long) (~others & 0xffff);
        } else {
            int count = selector.family().octets();
            sumOfAddresses = Checksum.add(0, all, selector.sourceAt(), count);
            sumOfAddresses = Checksum.add(sumOfAddresses, all, selector.destinationAt(), count);
        }
    }

    /**
     * Fills {@code into}, which is reset with {@link Packet#DEFAULT_HEADROOM}, with the next packet.
     *
     * @return false if there is none left; {@code into} is as it was
     * @throws IllegalArgumentException if the slab is too small
     */
    public boolean next(Packet into) {
        if (index < 0) {
            return false;
        }
        if (type == NO_GSO) {
            copy(into, end - start, start, 0);
            if (checksumAt >= 0) {
                int checksum = Checksum.of(into, checksumFrom, into.length() - checksumFrom);
                into.putU16(checksumAt, Checksum.forUdp(checksum)); // for TCP both zeros are the same
            }
            index = -1;
            return true;
        }
        int count = Math.min(size, end - at);
        boolean last = count == end - at;
        copy(into, payloadAt - start, at, count);
        mendIp(into);
        mendUpper(into, upperAt - start, last);
        at += count;
        index = last ? -1 : index + 1;
        return true;
    }

    private void copy(Packet into, int header, int from, int count) {
        into.reset(Packet.DEFAULT_HEADROOM);
        if (!into.append(header + count)) {
            throw new IllegalArgumentException(
                    "packet of " + (header + count) + " octets, slab of " + into.array().length);
        }
        into.put(0, all.array(), start, header);
        into.put(header, all.array(), from, count);
    }

    private void mendIp(Packet into) {
        if (selector.family() == Family.INET) {
            Ipv4Header.totalLength(into, 0, into.length());
            Ipv4Header.identification(into, 0, Ipv4Header.identification(into, 0) + index);
            Ipv4Header.updateChecksum(into, 0);
        } else {
            Ipv6Header.payloadLength(into, 0, into.length() - Ipv6Header.LENGTH);
        }
    }

    private void mendUpper(Packet into, int upper, boolean last) {
        int length = into.length() - upper;
        if (type == UDP_L4) {
            UdpHeader.length(into, upper, length);
        } else {
            TcpHeader.sequence(into, upper, TcpHeader.sequence(into, upper) + at - payloadAt);
            int off = (last ? 0 : TcpHeader.FIN | TcpHeader.PSH) | (index == 0 ? 0 : TcpHeader.CWR);
            TcpHeader.flags(into, upper, TcpHeader.flags(into, upper) & ~off);
        }
        into.putU16(upper + checksumOffset(), 0);
        long sum = sumOfAddresses + selector.protocol() + length;
        int checksum = Checksum.finish(Checksum.add(sum, into, upper, length));
        into.putU16(upper + checksumOffset(), type == UDP_L4 ? Checksum.forUdp(checksum) : checksum);
    }
}
