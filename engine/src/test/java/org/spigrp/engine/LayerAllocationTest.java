package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.Transform.CompThreshold;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

class LayerAllocationTest {
    private static final int PACKETS = 2000;

    /** Protects and peels the same packet in the same slab. */
    private static void work(LayerBed bed, Packet packet, byte[] clear, int times) {
        for (int i = 0; i < times; i++) {
            packet.reset(Packet.DEFAULT_HEADROOM);
            packet.append(clear.length);
            packet.put(0, clear, 0, clear.length);
            if (bed.protect(packet) != Verdict.NONE || bed.peel(packet) != Verdict.NONE) {
                throw new AssertionError("did not go through");
            }
        }
    }

    private static void assertNothingIsAllocated(LayerBed bed, byte[] clear) {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        var packet = new Packet(Packet.DEFAULT_CAPACITY, Packet.DEFAULT_HEADROOM);
        long least = Long.MAX_VALUE;
        // The JIT and class loading allocate on the way; what each packet cost would show in every round.
        for (int round = 0; round < 100 && least >= PACKETS; round++) {
            work(bed, packet, clear, PACKETS);
            long before = threads.getCurrentThreadAllocatedBytes();
            work(bed, packet, clear, PACKETS);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).as("octets for %d packets", PACKETS).isLessThan(PACKETS);
    }

    @Test
    void no_layer_makes_garbage_for_a_packet() {
        var bed = new LayerBed()
                .add(LayerBed.tunnel())
                .add(LayerBed.comp(CompThreshold.LINUX))
                .add(LayerBed.esp("aes128-sha256"))
                .add(LayerBed.ah("hmac-sha1-96", 8));
        assertNothingIsAllocated(bed, TestPackets.udp(LayerBed.WEST, LayerBed.EAST, 1000, new Random(1)));
    }

    @Test
    void nor_does_it_over_ipv6_with_counter_modes_and_extended_numbers() {
        var bed = new LayerBed();
        bed.esn = true;
        bed.add(
                        LayerBed.esp("aes128gcm16", new NatTraversal(NatTraversal.Kind.NONESP, 4500, 4500)),
                        LayerBed.WEST6,
                        LayerBed.EAST6)
                .add(LayerBed.tunnel(), LayerBed.WEST6, LayerBed.EAST6)
                .add(LayerBed.ah("aes128gmac", 0), LayerBed.WEST6, LayerBed.EAST6);
        assertNothingIsAllocated(bed, TestPackets.udp(LayerBed.WEST6, LayerBed.EAST6, 500, new Random(1)));
    }
}
