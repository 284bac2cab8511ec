package org.spigrp.wire;

/**
 * Nearly all packets: whole IPv4 packets without options that are longer than their header. What tells their flow is
 * read in four loads; field by field it would be ten.
 */
public final class PlainV4 {
    /** A header without options, and the ports behind it. */
    public static final int LEAST_LENGTH = Ipv4Header.MIN_LENGTH + 4;

    private static final int NO_OPTIONS = 0x45;
    private static final int FRAGMENTED = 0x3fff;

    private PlainV4() {}

    /** True if the whole of the octets is such a packet. */
    public static boolean is(Octets octets) {
        return octets.length() >= LEAST_LENGTH && is(octets.u64(0), octets.length());
    }

    /** True if a packet that begins with these 8 octets is one, and has this length. */
    public static boolean is(long first, int length) {
        return first >>> 56 == NO_OPTIONS && (first & FRAGMENTED) == 0 && length(first) == length;
    }

    /** Header and payload, of a packet that begins with these 8 octets. */
    public static int length(long first) {
        return (int) (first >>> 32) & 0xffff;
    }

    /** Source address in the upper half, destination in the lower; of such a packet at {@code at}. */
    public static long addresses(Octets octets, int at) {
        return octets.u64(at + Ipv4Header.SOURCE);
    }

    /**
     * Protocol in the upper half, the first four octets behind the header (ports, an SPI, ICMP type, code and checksum)
     * in the lower. Packets of which both this and {@link #addresses} are the same are the same to every selector.
     */
    public static long upper(Octets octets, int at) {
        int behind = octets.u32(at + Ipv4Header.MIN_LENGTH);
        return (octets.u64(at + 8) >>> 16 & 0xff_0000_0000L) | Integer.toUnsignedLong(behind);
    }
}
