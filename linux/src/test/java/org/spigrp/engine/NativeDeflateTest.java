package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.spigrp.wire.Verdict;

/** libdeflate as the compressor: the JDK expands what it makes, and it takes nothing from the heap. */
class NativeDeflateTest {
    private static final int MAX_ROUNDS = 3000;
    private static final int PACKETS = 100;

    private final Deflate jdk = new Deflate(null);
    private Deflate deflate = jdk;

    static void needsTheLibrary() {
        assumeTrue(Compressors.absent().isEmpty(), () -> Compressors.absent().toString());
    }

    @BeforeEach
    void open() {
        needsTheLibrary();
        Compressor library = Compressors.open();
        assertThat(library).isNotNull();
        deflate = new Deflate(library);
    }

    @AfterEach
    void close() {
        deflate.close();
        jdk.close();
    }

    @Test
    void it_is_the_one_that_is_shown() {
        assertThat(Compressors.describe()).startsWith("libdeflate compresses for IPComp, JDK ");
    }

    /** Octets from all zero to noise, of every length a packet may have; and cut to whatever limit. */
    @Test
    void the_jdk_expands_what_it_makes_and_no_limit_is_passed() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        byte[] array = new byte[5000];
        for (int round = 0; round < 5000; round++) {
            int values = 1 + random.nextInt(256);
            for (int i = 0; i < array.length; i++) array[i] = (byte) random.nextInt(values);
            int from = random.nextInt(100);
            int count = 1 + random.nextInt(round % 10 == 0 ? 4500 : Deflate.WINDOW);
            String what = "seed %d, round %d: %d octets of %d values".formatted(seed, round, count, values);
            int size = deflate.compress(array, from, count, 2 * count + 100);
            assertThat(size).as(what).isPositive();
            byte[] stream = Arrays.copyOf(deflate.result(), size);
            assertThat(jdk.expand(stream, 0, size, count)).as(what).isEqualTo(Verdict.NONE);
            assertThat(jdk.size()).as(what).isEqualTo(count);
            assertThat(Arrays.equals(jdk.result(), 0, count, array, from, from + count))
                    .as(what)
                    .isTrue();
            assertThat(deflate.compress(array, from, count, size)).as(what).isEqualTo(size);
            assertThat(deflate.compress(array, from, count, size - 1)).as(what).isEqualTo(-1);
        }
    }

    /** The least of many rounds: until the compiler is done with it, a call of a library makes garbage. */
    @Test
    void nothing_is_allocated_per_packet() {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        byte[] array = new byte[1420];
        var random = new Random(1420);
        for (int i = 0; i < array.length; i++) array[i] = (byte) random.nextInt(20);
        long least = Long.MAX_VALUE;
        for (int round = 0; round < MAX_ROUNDS && least > 0; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < PACKETS; i++) deflate.compress(array, 0, array.length, 1400);
            least = Math.min(least, (threads.getCurrentThreadAllocatedBytes() - before) / PACKETS);
        }
        assertThat(deflate.size()).isPositive();
        assertThat(least).isZero();
    }
}
