package org.spigrp.wire;

/**
 * IPv4 header (RFC 791 3.1; RFC 2474 and 3168 for the second octet).
 *
 * <pre>
 *    0                   1                   2                   3
 *   |version|  ihl  |  traffic class|          total length         |   0
 *   |        identification         |0|D|M|     fragment offset     |   4
 *   |      TTL      |   protocol    |        header checksum        |   8
 *   |                        source address                         |  12
 *   |                     destination address                       |  16
 *   |                 options, 0..40 octets                         |  20
 * </pre>
 *
 * All methods but {@link #check} may be used only after it said NONE. Setters leave the checksum as it is:
 * {@link #updateChecksum} comes last.
 */
public final class Ipv4Header {
    /** Without options. */
    public static final int MIN_LENGTH = 20;

    public static final int MAX_LENGTH = 60;
    public static final int MAX_TOTAL_LENGTH = 65_535;

    public static final int TRAFFIC_CLASS = 1;
    public static final int TOTAL_LENGTH = 2;
    public static final int IDENTIFICATION = 4;
    public static final int FRAGMENT = 6;
    public static final int TTL = 8;
    public static final int PROTOCOL = 9;
    public static final int CHECKSUM = 10;
    public static final int SOURCE = 12;
    public static final int DESTINATION = 16;
    public static final int OPTIONS = 20;

    private static final int DONT_FRAGMENT = 0x4000;
    private static final int MORE_FRAGMENTS = 0x2000;
    private static final int OFFSET_MASK = 0x1fff;

    private Ipv4Header() {}

    /** {@link #check(Octets, int, int)} with everything behind {@code at} available. */
    public static Verdict check(Octets octets, int at) {
        return check(octets, at, octets.length() - at);
    }

    /**
     * NONE if a header with its options and the whole of its total length is among the {@code available} octets. More
     * may follow (link-layer padding). The checksum is not looked at: see {@link #checksumIsGood}.
     */
    public static Verdict check(Octets octets, int at, int available) {
        if (available < MIN_LENGTH) {
            return Verdict.TOO_SHORT;
        }
        long first = octets.u64(at);
        int length = (int) (first >>> 32) & 0xffff;
        if (first >>> 56 == 0x45 && MIN_LENGTH <= length && length <= available) {
            return Verdict.NONE; // nearly all: no options
        }
        if (version(octets, at) != 4) {
            return Verdict.NOT_IP;
        }
        int header = headerLength(octets, at);
        if (header < MIN_LENGTH) {
            return Verdict.BAD_LENGTH;
        }
        if (header > available) {
            return Verdict.TOO_SHORT;
        }
        int total = totalLength(octets, at);
        return total < header || total > available ? Verdict.BAD_LENGTH : Verdict.NONE;
    }

    /** First octet, flags, offset and addresses zero, header length 20, total length as given. */
    public static void init(Octets octets, int at, int totalLength) {
        octets.putU64(at, 0);
        octets.putU64(at + 8, 0);
        octets.putU32(at + 16, 0);
        octets.putU8(at, 0x45);
        octets.putU16(at + TOTAL_LENGTH, totalLength);
    }

    /** A whole header without options, in three stores, with its checksum. */
    public static void write(
            Octets octets,
            int at,
            int totalLength,
            int trafficClass,
            int identification,
            boolean dontFragment,
            int ttl,
            int protocol,
            int source,
            int destination) {
        int fragment = dontFragment ? DONT_FRAGMENT : 0;
        int front = 0x4500 | trafficClass;
        int middle = ttl << 8 | protocol;
        int sum = front + totalLength + identification + fragment + middle;
        sum += (source >>> 16) + (source & 0xffff) + (destination >>> 16) + (destination & 0xffff);
        sum = (sum >>> 16) + (sum & 0xffff);
        int checksum = ~((sum >>> 16) + sum) & 0xffff;
        byte[] array = octets.array;
        int index = octets.check(at, MIN_LENGTH);
        long lengths = (long) front << 48 | (long) totalLength << 32 | (long) identification << 16 | fragment;
        Octets.U64.set(array, index, lengths);
        Octets.U64.set(array, index + 8, (long) middle << 48 | (long) checksum << 32 | Integer.toUnsignedLong(source));
        Octets.U32.set(array, index + 16, destination);
    }

