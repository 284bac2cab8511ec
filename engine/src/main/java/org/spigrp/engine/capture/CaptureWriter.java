package org.spigrp.engine.capture;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes a capture through one buffer. A record keeps its time, interface and options; its frame is a link header and
 * a packet from two places.
 *
 * <p>Not thread-safe.
 */
public abstract sealed class CaptureWriter implements AutoCloseable permits PcapWriter, PcapNgWriter {
    private static final int BUFFER = 1 << 20;

    private final String name;
    private final OutputStream out;
    private final byte[] octets = new byte[BUFFER];
    final ByteBuffer buffer;

    CaptureWriter(String name, OutputStream out, ByteOrder order) {
        this.name = name;
        this.out = out;
        this.buffer = ByteBuffer.wrap(octets).order(order);
    }

    /**
     * Writes one record.
     *
     * @param meta time, interface and options; its frame is not looked at
     * @param originalLength of the whole frame on the wire
     */
    public abstract void write(
            CaptureRecord meta,
            byte[] link,
            int linkStart,
            int linkLength,
            byte[] packet,
            int packetStart,
            int packetLength,
            int originalLength);

    /** Everything written so far is handed to the operating system. */
    public final void flush() {
        drain();
        try {
            out.flush();
        } catch (IOException e) {
            throw trouble(e);
        }
    }

    @Override
    public final void close() {
        try (out) {
            drain();
        } catch (IOException e) {
            throw trouble(e);
        }
    }

    /** Room for {@code count} octets in the buffer. */
    final void room(int count) {
        if (buffer.remaining() < count) {
            drain();
        }
    }

    /** Any number of octets, past the buffer if they do not fit. */
    final void put(byte[] from, int start, int length) {
        room(length);
        if (length > buffer.capacity()) {
            try {
                out.write(from, start, length);
            } catch (IOException e) {
                throw trouble(e);
            }
            return;
        }
        buffer.put(from, start, length);
    }

    private void drain() {
        try {
            out.write(octets, 0, buffer.position());
        } catch (IOException e) {
            throw trouble(e);
        } finally {
            buffer.clear();
        }
    }

    private CaptureTrouble trouble(IOException e) {
        return new CaptureTrouble(name + " cannot be written: " + e.getMessage(), e);
    }
}
