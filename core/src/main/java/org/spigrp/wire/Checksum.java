package org.spigrp.wire;

/**
 * The Internet checksum (RFC 1071): the complement of the one's complement sum of 16-bit words.
 *
 * <p>Sums travel as a {@code long} that is folded once at the end, so that parts can be added one after another. Every
 * part but the last must have an even number of octets; an odd last octet counts as the upper half of a word.
 *
 * <p>The words are added four octets at a time: 2^16 is 1 modulo 65535, so the halves may be added later, when the sum
 * is folded. 65,576 octets are 16,394 words of 32 bits, far from an overflow of 64 bits.
 */
public final class Checksum {
    private Checksum() {}

    /** {@code sum} plus {@code count} octets from {@code at}. */
    public static long add(long sum, Octets octets, int at, int count) {
        octets.check(at, count);
        long total = sum;
        int position = at;
        int left = count;
        while (left >= 4) {
            total += Integer.toUnsignedLong(octets.u32(position));
            position += 4;
            left -= 4;
        }
        if (left >= 2) {
            total += octets.u16(position);
            position += 2;
            left -= 2;
        }
        if (left == 1) {
            total += (long) octets.u8(position) << 8;
        }
        return total;
    }

    /** The sum in 16 bits, not complemented. */
    public static int fold(long sum) {
        long folded = (sum >>> 32) + (sum & 0xffff_ffffL);
        folded = (folded >>> 16) + (folded & 0xffff);
        folded = (folded >>> 16) + (folded & 0xffff);
        return (int) ((folded >>> 16) + (folded & 0xffff));
    }

    /** What goes into the field: the complement of the folded sum. */
    public static int finish(long sum) {
        return ~fold(sum) & 0xffff;
    }

    /** Checksum of a range. Over a range that contains its own correct checksum it is 0. */
    public static int of(Octets octets, int at, int count) {
        return finish(add(0, octets, at, count));
    }

    /**
     * The checksum after a 16-bit word of what it covers went from {@code before} to {@code after} (RFC 1624 equation
     * 3; equation 2 of RFC 1141 gets zero wrong).
     */
    public static int update(int checksum, int before, int after) {
        return update(checksum, (long) before, after);
    }

    /** As {@link #update(int, int, int)} with the sums of any number of words before and after. */
    public static int update(int checksum, long sumBefore, long sumAfter) {
        return finish((~checksum & 0xffff) + (long) (~fold(sumBefore) & 0xffff) + fold(sumAfter));
    }

    /**
     * Sum of the pseudo header of TCP, UDP and ICMPv6 (RFC 9293 3.1, RFC 8200 8.1).
     *
     * @param sourceAt position of the source address
     * @param destinationAt position of the destination address
     * @param protocol of the upper layer
     * @param length of the upper layer, header and data
     */
    public static long pseudoHeader(
            Octets octets, Family family, int sourceAt, int destinationAt, int protocol, int length) {
        int count = family.octets();
        long sum = add(protocol + (long) length, octets, sourceAt, count);
        return add(sum, octets, destinationAt, count);
    }

    /**
     * Checksum of a TCP segment, UDP datagram or ICMPv6 message, pseudo header included; the checksum field must be 0
     * when it is computed. Over a correct one, field included, the result is 0. A UDP sender writes 0xffff for 0: see
     * {@link #forUdp}.
     */
    public static int ofUpper(
            Octets octets, Family family, int sourceAt, int destinationAt, int protocol, int at, int length) {
        return finish(add(pseudoHeader(octets, family, sourceAt, destinationAt, protocol, length), octets, at, length));
    }

    /** In UDP the value 0 says "no checksum", and 0xffff stands for a computed 0 (RFC 768). */
    public static int forUdp(int checksum) {
        return checksum == 0 ? 0xffff : checksum;
    }

    /**
     * Computes the checksum of the TCP segment or UDP datagram at {@code at} anew, as RFC 3948 3.1.2 wants it behind a
     * NAT: the addresses of the IP header are not those that the sender summed. UDP without a checksum stays so over
     * IPv4; other protocols, and what is too short to have a checksum field, stay as they are.
     */
    public static void mendUpper(
            Octets octets, Family family, int sourceAt, int destinationAt, int protocol, int at, int length) {
        if (protocol == IpProtocol.TCP && length >= TcpHeader.MIN_LENGTH) {
            TcpHeader.checksum(octets, at, 0);
            TcpHeader.checksum(octets, at, ofUpper(octets, family, sourceAt, destinationAt, protocol, at, length));
        } else if (protocol == IpProtocol.UDP && length >= UdpHeader.LENGTH) {
            if (family == Family.INET && UdpHeader.checksum(octets, at) == 0) {
                return;
            }
            UdpHeader.checksum(octets, at, 0);
            UdpHeader.checksum(
                    octets, at, forUdp(ofUpper(octets, family, sourceAt, destinationAt, protocol, at, length)));
        }
    }

    /**
     * As {@link #mendUpper}, but incremental: carries the change of the addresses into the checksum, so that a packet
     * that was damaged before stays recognisable (RFC 3948 3.1.2, first method).
     *
     * @param addressesBefore sum of both addresses that the sender summed
     * @param addressesAfter sum of both addresses of the IP header now
     */
    public static void adjustUpper(
            Octets octets, Family family, int protocol, int at, int length, long addressesBefore, long addressesAfter) {
        if (protocol == IpProtocol.TCP && length >= TcpHeader.MIN_LENGTH) {
            TcpHeader.checksum(octets, at, update(TcpHeader.checksum(octets, at), addressesBefore, addressesAfter));
        } else if (protocol == IpProtocol.UDP && length >= UdpHeader.LENGTH) {
            int checksum = UdpHeader.checksum(octets, at);
            if (family == Family.INET && checksum == 0) {
                return;
            }
            UdpHeader.checksum(octets, at, forUdp(update(checksum, addressesBefore, addressesAfter)));
        }
    }
}
