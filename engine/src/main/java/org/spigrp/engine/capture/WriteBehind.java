package org.spigrp.engine.capture;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Writes the buffers of one run's files on a thread of its own, each file's in their order.
 *
 * <p>A file that could not be written gets nothing more, so that what is in it is whole up to where it ends; who writes
 * to it hears of it with the next buffer, or at {@link #finish}. The other files are written to their end.
 */
final class WriteBehind implements AutoCloseable {
    /** Full buffers that wait for the disk, all files together. */
    static final int WAITING = 2;

    /** Null = no more pieces come. */
    private record Piece(@Nullable CaptureWriter writer, ByteBuffer buffer) {}

    private static final Piece LAST = new Piece(null, ByteBuffer.allocate(0));

    /** One more than wait, for the one that is being written. */
    private static final int BUFFERS = WAITING + 1;

    /** Has room for all buffers and for {@link #LAST}: only {@link #free} makes anybody wait. */
    private final BlockingQueue<Piece> full = new ArrayBlockingQueue<>(BUFFERS + 1);

    private final BlockingQueue<ByteBuffer> free = new ArrayBlockingQueue<>(BUFFERS);

    private final CaptureWriter[] writers;
    private final Thread thread;
    private volatile @Nullable RuntimeException trouble;
    private boolean ended;

    WriteBehind(CaptureWriter... writers) {
        this.writers = writers;
        for (CaptureWriter writer : writers) {
            writer.behind(this);
        }
        for (int i = 0; i < BUFFERS; i++) {
            free.add(ByteBuffer.allocate(CaptureWriter.BUFFER));
        }
        thread = Thread.ofPlatform().daemon().name("capture writer").start(this::writeAll);
    }

    private void writeAll() {
        try {
            for (Piece piece = full.take(); piece.writer != null; piece = full.take()) {
                if (!piece.writer.hasFailed()) {
                    write(piece.writer, piece);
                }
                free.add(piece.buffer);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the capture writer", e);
        }
    }

    private void write(CaptureWriter writer, Piece piece) {
        try {
            writer.writeOut(piece.buffer);
        } catch (IOException e) {
            fail(writer.unwritable(e));
        } catch (RuntimeException e) {
            writer.fail();
            fail(e);
        } catch (Error e) { // no memory for the JDK's own buffer: the owner must not wait for ever
            writer.fail();
            fail(new IllegalStateException("writing a capture", e));
        }
    }

    private void fail(RuntimeException e) {
        if (trouble == null) {
            trouble = e;
        }
    }

    /** Takes a full buffer for an empty one. */
    ByteBuffer exchange(CaptureWriter writer, ByteBuffer buffer) {
        throwTrouble();
        try {
            ByteBuffer empty = free.take();
            full.add(new Piece(writer, buffer));
            return empty;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw writer.unwritable(new IOException("interrupted", e));
        }
    }

    private void throwTrouble() {
        RuntimeException first = trouble;
        if (first != null) {
            throw first;
        }
    }

    /** Waits until all is written, and throws what went wrong. */
    void finish() {
        close();
        throwTrouble();
    }

    /** Waits until all is written or has failed. What is still in the writers' buffers they write themselves. */
    @Override
    public void close() {
        if (ended) {
            return;
        }
        ended = true;
        full.add(LAST);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        for (CaptureWriter writer : writers) {
            writer.behind(null);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
