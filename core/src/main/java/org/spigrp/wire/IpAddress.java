package org.spigrp.wire;

import org.jspecify.annotations.Nullable;

/**
 * An IPv4 or IPv6 address, a value. IPv4 sits in the low 32 bits of {@code low}.
 *
 * <p>Text is read by {@link AddressText} and printed by {@link #toString}: IPv6 in lower case with the
 * <em>first</em> run of two or more zero groups abbreviated, as KLIPS prints it.
 */
public record IpAddress(Family family, long high, long low) implements Comparable<IpAddress> {
    public static final IpAddress ANY_V4 = new IpAddress(Family.INET, 0, 0);
    public static final IpAddress ANY_V6 = new IpAddress(Family.INET6, 0, 0);

    // By hand for fast starts, see Said.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof IpAddress that && family == that.family && high == that.high && low == that.low;
    }

    @Override
    public int hashCode() {
        return 31 * (31 * Long.hashCode(high) + Long.hashCode(low)) + family.hashCode();
    }

    public static IpAddress v4(int bits) {
        return new IpAddress(Family.INET, 0, Integer.toUnsignedLong(bits));
    }

    public static IpAddress v6(long high, long low) {
        return new IpAddress(Family.INET6, high, low);
    }

    public static IpAddress any(Family family) {
        return family == Family.INET ? ANY_V4 : ANY_V6;
    }

    /** Of 4 or 16 octets. */
    public static IpAddress of(byte[] octets) {
        return read(octets.length == 4 ? Family.INET : Family.INET6, new Octets(octets), 0);
    }

    public static IpAddress read(Family family, Octets octets, int at) {
        return family == Family.INET ? v4(octets.u32(at)) : v6(octets.u64(at), octets.u64(at + 8));
    }

    public void write(Octets octets, int at) {
        if (family == Family.INET) {
            octets.putU32(at, (int) low);
        } else {
            octets.putU64(at, high);
            octets.putU64(at + 8, low);
        }
    }

    /** True if the octets at {@code at} are this address. Makes no garbage. */
    public boolean isAt(Octets octets, int at) {
        return family == Family.INET
                ? octets.u32(at) == (int) low
                : octets.u64(at) == high && octets.u64(at + 8) == low;
    }

    public boolean isAny() {
        return (high | low) == 0;
    }

    /** This address with all bits behind the first {@code bits} cleared. */
    public IpAddress masked(int bits) {
        if (family == Family.INET) {
            return v4(bits == 0 ? 0 : (int) low & -1 << (32 - bits));
        }
        long maskedHigh = bits == 0 ? 0 : bits >= 64 ? high : high & -1L << (64 - bits);
        long maskedLow = bits <= 64 ? 0 : low & -1L << (128 - bits);
        return v6(maskedHigh, maskedLow);
    }

    /** 4 or 16 octets. */
    public byte[] toBytes() {
        var octets = new Octets(new byte[family.octets()]);
        write(octets, 0);
        return octets.array();
    }

    @Override
    public int compareTo(IpAddress other) {
        int byFamily = family.compareTo(other.family);
        if (byFamily != 0) {
            return byFamily;
        }
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    @Override
    public String toString() {
        return family == Family.INET ? v4Text() : v6Text();
    }

    private String v4Text() {
        return (low >>> 24) + "." + (low >>> 16 & 0xff) + "." + (low >>> 8 & 0xff) + "." + (low & 0xff);
    }

    private String v6Text() {
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (int) ((i < 4 ? high : low) >>> (48 - 16 * (i & 3))) & 0xffff;
        }
        int from = 0;
        while (from < 7 && (groups[from] | groups[from + 1]) != 0) {
            from++;
        }
        int to = from;
        if (from < 7) {
            while (to < 8 && groups[to] == 0) {
                to++;
            }
        } else {
            from = 8;
            to = 8;
        }
        var text = new StringBuilder(39);
        for (int i = 0; i < from; i++) {
            text.append(i == 0 ? "" : ":").append(Integer.toHexString(groups[i]));
        }
        if (from < to) {
            text.append("::");
            for (int i = to; i < 8; i++) {
                text.append(i == to ? "" : ":").append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }
}
