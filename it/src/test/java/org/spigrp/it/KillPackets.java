package org.spigrp.it;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The packets of the kill test, made and judged without the code under test: UDP datagrams with a number of their own, and
 * what can be read off a protected packet by anybody on the wire.
 */
final class KillPackets {
    private static final int CAPTURE_HEAD = 24;
    private static final int RECORD_HEAD = 16;
    private static final int RAW_IP = 101;
    private static final int IP_HEAD = 20;
    private static final int UDP_HEAD = 8;
    private static final int ESP = 50;
    private static final int AH = 51;
    private static final int IV_OCTETS = 8;
    private static final byte[] MARK = "spigrp kill ".getBytes(StandardCharsets.US_ASCII);

    private KillPackets() {}

    /** From 10.1.0.1 to 10.2.NET.1, with {@code id} inside. */
    static byte[] inner(int net, long id, int padding) {
        int length = IP_HEAD + UDP_HEAD + MARK.length + Long.BYTES + padding;
        ByteBuffer packet = ByteBuffer.allocate(length);
        packet.put((byte) 0x45)
                .put((byte) 0)
                .putShort((short) length)
                .putInt(0)
                .put((byte) 64)
                .put((byte) 17);
        packet.putShort((short) 0).putInt(0x0a010001).putInt(0x0a020001 | net << 8);
        packet.putShort(10, checksum(packet));
        packet.putShort((short) 5000)
                .putShort((short) 5001)
                .putShort((short) (length - IP_HEAD))
                .putShort((short) 0);
        packet.put(MARK).putLong(id);
        return packet.array();
    }

    private static short checksum(ByteBuffer header) {
        int sum = 0;
        for (int at = 0; at < IP_HEAD; at += 2) {
            sum += header.getShort(at) & 0xffff;
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return (short) ~sum;
    }

    /** The number inside an inner packet, or -1 if it is none of ours. */
    static long id(byte[] packet) {
        ByteBuffer octets = ByteBuffer.wrap(packet);
        int mark = IP_HEAD + UDP_HEAD;
        if (packet.length < mark + MARK.length + Long.BYTES || packet[9] != 17) {
            return -1;
        }
        for (int i = 0; i < MARK.length; i++) {
            if (packet[mark + i] != MARK[i]) {
                return -1;
            }
        }
        return octets.getLong(mark + MARK.length);
    }

    /** SPI of a protected packet, or -1. */
    static int spi(byte[] packet) {
        int at = (packet[0] & 0xf) * 4;
        return switch (packet[9]) {
            case ESP -> ByteBuffer.wrap(packet).getInt(at);
            case AH -> ByteBuffer.wrap(packet).getInt(at + 4);
            default -> -1;
        };
    }

    /** The explicit IV: behind SPI and sequence number in ESP; in front of the ICV in AH with GMAC (RFC 4543 5). */
    static String iv(byte[] packet) {
        int at = (packet[0] & 0xf) * 4 + (packet[9] == AH ? 12 : 8);
        return HexFormat.of().formatHex(packet, at, at + IV_OCTETS);
    }

    static byte[] capture(List<byte[]> packets) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(little(CAPTURE_HEAD)
                .putInt(0xa1b2c3d4)
                .putShort((short) 2)
                .putShort((short) 4)
                .putLong(0)
                .putInt(65_535)
                .putInt(RAW_IP)
                .array());
        for (byte[] packet : packets) {
            out.writeBytes(little(RECORD_HEAD)
                    .putInt(1_700_000_000)
                    .putInt(0)
                    .putInt(packet.length)
                    .putInt(packet.length)
                    .array());
            out.writeBytes(packet);
        }
        return out.toByteArray();
    }

    private static ByteBuffer little(int octets) {
        return ByteBuffer.allocate(octets).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** All whole packets of a capture whose writer may have been killed. */
    static List<byte[]> packets(byte[] capture) {
        var packets = new ArrayList<byte[]>();
        ByteBuffer octets = ByteBuffer.wrap(capture).order(ByteOrder.LITTLE_ENDIAN);
        int at = CAPTURE_HEAD;
        while (at + RECORD_HEAD <= capture.length) {
            int length = octets.getInt(at + 8);
            if (at + RECORD_HEAD + length > capture.length) {
                break;
            }
            byte[] packet = new byte[length];
            octets.get(at + RECORD_HEAD, packet);
            packets.add(packet);
            at += RECORD_HEAD + length;
        }
        return packets;
    }
}
