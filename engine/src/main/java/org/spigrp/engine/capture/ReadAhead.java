package org.spigrp.engine.capture;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Reads a capture on a thread of its own, a few chunks ahead of who parses it. It knows nothing of records: parsing
 * costs less than handing what was parsed to another core would.
 *
 * <pre>
 *   reader's thread   --full-->   owner's thread
 *                     <--free--
 * </pre>
 *
 * The end and what went wrong come in order, behind the octets before them.
 *
 * <p>The thread ends at the end of the capture, and with {@link #close}. One that waits for a standard input which
 * nobody writes or closes cannot be woken: {@code close} does not wait for it, and it does not keep the JVM alive.
 */
final class ReadAhead implements AutoCloseable {
    /** One at work, one waiting, one being filled. */
    static final int CHUNKS = 3;

    /** Octets per call of the operating system. */
    static final int CHUNK = 1 << 20;

    /** Room for the beginning of a record that ends in the next chunk: the longest there can be, with its header. */
    static final int FRONT = CaptureReader.MAX_RECORD + 64;

    /** What was read in one call. */
    static final class Chunk {
        final CaptureReader.Buffer buffer = new CaptureReader.Buffer(FRONT + CHUNK);

        /** Octets from {@link #FRONT}; -1 = the capture ends here. */
        int length;

        @Nullable
        RuntimeException failure;
    }

    private final String name;
    private final InputStream in;
    private final BlockingQueue<Chunk> free = new ArrayBlockingQueue<>(CHUNKS);
    private final BlockingQueue<Chunk> full = new ArrayBlockingQueue<>(CHUNKS);
    private final Thread thread;
    private @Nullable Chunk atWork;
    private boolean ended;

    ReadAhead(String name, InputStream in) {
        this.name = name;
        this.in = in;
        for (int i = 0; i < CHUNKS; i++) {
            free.add(new Chunk());
        }
        thread = Thread.ofPlatform().daemon().name("capture reader").start(this::readAll);
    }

    private void readAll() {
        try {
            boolean more = true;
            while (more) {
                Chunk chunk = free.take();
                read(chunk);
                more = chunk.length >= 0;
                full.put(chunk);
            }
        } catch (InterruptedException _) {
            // Nobody wants more.
        }
    }

    private void read(Chunk chunk) {
        try {
            chunk.length = in.read(chunk.buffer.octets, FRONT, CHUNK);
        } catch (IOException e) {
            chunk.length = -1;
            chunk.failure = CaptureReader.unreadable(name, e);
        } catch (RuntimeException e) {
            chunk.length = -1;
            chunk.failure = e;
        } catch (Error e) { // no memory for the JDK's own buffer: the owner must not wait for ever
            chunk.length = -1;
            chunk.failure = new IllegalStateException("reading " + name, e);
        }
    }

    /**
     * Waits for the next chunk. The one before is the caller's until {@link #giveBack}.
     *
     * @return null at the end
     */
    @Nullable
    Chunk take() {
        if (ended) {
            return null;
        }
        try {
            Chunk chunk = full.take();
            if (chunk.length >= 0) {
                return chunk;
            }
            ended = true;
            if (chunk.failure != null) {
                throw chunk.failure;
            }
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CaptureReader.unreadable(name, new IOException("interrupted", e));
        }
    }

    /** {@code chunk} is at work now, and the one that was before may be filled again. */
    void giveBack(Chunk chunk) {
        if (atWork != null) {
            free.add(atWork);
        }
        atWork = chunk;
    }

    @Override
    public void close() {
        ended = true;
        thread.interrupt();
    }
}
