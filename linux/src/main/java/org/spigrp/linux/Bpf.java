package org.spigrp.linux;

import java.util.List;

/**
 * Programs of classic BPF. An instruction is 8 octets, {@code code 0..1 | jump if true 2 | jump if false 3 | k 4..7}:
 * here one number in the octet order of the host, which is little-endian on both of ours.
 */
final class Bpf {
    private static final int LOAD_BYTE = 0x30;
    private static final int JUMP_EQUAL = 0x15;
    private static final int RETURN = 0x06;
    /** Where a load finds how the packet came (linux/filter.h: SKF_AD_OFF + SKF_AD_PKTTYPE). */
    private static final int PACKET_TYPE_AT = -0x1000 + 4;

    private static final int PACKET_HOST = 0;
    private static final int WHOLE = 0x40000;
    private static final int NEXT_HEADER_AT = 6;
    private static final int SECOND_NEXT_HEADER_AT = 40;

    private Bpf() {}

    /** Nothing may come in. */
    static long[] nothing() {
        return new long[] {instruction(RETURN, 0, 0, 0)};
    }

    /**
     * IPv6 packets to this host whose first header is one of {@code wanted}, or one of {@code extensions} in front of
     * any of both. What is behind two extension headers is left to the reader.
     */
    static long[] ipv6(List<Integer> wanted, List<Integer> extensions) {
        int first = 3;
        int second = first + wanted.size() + extensions.size() + 2;
        int end = second + wanted.size() + extensions.size() + 1;
        long[] program = new long[end + 1];
        program[0] = instruction(LOAD_BYTE, 0, 0, PACKET_TYPE_AT);
        program[1] = instruction(JUMP_EQUAL, 0, end - 1 - 2, PACKET_HOST);
        program[2] = instruction(LOAD_BYTE, 0, 0, NEXT_HEADER_AT);
        int at = first;
        for (int protocol : wanted) {
            program[at] = instruction(JUMP_EQUAL, end - at - 1, 0, protocol);
            at++;
        }
        int load = second - 1;
        for (int protocol : extensions) {
            program[at] = instruction(JUMP_EQUAL, load - at - 1, 0, protocol);
            at++;
        }
        program[at] = instruction(RETURN, 0, 0, 0);
        program[load] = instruction(LOAD_BYTE, 0, 0, SECOND_NEXT_HEADER_AT);
        at = second;
        for (int protocol : wanted) {
            program[at] = instruction(JUMP_EQUAL, end - at - 1, 0, protocol);
            at++;
        }
        for (int protocol : extensions) {
            program[at] = instruction(JUMP_EQUAL, end - at - 1, 0, protocol);
            at++;
        }
        program[at] = instruction(RETURN, 0, 0, 0);
        program[end] = instruction(RETURN, 0, 0, WHOLE);
        return program;
    }

    private static long instruction(int code, int ifTrue, int ifFalse, int k) {
        return (long) k << 32 | (long) ifFalse << 24 | (long) ifTrue << 16 | code;
    }
}
