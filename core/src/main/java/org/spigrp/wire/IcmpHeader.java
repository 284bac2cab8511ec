package org.spigrp.wire;

/**
 * ICMP (RFC 792) and ICMPv6 (RFC 4443) header. The two differ in what the numbers mean, hence the two sets of
 * constants, and in that the ICMPv6 checksum covers a pseudo header.
 *
 * <pre>
 *    0                   1                   2                   3
 *   |     type      |     code      |           checksum            |   0
 *   |     by type; ICMP "fragmentation needed": MTU at 6 (RFC 1191) |   4
 *   |              ICMPv6 "packet too big": MTU, 32 bits, at 4      |
 *   |   the packet concerned, or data ...                           |   8
 * </pre>
 *
 * All methods but {@link #check} may be used only after it said NONE.
 */
public final class IcmpHeader {
    public static final int LENGTH = 8;

    public static final int TYPE = 0;
    public static final int CODE = 1;
    public static final int CHECKSUM = 2;
    public static final int REST = 4;

    /** ICMP. */
    public static final int V4_ECHO_REPLY = 0;

    public static final int V4_UNREACHABLE = 3;
    /** Code of {@link #V4_UNREACHABLE}. */
    public static final int V4_FRAGMENTATION_NEEDED = 4;
    /** Code of {@link #V4_UNREACHABLE} (RFC 1812 5.2.7.1): refused by a filter. */
    public static final int V4_PROHIBITED = 13;

    public static final int V4_SOURCE_QUENCH = 4;
    public static final int V4_REDIRECT = 5;
    public static final int V4_ECHO = 8;
    public static final int V4_TIME_EXCEEDED = 11;
    public static final int V4_PARAMETER_PROBLEM = 12;

    /** ICMPv6. */
    public static final int V6_UNREACHABLE = 1;
    /** Code of {@link #V6_UNREACHABLE}: refused by a filter. */
    public static final int V6_PROHIBITED = 1;

    public static final int V6_PACKET_TOO_BIG = 2;
    public static final int V6_ECHO = 128;
    public static final int V6_ECHO_REPLY = 129;
    public static final int V6_REDIRECT = 137;

    private IcmpHeader() {}

    /** {@link #check(Octets, int, int)} with everything behind {@code at} available. */
    public static Verdict check(Octets octets, int at) {
        return check(octets, at, octets.length() - at);
    }

    /** NONE if type, code, checksum and the word behind them are among the {@code available} octets. */
    public static Verdict check(Octets octets, int at, int available) {
        return available < LENGTH ? Verdict.TOO_SHORT : Verdict.NONE;
    }

    public static int type(Octets octets, int at) {
        return octets.u8(at + TYPE);
    }

    public static void type(Octets octets, int at, int value) {
        octets.putU8(at + TYPE, value);
    }

    public static int code(Octets octets, int at) {
        return octets.u8(at + CODE);
    }

    public static void code(Octets octets, int at, int value) {
        octets.putU8(at + CODE, value);
    }

    public static int checksum(Octets octets, int at) {
        return octets.u16(at + CHECKSUM);
    }

    public static void checksum(Octets octets, int at, int value) {
        octets.putU16(at + CHECKSUM, value);
    }

    /** The 32 bits whose meaning depends on the type. */
    public static int rest(Octets octets, int at) {
        return octets.u32(at + REST);
    }

    public static void rest(Octets octets, int at, int value) {
        octets.putU32(at + REST, value);
    }

    /** True for messages about an error: none may be sent in answer to one (RFC 1122 3.2.2, RFC 4443 2.4). */
    public static boolean isError(Family family, int type) {
        return switch (family) {
            case INET ->
                switch (type) {
                    case V4_UNREACHABLE, V4_SOURCE_QUENCH, V4_REDIRECT, V4_TIME_EXCEEDED, V4_PARAMETER_PROBLEM -> true;
                    default -> false;
                };
            case INET6 -> type < 128 || type == V6_REDIRECT;
        };
    }
}
