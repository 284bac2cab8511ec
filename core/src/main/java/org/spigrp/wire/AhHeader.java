package org.spigrp.wire;

/**
 * Authentication header (RFC 4302 2).
 *
 * <pre>
 *    0                   1                   2                   3
 *   |  next header  |  AH length    |           reserved            |   0
 *   |                 security parameters index                     |   4
 *   |                      sequence number                          |   8
 *   |   integrity check value (GMAC: IV of 8 octets in front), padding ...
 * </pre>
 *
 * "AH length" counts 32-bit words minus 2. All methods but {@link #check} may be used only after it said NONE.
 */
public final class AhHeader {
    /** Up to the ICV. */
    public static final int FIXED_LENGTH = 12;

    public static final int NEXT_HEADER = 0;
    public static final int PAYLOAD_LENGTH = 1;
    public static final int RESERVED = 2;
    public static final int SPI = 4;
    public static final int SEQUENCE = 8;
    public static final int ICV = 12;

    private AhHeader() {}

    /** {@link #check(Octets, int, int)} with everything behind {@code at} available. */
    public static Verdict check(Octets octets, int at) {
        return check(octets, at, octets.length() - at);
    }

    /** NONE if the header, ICV and padding included, is among the {@code available} octets. */
    public static Verdict check(Octets octets, int at, int available) {
        if (available < FIXED_LENGTH) {
            return Verdict.TOO_SHORT;
        }
        int length = length(octets, at);
        return length < FIXED_LENGTH || length > available ? Verdict.BAD_LENGTH : Verdict.NONE;
    }

    public static int nextHeader(Octets octets, int at) {
        return octets.u8(at + NEXT_HEADER);
    }

    /** Of the whole header with ICV and padding, in octets. */
    public static int length(Octets octets, int at) {
        return (octets.u8(at + PAYLOAD_LENGTH) + 2) << 2;
    }

    /** Sent as zero, covered by the ICV as it came (RFC 4302 2.3). */
    public static int reserved(Octets octets, int at) {
        return octets.u16(at + RESERVED);
    }

    public static int spi(Octets octets, int at) {
        return octets.u32(at + SPI);
    }

    /** The low 32 bits where extended sequence numbers are used. */
    public static int sequence(Octets octets, int at) {
        return octets.u32(at + SEQUENCE);
    }

    /**
     * Everything up to the ICV, reserved as zero, in two stores.
     *
     * @param octetCount of the whole header: a multiple of 4, at least 12
     */
    public static void write(Octets octets, int at, int nextHeader, int octetCount, int spi, int sequence) {
        int words = (octetCount >> 2) - 2;
        octets.putU64(at, (long) nextHeader << 56 | (long) words << 48 | Integer.toUnsignedLong(spi));
        octets.putU32(at + SEQUENCE, sequence);
    }
}
