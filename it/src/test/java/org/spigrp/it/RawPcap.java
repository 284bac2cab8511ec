package org.spigrp.it;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Little-endian captures of raw IP packets, read and written without the code under test. */
final class RawPcap {
    private RawPcap() {}

    static List<byte[]> read(Path file) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        if (buffer.getInt(0) != 0xa1b2c3d4 || buffer.getInt(20) != 101) {
            throw new IOException(file + " is not a little-endian capture of raw IP");
        }
        buffer.position(24);
        var packets = new ArrayList<byte[]>();
        while (buffer.hasRemaining()) {
            byte[] packet = new byte[buffer.getInt(buffer.position() + 8)];
            buffer.position(buffer.position() + 16).get(packet);
            packets.add(packet);
        }
        return packets;
    }

    static void write(Path file, List<byte[]> packets) throws IOException {
        int size = 24 + packets.stream().mapToInt(packet -> 16 + packet.length).sum();
        ByteBuffer buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(0xa1b2c3d4)
                .putShort((short) 2)
                .putShort((short) 4)
                .putLong(0)
                .putInt(65_535)
                .putInt(101);
        for (byte[] packet : packets) {
            buffer.putInt(0)
                    .putInt(0)
                    .putInt(packet.length)
                    .putInt(packet.length)
                    .put(packet);
        }
        Files.write(file, buffer.array());
    }
}