    public static int version(Octets octets, int at) {
        return octets.u8(at) >>> 4;
    }

    /** In octets, with options: 20..60. */
    public static int headerLength(Octets octets, int at) {
        return (octets.u8(at) & 0xf) << 2;
    }

    public static boolean hasOptions(Octets octets, int at) {
        return headerLength(octets, at) > MIN_LENGTH;
    }

    /** DSCP (upper 6 bits) and ECN (lower 2). */
    public static int trafficClass(Octets octets, int at) {
        return octets.u8(at + TRAFFIC_CLASS);
    }

    /** The same from the first 8 octets of a header. */
    public static int trafficClassOf(long first) {
        return (int) (first >>> 48) & 0xff;
    }

    public static void trafficClass(Octets octets, int at, int value) {
        octets.putU8(at + TRAFFIC_CLASS, value);
    }

    /** Header and payload. */
    public static int totalLength(Octets octets, int at) {
        return octets.u16(at + TOTAL_LENGTH);
    }

    public static void totalLength(Octets octets, int at, int value) {
        octets.putU16(at + TOTAL_LENGTH, value);
    }

    public static int identification(Octets octets, int at) {
        return octets.u16(at + IDENTIFICATION);
    }

    public static void identification(Octets octets, int at, int value) {
        octets.putU16(at + IDENTIFICATION, value);
    }

    public static boolean dontFragment(Octets octets, int at) {
        return (octets.u16(at + FRAGMENT) & DONT_FRAGMENT) != 0;
    }

    /** The same from the first 8 octets of a header. */
    public static boolean dontFragmentOf(long first) {
        return (first & DONT_FRAGMENT) != 0;
    }

    public static void dontFragment(Octets octets, int at, boolean value) {
        int others = octets.u16(at + FRAGMENT) & ~DONT_FRAGMENT;
        octets.putU16(at + FRAGMENT, value ? others | DONT_FRAGMENT : others);
    }

    public static boolean moreFragments(Octets octets, int at) {
        return (octets.u16(at + FRAGMENT) & MORE_FRAGMENTS) != 0;
    }

    /** In octets: a multiple of 8. */
    public static int fragmentOffset(Octets octets, int at) {
        return (octets.u16(at + FRAGMENT) & OFFSET_MASK) << 3;
    }

    /** DF keeps its value; {@code offset} in octets, a multiple of 8. */
    public static void fragment(Octets octets, int at, int offset, boolean more) {
        int df = octets.u16(at + FRAGMENT) & DONT_FRAGMENT;
        octets.putU16(at + FRAGMENT, df | offset >>> 3 | (more ? MORE_FRAGMENTS : 0));
    }

    /** True for every fragment of a datagram, the first included. */
    public static boolean isFragment(Octets octets, int at) {
        return (octets.u16(at + FRAGMENT) & (MORE_FRAGMENTS | OFFSET_MASK)) != 0;
    }

    public static int ttl(Octets octets, int at) {
        return octets.u8(at + TTL);
    }

    public static void ttl(Octets octets, int at, int value) {
        octets.putU8(at + TTL, value);
    }

    public static int protocol(Octets octets, int at) {
        return octets.u8(at + PROTOCOL);
    }

    public static void protocol(Octets octets, int at, int value) {
        octets.putU8(at + PROTOCOL, value);
    }

    public static int checksum(Octets octets, int at) {
        return octets.u16(at + CHECKSUM);
    }

    /** Computes the checksum over header and options and stores it. */
    public static void updateChecksum(Octets octets, int at) {
        octets.putU16(at + CHECKSUM, 0);
        octets.putU16(at + CHECKSUM, Checksum.of(octets, at, headerLength(octets, at)));
    }

    public static boolean checksumIsGood(Octets octets, int at) {
        return Checksum.of(octets, at, headerLength(octets, at)) == 0;
    }

    public static int source(Octets octets, int at) {
        return octets.u32(at + SOURCE);
    }

    public static int destination(Octets octets, int at) {
        return octets.u32(at + DESTINATION);
    }

    /** First octet behind header and options. */
    public static int payloadAt(Octets octets, int at) {
        return at + headerLength(octets, at);
    }
}
