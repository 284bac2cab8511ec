package org.spigrp.wire;

import org.jspecify.annotations.Nullable;

/**
 * What IPv4 and IPv6 headers have in common, chosen by the version in the first four bits. {@code at} is the position
 * of the header's first octet.
 */
public final class IpHeader {
    private IpHeader() {}

    /** The family that the version field says, or null if it says neither (or nothing is there). */
    public static @Nullable Family family(Octets octets, int at) {
        if (at < 0 || at >= octets.length()) {
            return null;
        }
        return switch (octets.u8(at) >>> 4) {
            case 4 -> Family.INET;
            case 6 -> Family.INET6;
            default -> null;
        };
    }

    /** {@link #check(Octets, int, int)} with everything behind {@code at} available. */
    public static Verdict check(Octets octets, int at) {
        return check(octets, at, octets.length() - at);
    }

    /** NONE if a whole IPv4 or IPv6 packet starts here; octets behind its length field's end do not matter. */
    public static Verdict check(Octets octets, int at, int available) {
        if (available < 1) {
            return Verdict.TOO_SHORT;
        }
        return switch (octets.u8(at) >>> 4) {
            case 4 -> Ipv4Header.check(octets, at, available);
            case 6 -> Ipv6Header.check(octets, at, available);
            default -> Verdict.NOT_IP;
        };
    }

    /** Header and payload as the length field says; after {@link #check}. */
    public static int packetLength(Octets octets, int at) {
        return octets.u8(at) >>> 4 == 4 ? Ipv4Header.totalLength(octets, at) : Ipv6Header.packetLength(octets, at);
    }

    /** Position of the source address. */
    public static int sourceAt(Family family, int at) {
        return at + (family == Family.INET ? Ipv4Header.SOURCE : Ipv6Header.SOURCE);
    }

    /** Position of the destination address. */
    public static int destinationAt(Family family, int at) {
        return at + (family == Family.INET ? Ipv4Header.DESTINATION : Ipv6Header.DESTINATION);
    }
}
