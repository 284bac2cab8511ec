package org.spigrp.wire;

/**
 * Nearly all packets: whole IPv4 packets without options that are longer than their header, and nothing behind them. What
 * tells their flow is read in five loads with one check of bounds; field by field it would be ten of each.
 */
public final class PlainV4 {
    /** A header without options, and the ports behind it. */
    public static final int LEAST_LENGTH = Ipv4Header.MIN_LENGTH + 4;

    private static final int NO_OPTIONS = 0x45;
    private static final int FRAGMENTED = 0x3fff;

    private PlainV4() {}

    /** True if the whole of the octets is such a packet. */
    public static boolean is(Octets octets) {
        return octets.length >= LEAST_LENGTH && is((long) Octets.U64.get(octets.array, octets.start), octets.length);
    }

    /** True if a packet that begins with these 8 octets is one, and has this length. */
    public static boolean is(long first, int length) {
        return first >>> 56 == NO_OPTIONS && (first & FRAGMENTED) == 0 && length(first) == length;
    }

    /** Header and payload, of a packet that begins with these 8 octets. */
    public static int length(long first) {
        return (int) (first >>> 32) & 0xffff;
    }

    /** Source address in the upper half, destination in the lower. After {@link #is}. */
    public static long addresses(Octets octets) {
        return (long) Octets.U64.get(octets.array, octets.start + Ipv4Header.SOURCE);
    }

    /** Protocol in the upper half, the first four octets behind the header (ports, an SPI) in the lower. */
    public static long upper(Octets octets) {
        long second = (long) Octets.U64.get(octets.array, octets.start + 8);
        int behind = (int) Octets.U32.get(octets.array, octets.start + Ipv4Header.MIN_LENGTH);
        return (second >>> 16 & 0xff_0000_0000L) | Integer.toUnsignedLong(behind);
    }
}
