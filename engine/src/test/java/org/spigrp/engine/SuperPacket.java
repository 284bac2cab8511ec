package org.spigrp.engine;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A packet larger than the wire takes, as the kernel hands it to a TUN, and slowly and simply what it stands for. Knows
 * nothing of the classes it is compared with.
 *
 * @param octets of the whole; in the upper layer's checksum field the sum of the pseudo header
 * @param ip octets in front of the upper layer
 * @param upper octets of its header
 * @param tcp or else UDP
 * @param gsoSize payload octets of a segment
 * @param finalDestination the pseudo header's: not that of the IP header where there is a routing header
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record SuperPacket(byte[] octets, int ip, int upper, boolean tcp, int gsoSize, byte[] finalDestination) {
    /** What kinds there are. */
    static final int KINDS = 6;

    /** Kind: 0 TCP and 1 UDP over IPv4, 2 TCP and 3 UDP over IPv6, 4 and 5 the same behind a routing header. */
    static SuperPacket random(int kind, Random random) {
        boolean tcp = kind % 2 == 0;
        boolean v4 = kind < 2;
        boolean routed = kind >= 4;
        int ip = v4 ? 20 + 4 * random.nextInt(11) : routed ? 40 + 24 : 40;
        int gsoSize = 1 + random.nextInt(1460);
        return make(tcp, v4, routed, ip, gsoSize, 1 + random.nextInt(gsoSize * 9), random);
    }

    /** As kinds 0 to 3, of what may be joined again: no IP options, flags ACK and by chance ECE, PSH, FIN. */
    static SuperPacket plain(int kind, int gsoSize, int payload, Random random) {
        boolean tcp = kind % 2 == 0;
        SuperPacket made = make(tcp, kind < 2, false, kind < 2 ? 20 : 40, gsoSize, payload, random);
        if (tcp) {
            made.octets[made.ip + 13] = (byte) (0x10 | (random.nextInt() & 0x49));
        }
        return made;
    }

    private static SuperPacket make(
            boolean tcp, boolean v4, boolean routed, int ip, int gsoSize, int payload, Random random) {
        int upper = tcp ? 20 + 4 * random.nextInt(11) : 8;
        byte[] octets = new byte[ip + upper + payload];
        random.nextBytes(octets);
        ByteBuffer buffer = ByteBuffer.wrap(octets);
        byte[] destination = new byte[v4 ? 4 : 16];
        random.nextBytes(destination);
        if (v4) {
            octets[0] = (byte) (0x40 | ip / 4);
            buffer.putShort(2, (short) octets.length);
            buffer.putShort(6, (short) (random.nextBoolean() ? 0x4000 : 0));
            octets[9] = (byte) (tcp ? 6 : 17);
            buffer.put(16, destination);
        } else {
            octets[0] = (byte) (0x60 | (octets[0] & 0xf));
            buffer.putShort(4, (short) (octets.length - 40));
            octets[6] = (byte) (routed ? 43 : tcp ? 6 : 17);
            if (routed) {
                octets[40] = (byte) (tcp ? 6 : 17);
                octets[41] = 2;
                octets[42] = 2;
                octets[43] = 1; // one segment left: the last address is not yet in the IP header
                buffer.put(48, destination);
            } else {
                buffer.put(24, destination);
            }
        }
        if (tcp) {
            octets[ip + 12] = (byte) (upper * 4);
        } else {
            buffer.putShort(ip + 4, (short) (upper + payload));
        }
        var made = new SuperPacket(octets, ip, upper, tcp, gsoSize, destination);
        long sum = made.pseudoHeader(octets.length - ip);
        while (sum > 0xffff) {
            sum = sum % 0x10000 + sum / 0x10000;
        }
        buffer.putShort(ip + made.checksumOffset(), (short) sum);
        return made;
    }

    int gsoType() {
        return !tcp ? 5 : octets[0] >>> 4 == 4 ? 1 : 4;
    }

    int checksumOffset() {
        return tcp ? 16 : 6;
    }

    /** The packets that it stands for. */
    List<byte[]> cut() {
        List<byte[]> segments = new ArrayList<>();
        int header = ip + upper;
        for (int from = header; from < octets.length; from += gsoSize) {
            int to = Math.min(octets.length, from + gsoSize);
            ByteBuffer segment = ByteBuffer.allocate(header + to - from);
            segment.put(octets, 0, header).put(octets, from, to - from);
            if (octets[0] >>> 4 == 4) {
                segment.putShort(2, (short) segment.capacity());
                segment.putShort(4, (short) (segment.getShort(4) + segments.size()));
                segment.putShort(10, (short) 0);
                segment.putShort(10, (short) complement(words(segment.array(), 0, ip)));
            } else {
                segment.putShort(4, (short) (segment.capacity() - 40));
            }
            if (tcp) {
                segment.putInt(ip + 4, segment.getInt(ip + 4) + from - header);
                int flags = segment.get(ip + 13);
                flags = to == octets.length ? flags : flags & 0xf6;
                flags = from == header ? flags : flags & 0x7f;
                segment.put(ip + 13, (byte) flags);
            } else {
                segment.putShort(ip + 4, (short) (8 + to - from));
            }
            segment.putShort(ip + checksumOffset(), (short) 0);
            int length = segment.capacity() - ip;
            int checksum = complement(pseudoHeader(length) + words(segment.array(), ip, segment.capacity()));
            segment.putShort(ip + checksumOffset(), (short) (checksum == 0 && !tcp ? 0xffff : checksum));
            segments.add(segment.array());
        }
        return segments;
    }

    private long pseudoHeader(int length) {
        int address = finalDestination.length;
        int source = address == 4 ? 12 : 8;
        return words(octets, source, source + address) + words(finalDestination, 0, address) + (tcp ? 6 : 17) + length;
    }

    private static long words(byte[] octets, int from, int to) {
        long sum = 0;
        for (int i = from; i < to; i++) {
            sum += (i - from) % 2 == 0 ? (octets[i] & 0xff) * 256L : octets[i] & 0xff;
        }
        return sum;
    }

    private static int complement(long sum) {
        long folded = sum;
        while (folded > 0xffff) {
            folded = folded % 0x10000 + folded / 0x10000;
        }
        return (int) (0xffff - folded);
    }
}
