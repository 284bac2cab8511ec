package org.spigrp.engine.capture;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import org.spigrp.wire.Octets;

/**
 * Reads a capture record by record through one buffer, or the chunks of a {@link ReadAhead}, whatever its size. Records
 * are not copied: they lie where they were read to. {@link #open} tells classic pcap (both byte orders, µs and ns) from
 * pcapng by the first four octets.
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

    /** What records lie in, with the two ways to look at it. */
    static final class Buffer {
        final byte[] octets;
        final ByteBuffer view;
        final Octets whole;

        Buffer(int capacity) {
            octets = new byte[capacity];
            view = ByteBuffer.wrap(octets).limit(0);
            whole = new Octets(octets);
        }
    }

    final String name;
    private final InputStream in;
    /** At work now: what is not parsed yet is between the view's position and limit. */
    private Buffer current;
    /** Of {@link #current}. */
    ByteBuffer buffer;

    private @Nullable ReadAhead ahead;
    private Runnable beforeReuse = () -> {};
    private long taken;

    CaptureReader(String name, InputStream in, Buffer buffer) {
        this.name = name;
        this.in = in;
        this.current = buffer;
        this.buffer = buffer.view;
    }

    /**
     * Opens a capture.
     *
     * @param name for messages
     * @param in closed with the reader
     * @throws CaptureTrouble if it is empty, too short, or not a capture
     */
    public static CaptureReader open(String name, InputStream in) {
        var first = new Buffer(BUFFER);
        ByteBuffer buffer = first.view;
        if (!fill(name, in, first, 4)) {
            throw new CaptureTrouble(
                    buffer.hasRemaining()
                            ? name + " is too short to be a capture: " + buffer.remaining() + " octets"
                            : name + " is empty: a capture has at least a file header");
        }
        int magic = buffer.getInt(buffer.position());
        return switch (magic) {
            case PcapReader.MICROS, PcapReader.NANOS -> new PcapReader(name, in, first, ByteOrder.BIG_ENDIAN);
            case PcapReader.MICROS_SWAPPED, PcapReader.NANOS_SWAPPED ->
                new PcapReader(name, in, first, ByteOrder.LITTLE_ENDIAN);
            case PcapNgReader.SECTION_HEADER -> new PcapNgReader(name, in, first);
            default ->
                throw new CaptureTrouble(name + " is neither pcap nor pcapng: it starts with 0x"
                        + Integer.toHexString(magic) + "; convert it first, for example with editcap -F pcap");
        };
    }

    /** Fills {@code record} with the next packet; its octets are good until the next call, or see {@link #beforeReuse}. */
    public abstract Found next(CaptureRecord record);

    /**
     * From now on the octets of records stay good until {@code action} is run, which is during a call of {@link #next}
     * that has to read more.
     */
    final void beforeReuse(Runnable action) {
        beforeReuse = action;
    }

    /** From now on a thread reads ahead, until what is returned is closed; after that nothing more is read. */
    final ReadAhead readAhead() {
        ahead = new ReadAhead(name, in);
        return ahead;
    }

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

    /** Says where the frame of {@code record} is. */
    final void frame(CaptureRecord record, int start, int length) {
        record.array = current.octets;
        record.octets = current.whole;
        record.order = buffer.order();
        record.start = start;
        record.length = length;
    }

    /** Makes {@code count} octets available in the buffer, which may be another then; false if the capture ends before. */
    final boolean fill(int count) {
        if (buffer.remaining() >= count) {
            return true;
        }
        beforeReuse.run();
        if (ahead != null) {
            return fill(ahead, count);
        }
        int before = buffer.remaining();
        boolean enough = fill(name, in, current, count);
        taken += buffer.remaining() - before;
        return enough;
    }

    /** Puts what is left of one chunk in front of the next. */
    private boolean fill(ReadAhead source, int count) {
        while (buffer.remaining() < count) {
            ReadAhead.Chunk chunk = source.take();
            if (chunk == null) {
                return false;
            }
            int rest = buffer.remaining();
            int start = ReadAhead.FRONT - rest;
            System.arraycopy(current.octets, buffer.position(), chunk.buffer.octets, start, rest);
            source.giveBack(chunk);
            ByteBuffer next = chunk.buffer.view;
            next.order(buffer.order()).clear().position(start).limit(ReadAhead.FRONT + chunk.length);
            current = chunk.buffer;
            buffer = next;
            taken += chunk.length;
        }
        return true;
    }

    /** Counts what {@link #open} read already. */
    final void countBuffered() {
        taken += buffer.remaining();
    }

    private static boolean fill(String name, InputStream in, Buffer into, int count) {
        ByteBuffer view = into.view;
        if (view.remaining() >= count) {
            return true;
        }
        view.compact();
        try {
            while (view.position() < count) {
                int got = in.read(into.octets, view.position(), view.remaining());
                if (got < 0) {
                    break;
                }
                view.position(view.position() + got);
            }
        } catch (IOException e) {
            throw unreadable(name, e);
        }
        view.flip();
        return view.remaining() >= count;
    }

    static CaptureTrouble unreadable(String name, IOException e) {
        return new CaptureTrouble(name + " cannot be read: " + e.getMessage(), e);
    }
}
