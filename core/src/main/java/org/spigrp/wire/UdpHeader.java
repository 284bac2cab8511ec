package org.spigrp.wire;

/**
 * UDP header (RFC 768), and what RFC 3948 puts behind it.
 *
 * <pre>
 *    0                   1                   2                   3
 *   |          source port          |       destination port        |   0
 *   |            length             |           checksum            |   4
 *   |  ESP (first word not 0), or 4 zero octets and IKE, or 0xff    |   8
 * </pre>
 *
 * All methods but {@link #check} may be used only after it said NONE.
 */
public final class UdpHeader {
    public static final int LENGTH = 8;

    public static final int SOURCE_PORT = 0;
    public static final int DESTINATION_PORT = 2;
    public static final int UDP_LENGTH = 4;
    public static final int CHECKSUM = 6;

    public static final int IKE_PORT = 500;
    /** IKE and ESP through a NAT (RFC 3948). */
    public static final int NAT_T_PORT = 4500;

    private UdpHeader() {}

    /** {@link #check(Octets, int, int)} with everything behind {@code at} available. */
    public static Verdict check(Octets octets, int at) {
        return check(octets, at, octets.length() - at);
    }

    /** NONE if header and payload, as the length field says, are among the {@code available} octets. */
    public static Verdict check(Octets octets, int at, int available) {
        if (available < LENGTH) {
            return Verdict.TOO_SHORT;
        }
        int length = length(octets, at);
        return length < LENGTH || length > available ? Verdict.BAD_LENGTH : Verdict.NONE;
    }

    /** The whole header, without a checksum. */
    public static void write(Octets octets, int at, int sourcePort, int destinationPort, int length) {
        octets.putU64(at, (long) sourcePort << 48 | (long) destinationPort << 32 | (long) length << 16);
    }

    public static int sourcePort(Octets octets, int at) {
        return octets.u16(at + SOURCE_PORT);
    }

    public static void sourcePort(Octets octets, int at, int value) {
        octets.putU16(at + SOURCE_PORT, value);
    }

    public static int destinationPort(Octets octets, int at) {
        return octets.u16(at + DESTINATION_PORT);
    }

    public static void destinationPort(Octets octets, int at, int value) {
        octets.putU16(at + DESTINATION_PORT, value);
    }

    /** Header and payload. */
    public static int length(Octets octets, int at) {
        return octets.u16(at + UDP_LENGTH);
    }

    public static void length(Octets octets, int at, int value) {
        octets.putU16(at + UDP_LENGTH, value);
    }

    /** 0 = none was computed. */
    public static int checksum(Octets octets, int at) {
        return octets.u16(at + CHECKSUM);
    }

    public static void checksum(Octets octets, int at, int value) {
        octets.putU16(at + CHECKSUM, value);
    }

    /** True for the one octet 0xff that keeps a NAT's mapping alive (RFC 3948 2.3). */
    public static boolean isKeepalive(Octets octets, int at) {
        return length(octets, at) == LENGTH + 1 && octets.u8(at + LENGTH) == 0xff;
    }

    /** True where the payload begins with four zero octets: IKE, not ESP (RFC 3948 2.2). */
    public static boolean hasNonEspMarker(Octets octets, int at) {
        return length(octets, at) >= LENGTH + 4 && octets.u32(at + LENGTH) == 0;
    }
}
