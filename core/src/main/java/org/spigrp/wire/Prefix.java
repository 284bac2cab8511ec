package org.spigrp.wire;

/** A network: an address and how many of its leading bits count. Bits behind them are zero. */
public record Prefix(IpAddress base, int bits) implements Comparable<Prefix> {
    public Prefix {
        if (bits < 0 || bits > base.family().bits()) {
            throw new IllegalArgumentException(
                    "prefix length " + bits + " does not fit " + base.family().text());
        }
        base = base.masked(bits);
    }

    /** 0.0.0.0/0 or ::/0. */
    public static Prefix all(Family family) {
        return new Prefix(IpAddress.any(family), 0);
    }

    /** The one address. */
    public static Prefix host(IpAddress address) {
        return new Prefix(address, address.family().bits());
    }

    public Family family() {
        return base.family();
    }

    public boolean contains(IpAddress address) {
        return address.family() == base.family() && address.masked(bits).equals(base);
    }

    /** True if the address at {@code at}, of this network's family, lies in the network. Makes no garbage. */
    public boolean containsAt(Octets octets, int at) {
        if (base.family() == Family.INET) {
            return bits == 0 || ((octets.u32(at) ^ (int) base.low()) >>> (32 - bits)) == 0;
        }
        long highDiff = octets.u64(at) ^ base.high();
        if (bits <= 64) {
            return bits == 0 || highDiff >>> (64 - bits) == 0;
        }
        return highDiff == 0 && (octets.u64(at + 8) ^ base.low()) >>> (128 - bits) == 0;
    }

    @Override
    public int compareTo(Prefix other) {
        int byBase = base.compareTo(other.base);
        return byBase != 0 ? byBase : Integer.compare(bits, other.bits);
    }

    @Override
    public String toString() {
        return base + "/" + bits;
    }
}
