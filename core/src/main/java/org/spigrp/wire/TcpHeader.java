package org.spigrp.wire;

/**
 * TCP header (RFC 9293 3.1).
 *
 * <pre>
 *    0                   1                   2                   3
 *   |          source port          |       destination port        |   0
 *   |                      sequence number                          |   4
 *   |                   acknowledgment number                       |   8
 *   | offset|reserv.|     flags     |            window             |  12
 *   |           checksum            |        urgent pointer         |  16
 *   |                 options, 0..40 octets                         |  20
 * </pre>
 *
 * All methods but {@link #check} may be used only after it said NONE.
 */
public final class TcpHeader {
    /** Without options. */
    public static final int MIN_LENGTH = 20;

    public static final int SOURCE_PORT = 0;
    public static final int DESTINATION_PORT = 2;
    public static final int SEQUENCE = 4;
    public static final int ACKNOWLEDGMENT = 8;
    public static final int DATA_OFFSET = 12;
    public static final int FLAGS = 13;
    public static final int WINDOW = 14;
    public static final int CHECKSUM = 16;
    public static final int URGENT_POINTER = 18;

    public static final int FIN = 0x01;
    public static final int SYN = 0x02;
    public static final int RST = 0x04;
    public static final int PSH = 0x08;
    public static final int ACK = 0x10;
    public static final int URG = 0x20;
    public static final int ECE = 0x40;
    public static final int CWR = 0x80;

    private TcpHeader() {}

    /** {@link #check(Octets, int, int)} with everything behind {@code at} available. */
    public static Verdict check(Octets octets, int at) {
        return check(octets, at, octets.length() - at);
    }

    /** NONE if the header with its options is among the {@code available} octets. */
    public static Verdict check(Octets octets, int at, int available) {
        if (available < MIN_LENGTH) {
            return Verdict.TOO_SHORT;
        }
        int length = headerLength(octets, at);
        return length < MIN_LENGTH || length > available ? Verdict.BAD_LENGTH : Verdict.NONE;
    }

    public static int sourcePort(Octets octets, int at) {
        return octets.u16(at + SOURCE_PORT);
    }

    public static int destinationPort(Octets octets, int at) {
        return octets.u16(at + DESTINATION_PORT);
    }

    public static int sequence(Octets octets, int at) {
        return octets.u32(at + SEQUENCE);
    }

    public static void sequence(Octets octets, int at, int value) {
        octets.putU32(at + SEQUENCE, value);
    }

    public static int acknowledgment(Octets octets, int at) {
        return octets.u32(at + ACKNOWLEDGMENT);
    }

    /** In octets, with options: 20..60. */
    public static int headerLength(Octets octets, int at) {
        return octets.u8(at + DATA_OFFSET) >>> 4 << 2;
    }

    /** CWR, ECE, URG, ACK, PSH, RST, SYN, FIN from the highest bit. */
    public static int flags(Octets octets, int at) {
        return octets.u8(at + FLAGS);
    }

    public static void flags(Octets octets, int at, int value) {
        octets.putU8(at + FLAGS, value);
    }

    public static int window(Octets octets, int at) {
        return octets.u16(at + WINDOW);
    }

    public static int checksum(Octets octets, int at) {
        return octets.u16(at + CHECKSUM);
    }

    public static void checksum(Octets octets, int at, int value) {
        octets.putU16(at + CHECKSUM, value);
    }
}
