package org.spigrp.wire;

/**
 * IPComp header (RFC 3173 3).
 *
 * <pre>
 *    0                   1                   2                   3
 *   |  next header  |     flags     |  compression parameter index  |   0
 *   |  compressed payload ...                                       |   4
 * </pre>
 *
 * All methods but {@link #check} may be used only after it said NONE.
 */
public final class IpCompHeader {
    public static final int LENGTH = 4;

    public static final int NEXT_HEADER = 0;
    public static final int FLAGS = 1;
    public static final int CPI = 2;

    private IpCompHeader() {}

    /** {@link #check(Octets, int, int)} with everything behind {@code at} available. */
    public static Verdict check(Octets octets, int at) {
        return check(octets, at, octets.length() - at);
    }

    /** NONE if the header is among the {@code available} octets. */
    public static Verdict check(Octets octets, int at, int available) {
        return available < LENGTH ? Verdict.TOO_SHORT : Verdict.NONE;
    }

    public static int nextHeader(Octets octets, int at) {
        return octets.u8(at + NEXT_HEADER);
    }

    public static void nextHeader(Octets octets, int at, int value) {
        octets.putU8(at + NEXT_HEADER, value);
    }

    /** Sent as zero, ignored when received (RFC 3173 3.3). */
    public static int flags(Octets octets, int at) {
        return octets.u8(at + FLAGS);
    }

    public static void flags(Octets octets, int at, int value) {
        octets.putU8(at + FLAGS, value);
    }

    /** 16 bits: the low half of the SPI of a {@code comp} SA. */
    public static int cpi(Octets octets, int at) {
        return octets.u16(at + CPI);
    }

    public static void cpi(Octets octets, int at, int value) {
        octets.putU16(at + CPI, value);
    }
}
