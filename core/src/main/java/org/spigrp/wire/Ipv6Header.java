package org.spigrp.wire;

/**
 * IPv6 header (RFC 8200 3; RFC 2474 and 3168 for the traffic class).
 *
 * <pre>
 *    0                   1                   2                   3
 *   |version| traffic class |           flow label                  |   0
 *   |        payload length         |  next header  |   hop limit   |   4
 *   |                  source address, 16 octets                    |   8
 *   |                destination address, 16 octets                 |  24
 * </pre>
 *
 * All methods but {@link #check} may be used only after it said NONE. Jumbograms (RFC 2675) are not known here: a
 * payload length of 0 means an empty payload. What follows the header is walked by {@link ExtensionHeaders}.
 */
public final class Ipv6Header {
    public static final int LENGTH = 40;
    public static final int MAX_PAYLOAD_LENGTH = 65_535;

    public static final int PAYLOAD_LENGTH = 4;
    public static final int NEXT_HEADER = 6;
    public static final int HOP_LIMIT = 7;
    public static final int SOURCE = 8;
    public static final int DESTINATION = 24;

    private Ipv6Header() {}

    /** {@link #check(Octets, int, int)} with everything behind {@code at} available. */
    public static Verdict check(Octets octets, int at) {
        return check(octets, at, octets.length() - at);
    }

    /** NONE if the header and all of its payload are among the {@code available} octets. More may follow. */
    public static Verdict check(Octets octets, int at, int available) {
        if (available < LENGTH) {
            return Verdict.TOO_SHORT;
        }
        if (version(octets, at) != 6) {
            return Verdict.NOT_IP;
        }
        return packetLength(octets, at) > available ? Verdict.BAD_LENGTH : Verdict.NONE;
    }

    /** Version 6, payload length as given, everything else zero. */
    public static void init(Octets octets, int at, int payloadLength) {
        for (int i = 0; i < LENGTH; i += 8) {
            octets.putU64(at + i, 0);
        }
        octets.putU8(at, 0x60);
        octets.putU16(at + PAYLOAD_LENGTH, payloadLength);
    }

    public static int version(Octets octets, int at) {
        return octets.u8(at) >>> 4;
    }

    /** DSCP (upper 6 bits) and ECN (lower 2). */
    public static int trafficClass(Octets octets, int at) {
        return octets.u16(at) >>> 4 & 0xff;
    }

    /** The same from the first 8 octets of a header. */
    public static int trafficClassOf(long first) {
        return (int) (first >>> 52) & 0xff;
    }

    public static void trafficClass(Octets octets, int at, int value) {
        octets.putU16(at, (octets.u16(at) & 0xf00f) | ((value & 0xff) << 4));
    }

    /** 20 bits. */
    public static int flowLabel(Octets octets, int at) {
        return octets.u32(at) & 0xfffff;
    }

    public static void flowLabel(Octets octets, int at, int value) {
        octets.putU32(at, (octets.u32(at) & ~0xfffff) | (value & 0xfffff));
    }

    /** Everything behind this header, extension headers included. */
    public static int payloadLength(Octets octets, int at) {
        return octets.u16(at + PAYLOAD_LENGTH);
    }

    public static void payloadLength(Octets octets, int at, int value) {
        octets.putU16(at + PAYLOAD_LENGTH, value);
    }

    /** Header and payload. */
    public static int packetLength(Octets octets, int at) {
        return LENGTH + payloadLength(octets, at);
    }

    public static int nextHeader(Octets octets, int at) {
        return octets.u8(at + NEXT_HEADER);
    }

    public static void nextHeader(Octets octets, int at, int value) {
        octets.putU8(at + NEXT_HEADER, value);
    }

    public static int hopLimit(Octets octets, int at) {
        return octets.u8(at + HOP_LIMIT);
    }

    public static void hopLimit(Octets octets, int at, int value) {
        octets.putU8(at + HOP_LIMIT, value);
    }
}
