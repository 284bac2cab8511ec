package org.spigrp.linux;

import java.util.ArrayList;
import java.util.List;
import org.spigrp.wire.Packet;

/** Packets for a port, and what a port gives: waits by a {@link Poller}, never by time alone. */
final class Batch {
    static final long LONG_NANOS = 10_000_000_000L;

    private Batch() {}

    static Packet[] ofSize(int count) {
        var batch = new Packet[count];
        for (int i = 0; i < count; i++) {
            batch[i] = new Packet(Packet.DEFAULT_CAPACITY, Packet.DEFAULT_HEADROOM);
        }
        return batch;
    }

    static Packet[] of(byte[]... packets) {
        var batch = new Packet[packets.length];
        for (int i = 0; i < packets.length; i++) {
            batch[i] = Packet.of(packets[i]);
        }
        return batch;
    }

    static void send(KernelPort port, byte[]... packets) {
        port.send(of(packets), packets.length);
    }

    /** What came, at least {@code atLeast} packets; fewer only if nothing comes for long. */
    static List<byte[]> receive(KernelPort port, int atLeast) {
        List<byte[]> got = new ArrayList<>();
        Packet[] batch = ofSize(8);
        try (var poller = new Poller()) {
            poller.add(port);
            while (got.size() < atLeast && poller.await(LONG_NANOS)) {
                int count = port.receive(batch);
                for (int i = 0; i < count; i++) {
                    got.add(batch[i].toBytes());
                }
            }
        }
        return got;
    }
}
