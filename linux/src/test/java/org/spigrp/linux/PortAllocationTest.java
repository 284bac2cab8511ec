package org.spigrp.linux;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.spigrp.wire.Checksum;
import org.spigrp.wire.Family;
import org.spigrp.wire.Packet;

/**
 * Nothing is allocated per packet, by sending and by receiving. Octets per packet are the least of several rounds: before
 * the compiler has seen them, calls of the C library make garbage, and a round may be the one in which it does.
 */
class PortAllocationTest {
    private static final int MAX_ROUNDS = 300;
    private static final int BATCHES = 40;
    private static final int BATCH = 32;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @ParameterizedTest
    @EnumSource(Family.class)
    void raw(Family family) {
        String here = family == Family.INET ? "127.0.0.1" : "::1";
        try (var namespace = new Namespace();
                var port = namespace.call(() -> RawPort.open(family, null))) {
            byte[] packet = Datagrams.ip(here, here, 50, Datagrams.filler(500, 1));
            assertThat(octetsPerPacket(port, port, packet)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void udp(Family family) {
        String here = family == Family.INET ? "127.0.0.1" : "::1";
        try (var namespace = new Namespace();
                var west = namespace.call(() -> UdpPort.open(family, null, 0));
                var east = namespace.call(() -> UdpPort.open(family, null, 4500))) {
            byte[] packet = Datagrams.udp(here, west.port(), here, 4500, Datagrams.filler(500, 1));
            assertThat(octetsPerPacket(west, east, packet)).isZero();
        }
    }

    @Test
    void tun() {
        try (var namespace = new Namespace();
                var port = namespace.call(() -> TunPort.open("tun7", false))) {
            namespace.run("ip addr add 10.9.0.1/24 dev tun7");
            namespace.run("ip link set tun7 up");
            byte[] echo = new byte[64];
            echo[0] = 8;
            var message = Packet.of(echo);
            message.putU16(2, Checksum.of(message, 0, 64));
            // The host answers each.
            byte[] request = Datagrams.ip("10.9.0.2", "10.9.0.1", 1, message.toBytes());
            assertThat(octetsPerPacket(port, port, request)).isZero();
        }
    }

    private long octetsPerPacket(KernelPort from, KernelPort to, byte[] octets) {
        Packet[] sent = new Packet[BATCH];
        for (int i = 0; i < BATCH; i++) {
            sent[i] = Packet.of(octets);
        }
        Packet[] got = Batch.ofSize(BATCH);
        long least = Long.MAX_VALUE;
        try (var poller = new Poller()) {
            poller.add(to);
            for (int round = 0; round < MAX_ROUNDS && least > 0; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                int received = 0;
                for (int i = 0; i < BATCHES; i++) {
                    from.send(sent, BATCH);
                    int ofBatch = 0;
                    while (ofBatch < BATCH && poller.await(Batch.LONG_NANOS)) {
                        ofBatch += to.receive(got);
                    }
                    received += ofBatch;
                }
                long spent = threads.getCurrentThreadAllocatedBytes() - before;
                assertThat(received).isEqualTo(BATCHES * BATCH);
                least = Math.min(least, spent / received);
            }
        }
        return least;
    }
}
