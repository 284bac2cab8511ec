package org.spigrp.wire;

/**
 * ESP header and trailer (RFC 4303 2).
 *
 * <pre>
 *    0                   1                   2                   3
 *   |                 security parameters index                     |   0
 *   |                      sequence number                          |   4
 *   |   IV, payload (encrypted) ...                                 |   8
 *   |   ... padding 1, 2, 3, ...      |  pad length |  next header  |       trailer (encrypted)
 *   |   integrity check value ...                                   |   trailerEnd
 * </pre>
 *
 * Header methods may be used after {@link #check}, trailer methods after {@link #checkTrailer} said NONE.
 */
public final class EspHeader {
    public static final int LENGTH = 8;
    /** Pad length and next header. */
    public static final int MIN_TRAILER_LENGTH = 2;

    public static final int MAX_PAD_LENGTH = 255;

    private static final long PADDING = 0x01_02_03_04_05_06_07_08L;

    public static final int SPI = 0;
    public static final int SEQUENCE = 4;

    private EspHeader() {}

    /** {@link #check(Octets, int, int)} with everything behind {@code at} available. */
    public static Verdict check(Octets octets, int at) {
        return check(octets, at, octets.length() - at);
    }

    /** NONE if SPI and sequence number are among the {@code available} octets; IV, trailer and ICV depend on the SA. */
    public static Verdict check(Octets octets, int at, int available) {
        return available < LENGTH ? Verdict.TOO_SHORT : Verdict.NONE;
    }

    public static int spi(Octets octets, int at) {
        return octets.u32(at + SPI);
    }

    public static void spi(Octets octets, int at, int value) {
        octets.putU32(at + SPI, value);
    }

    /** The low 32 bits where extended sequence numbers are used. */
    public static int sequence(Octets octets, int at) {
        return octets.u32(at + SEQUENCE);
    }

    public static void sequence(Octets octets, int at, int value) {
        octets.putU32(at + SEQUENCE, value);
    }

    /** Pad length of a decrypted packet; {@code trailerEnd} is the position behind the next header field. */
    public static int padLength(Octets octets, int trailerEnd) {
        return octets.u8(trailerEnd - 2);
    }

    /** What the decrypted payload is. */
    public static int nextHeader(Octets octets, int trailerEnd) {
        return octets.u8(trailerEnd - 1);
    }

    /**
     * NONE if the trailer fits between {@code payloadAt} and {@code trailerEnd} and the padding is 1, 2, 3, ... (RFC
     * 4303 2.4). To be called only after the ICV was found good: else it would be an oracle.
     */
    public static Verdict checkTrailer(Octets octets, int payloadAt, int trailerEnd) {
        if (trailerEnd - payloadAt < MIN_TRAILER_LENGTH) {
            return Verdict.TOO_SHORT;
        }
        if (trailerEnd - payloadAt >= 8) {
            long last = octets.u64(trailerEnd - 8);
            int bits = (int) (last >>> 5) & 0x7f8; // of the padding
            if (bits <= 48 && (last >>> 16 & (1L << bits) - 1) == (bits == 0 ? 0 : PADDING >>> (64 - bits))) {
                return Verdict.NONE;
            }
        }
        int pad = padLength(octets, trailerEnd);
        if (pad > trailerEnd - payloadAt - MIN_TRAILER_LENGTH) {
            return Verdict.BAD_PADDING;
        }
        int padAt = trailerEnd - MIN_TRAILER_LENGTH - pad;
        long wrong = 0;
        if (pad >= 8) {
            for (int i = 0; i < pad - 8; i += 8) {
                wrong |= octets.u64(padAt + i) ^ padding(i);
            }
            wrong |= octets.u64(padAt + pad - 8) ^ padding(pad - 8);
        } else {
            for (int i = 0; i < pad; i++) {
                wrong |= octets.u8(padAt + i) ^ i + 1;
            }
        }
        return wrong == 0 ? Verdict.NONE : Verdict.BAD_PADDING;
    }

    /** Eight octets of padding from index {@code from} on; at most 247. */
    private static long padding(int from) {
        return PADDING + from * 0x01_01_01_01_01_01_01_01L;
    }

    /** SPI and sequence number at once. */
    public static void write(Octets octets, int at, int spi, int sequence) {
        octets.putU64(at, (long) spi << 32 | Integer.toUnsignedLong(sequence));
    }

    /** SPI, sequence number and an IV of 8 octets. */
    public static void write(Octets octets, int at, int spi, int sequence, long iv) {
        byte[] array = octets.array;
        int index = octets.check(at, LENGTH + 8);
        Octets.U64.set(array, index, (long) spi << 32 | Integer.toUnsignedLong(sequence));
        Octets.U64.set(array, index + LENGTH, iv);
    }

    /**
     * Writes padding, pad length and next header at {@code at}: {@code pad} + 2 octets.
     *
     * @param room octets that may be written from {@code at} on; more than 8 make it quick
     */
    public static void putTrailer(Octets octets, int at, int pad, int nextHeader, int room) {
        if (pad <= 6 && room >= 8) {
            long padding = pad == 0 ? 0 : PADDING & -1L << (64 - 8 * pad);
            octets.putU64(at, padding | (long) (pad << 8 | nextHeader) << (48 - 8 * pad));
            return;
        }
        putTrailer(octets, at, pad, nextHeader);
    }

    /** Writes padding, pad length and next header at {@code at}: {@code pad} + 2 octets, and nothing behind them. */
    public static void putTrailer(Octets octets, int at, int pad, int nextHeader) {
        if (pad >= 6 && pad <= MAX_PAD_LENGTH - 8) { // or a word of padding would come to 256
            for (int i = 0; i < pad - 6; i += 8) {
                octets.putU64(at + i, padding(i));
            }
            octets.putU64(at + pad - 6, (padding(pad - 6) & -1L << 16) | (pad << 8) | nextHeader);
            return;
        }
        for (int i = 0; i < pad; i++) {
            octets.putU8(at + i, i + 1);
        }
        octets.putU8(at + pad, pad);
        octets.putU8(at + pad + 1, nextHeader);
    }
}
