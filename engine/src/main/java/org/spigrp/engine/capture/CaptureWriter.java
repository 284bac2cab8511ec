package org.spigrp.engine.capture;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Writes a capture through a buffer. A record keeps its time, interface and options; its frame is a link header and
 * a packet from two places.
 *
 * <p>Not thread-safe.
 */
public abstract sealed class CaptureWriter implements AutoCloseable permits PcapWriter, PcapNgWriter {
    static final int BUFFER = 1 << 20;

    private final String name;
    private final OutputStream out;
    private final ByteOrder order;
    ByteBuffer buffer;
    /** Writes full buffers where that is another thread's work. */
    private @Nullable WriteBehind behind;

    private volatile boolean failed;

    CaptureWriter(String name, OutputStream out, ByteOrder order) {
        this.name = name;
        this.out = out;
        this.order = order;
        this.buffer = ByteBuffer.allocate(BUFFER).order(order);
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
            throw unwritable(e);
        }
    }

    @Override
    public final void close() {
        try (out) {
            drain();
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    /** From now on full buffers are handed to {@code newBehind}; null = they are written here. */
    final void behind(@Nullable WriteBehind newBehind) {
        behind = newBehind;
    }

    /** Room for {@code count} octets in the buffer. */
    final void room(int count) {
        if (buffer.remaining() < count) {
            drain();
        }
    }

    /** Any number of octets. */
    final void put(byte[] from, int start, int length) {
        int done = 0;
        while (length - done > buffer.remaining()) {
            int fits = buffer.remaining();
            buffer.put(from, start + done, fits);
            done += fits;
            drain();
        }
        buffer.put(from, start + done, length - done);
    }

    private void drain() {
        try {
            if (behind != null) {
                buffer = behind.exchange(this, buffer).order(order);
            } else if (!failed) {
                writeOut(buffer);
            }
        } catch (IOException e) {
            throw unwritable(e);
        } finally {
            buffer.clear();
        }
    }

    /** Writes to the file itself. Only one thread at a time, see {@link WriteBehind}. */
    final void writeOut(ByteBuffer full) throws IOException {
        out.write(full.array(), full.arrayOffset(), full.position());
    }

    final CaptureTrouble unwritable(IOException e) {
        fail();
        return new CaptureTrouble(name + " cannot be written: " + e.getMessage(), e);
    }

    /** From now on nothing more goes to the file: behind what is missing it would only confuse. */
    final void fail() {
        failed = true;
    }

    final boolean hasFailed() {
        return failed;
    }
}
