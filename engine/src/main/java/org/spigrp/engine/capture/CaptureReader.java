package org.spigrp.engine.capture;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads a capture record by record through one buffer, whatever its size. {@link #open} tells classic pcap (both
 * byte orders, µs and ns) from pcapng by the first four octets.
 *
 * <p>Not thread-safe.
 */
public abstract sealed class CaptureReader implements AutoCloseable permits PcapReader, PcapNgReader {
    /** A record that claims to be longer is taken as damage: no capturing program writes such. */
    static final int MAX_RECORD = 1 << 20;

    private static final int BUFFER = 2 * MAX_RECORD;

    /** What {@link #next} found. */
    public enum Found {
        RECORD,
        /** The capture ended where a record ends. */
        END,
        /** The capture ended inside a record; what came before is good. */
        CUT
    }

    final String name;
    final byte[] octets;
    final ByteBuffer buffer;
    private final InputStream in;
    private long taken;

    CaptureReader(String name, InputStream in, byte[] octets, ByteBuffer buffer) {
        this.name = name;
        this.in = in;
        this.octets = octets;
        this.buffer = buffer;
    }

    /**
     * Opens a capture.
     *
     * @param name for messages
     * @param in closed with the reader
     * @throws CaptureTrouble if it is empty, too short, or not a capture
     */
    public static CaptureReader open(String name, InputStream in) {
        byte[] octets = new byte[BUFFER];
        ByteBuffer buffer = ByteBuffer.wrap(octets).limit(0);
        if (!fill(name, in, octets, buffer, 4)) {
            throw new CaptureTrouble(
                    buffer.hasRemaining()
                            ? name + " is too short to be a capture: " + buffer.remaining() + " octets"
                            : name + " is empty: a capture has at least a file header");
        }
        int magic = buffer.getInt(buffer.position());
        return switch (magic) {
            case PcapReader.MICROS, PcapReader.NANOS ->
                new PcapReader(name, in, octets, buffer.order(ByteOrder.BIG_ENDIAN));
            case PcapReader.MICROS_SWAPPED, PcapReader.NANOS_SWAPPED ->
                new PcapReader(name, in, octets, buffer.order(ByteOrder.LITTLE_ENDIAN));
            case PcapNgReader.SECTION_HEADER -> new PcapNgReader(name, in, octets, buffer);
            default ->
                throw new CaptureTrouble(name + " is neither pcap nor pcapng: it starts with 0x"
                        + Integer.toHexString(magic) + "; convert it first, for example with editcap -F pcap");
        };
    }

    /** Fills {@code record} with the next packet; its octets are good until the next call. */
    public abstract Found next(CaptureRecord record);

    /** A writer that writes what this reader reads: same format, byte order, resolution and interfaces. */
    public abstract CaptureWriter writer(String name, OutputStream out);

    /** Octets of the capture consumed so far, for progress. */
    public final long position() {
        return taken - buffer.remaining();
    }

    @Override
    public final void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw new CaptureTrouble(name + " cannot be closed: " + e.getMessage(), e);
        }
    }

    /** Makes {@code count} octets available in the buffer; false if the capture ends before. */
    final boolean fill(int count) {
        int before = buffer.remaining();
        boolean enough = fill(name, in, octets, buffer, count);
        taken += buffer.remaining() - before;
        return enough;
    }

    /** Counts what {@link #open} read already. */
    final void countBuffered() {
        taken += buffer.remaining();
    }

    private static boolean fill(String name, InputStream in, byte[] octets, ByteBuffer buffer, int count) {
        if (buffer.remaining() >= count) {
            return true;
        }
        buffer.compact();
        try {
            while (buffer.position() < count) {
                int got = in.read(octets, buffer.position(), buffer.remaining());
                if (got < 0) {
                    break;
                }
                buffer.position(buffer.position() + got);
            }
        } catch (IOException e) {
            throw new CaptureTrouble(name + " cannot be read: " + e.getMessage(), e);
        }
        buffer.flip();
        return buffer.remaining() >= count;
    }
}
