package org.spigrp.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.spigrp.wire.Packet;

/**
 * A port whose two sides are a queue and a list: for tests and for programs that have their packets in memory.
 *
 * <p>{@link #receive} and {@link #send} belong to the stack's thread; {@link #arrive}, {@link #sent} and {@link #close}
 * may be called by any.
 */
public final class MemoryPort implements Port {
    /** Packets that wait to be received; more are refused. */
    public static final int MAX_QUEUED = 1 << 20;

    private final Queue<byte[]> arriving = new ArrayDeque<>();
    private final List<byte[]> sent = new ArrayList<>();
    private final Runnable onArrival;
    private boolean closed;

    /** A port that is asked again and again whether something came. */
    public MemoryPort() {
        this(() -> {});
    }

    /**
     * A port that tells that something came, or that it was closed.
     *
     * @param onArrival run by the thread that called {@link #arrive} or {@link #close}, when {@link #receive} will find
     *     it; to wake the stack's thread
     */
    public MemoryPort(Runnable onArrival) {
        this.onArrival = onArrival;
    }

    /** Puts a copy of an IP packet in the queue; false if it is full or the port closed. */
    public boolean arrive(byte... octets) {
        byte[] copy = octets.clone();
        synchronized (this) {
            if (closed || arriving.size() >= MAX_QUEUED) {
                return false;
            }
            arriving.add(copy);
        }
        onArrival.run();
        return true;
    }

    /** What was sent, oldest first. */
    public synchronized List<byte[]> sent() {
        return List.copyOf(sent);
    }

    @Override
    public synchronized int receive(Packet[] batch) {
        int count = 0;
        while (count < batch.length && !arriving.isEmpty()) {
            byte[] octets = arriving.remove();
            Packet packet = batch[count++];
            packet.reset(Packet.DEFAULT_HEADROOM);
            if (!packet.append(octets.length)) {
                throw new IllegalArgumentException(
                        "packet of " + octets.length + " octets, slab of " + packet.array().length);
            }
            packet.put(0, octets, 0, octets.length);
        }
        return count == 0 && closed ? -1 : count;
    }

    @Override
    public synchronized void send(Packet[] batch, int count) {
        for (int i = 0; i < count; i++) {
            sent.add(batch[i].toBytes());
        }
    }

    /** What is queued can still be received. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        onArrival.run();
    }
}
