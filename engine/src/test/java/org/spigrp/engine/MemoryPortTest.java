package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.spigrp.wire.Packet;

class MemoryPortTest {
    private final Packet[] batch = {TestPackets.packet(new byte[0]), TestPackets.packet(new byte[0])};

    @Test
    void what_arrives_is_received_in_order_then_nothing_then_the_end() {
        var port = new MemoryPort();
        assertThat(port.receive(batch)).isZero();
        for (byte i = 1; i <= 3; i++) {
            assertThat(port.arrive(i, i)).isTrue();
        }
        assertThat(port.receive(batch)).isEqualTo(2);
        assertThat(batch[0].toBytes()).containsExactly(1, 1);
        assertThat(batch[1].toBytes()).containsExactly(2, 2);
        port.close();
        assertThat(port.arrive((byte) 4)).isFalse();
        assertThat(port.receive(batch)).as("what was queued comes yet").isEqualTo(1);
        assertThat(port.receive(batch)).isEqualTo(-1);
    }

    @Test
    void who_waits_is_told_when_something_can_be_received_and_of_the_end() {
        List<Integer> received = new ArrayList<>();
        var ports = new ArrayList<MemoryPort>();
        ports.add(new MemoryPort(() -> received.add(ports.getFirst().receive(batch))));
        ports.getFirst().arrive((byte) 7);
        ports.getFirst().close();
        ports.getFirst().arrive((byte) 8);
        assertThat(received).containsExactly(1, -1);
    }

    @Test
    void threads_may_bring_packets_while_the_stack_receives() throws InterruptedException {
        int each = 5000;
        var told = new Semaphore(0);
        var port = new MemoryPort(told::release);
        List<Thread> threads = new ArrayList<>();
        for (int number = 0; number < 3; number++) {
            byte sender = (byte) number;
            threads.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < each; i++) {
                    port.arrive(sender, (byte) (i >>> 8), (byte) i);
                }
            }));
        }
        int[] next = new int[threads.size()];
        int received = 0;
        while (received < each * threads.size()) {
            told.acquire();
            int count = port.receive(batch);
            for (int i = 0; i < count; i++) {
                assertThat(batch[i].u16(1)).isEqualTo(next[batch[i].u8(0)]++);
            }
            received += count;
            port.send(batch, count);
        }
        assertThat(port.sent()).hasSize(received);
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
