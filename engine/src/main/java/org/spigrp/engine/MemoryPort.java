package org.spigrp.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.spigrp.wire.Packet;

/** A port whose two sides are a queue and a list: for tests and for programs that have their packets in memory. */
public final class MemoryPort implements Port {
    /** Packets that wait to be received; more are refused. */
    public static final int MAX_QUEUED = 1 << 20;

    private final Queue<byte[]> arriving = new ArrayDeque<>();
    private final List<byte[]> sent = new ArrayList<>();
    private boolean closed;

    /** Puts a copy of an IP packet in the queue; false if it is full or the port closed. */
    public boolean arrive(byte... octets) {
        return !closed && arriving.size() < MAX_QUEUED && arriving.add(octets.clone());
    }

    /** What was sent, oldest first. */
    public List<byte[]> sent() {
        return List.copyOf(sent);
    }

    @Override
    public int receive(Packet[] batch) {
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
    public void send(Packet[] batch, int count) {
        for (int i = 0; i < count; i++) {
            sent.add(batch[i].toBytes());
        }
    }

    /** What is queued can still be received. */
    @Override
    public void close() {
        closed = true;
    }
}
