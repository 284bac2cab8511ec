package org.spigrp.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.function.LongSupplier;
import org.spigrp.engine.Engine;

/**
 * Two pieces of work measured in turns, in slices so short that whatever else this machine does falls on both.
 *
 * <pre>
 *   warm up both   | round: ours yardstick ours yardstick ... | round: ... |        outcome = medians over the rounds
 * </pre>
 *
 * <p>Times are CPU time of the thread that works, not of the wall, but where several work. What other threads of a JVM do
 * meanwhile (compilation, collection of garbage) is not in them.
 */
final class Duel {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int SLICES = 4;
    private static final long SECOND = 1_000_000_000;

    /** Works on so many packets; nanoseconds of CPU time for one. */
    interface Side {
        double nanos(long packets);

        /** Whether it runs at full speed from the start, as what gcc has compiled does. */
        default boolean isCompiled() {
            return false;
        }
    }

    /** Medians of nanoseconds a packet, and of the rounds' ratios yardstick / ours. */
    record Outcome(double ours, double yardstick, double ratio, int rounds) {}

    private final int rounds;
    private final long sliceNanos;
    private final long warmUpNanos;

    Duel(int rounds, boolean quick) {
        this.rounds = rounds;
        sliceNanos = quick ? 60_000_000 : 150_000_000;
        warmUpNanos = quick ? 3 * SECOND : 8 * SECOND;
    }

    /** Work of this JVM, given as what is done for one batch. */
    static Side here(Runnable batch) {
        return timed(batch, THREADS::getCurrentThreadCpuTime);
    }

    /** The same by the clock on the wall, where it is the work of several threads. */
    static Side byTheWall(Runnable batch) {
        return timed(batch, System::nanoTime);
    }

    private static Side timed(Runnable batch, LongSupplier clock) {
        return packets -> {
            long batches = Math.ceilDiv(packets, Engine.BATCH);
            long from = clock.getAsLong();
            for (long i = 0; i < batches; i++) {
                batch.run();
            }
            return (double) (clock.getAsLong() - from) / (batches * Engine.BATCH);
        };
    }

    /** Octets that this thread allocates for one packet. */
    static double octetsPerPacket(Runnable batch, int batches) {
        long from = THREADS.getThreadAllocatedBytes(Thread.currentThread().threadId());
        for (int i = 0; i < batches; i++) {
            batch.run();
        }
        long to = THREADS.getThreadAllocatedBytes(Thread.currentThread().threadId());
        return (double) (to - from) / ((double) batches * Engine.BATCH);
    }

    Outcome run(Side ours, Side yardstick) {
        long oursCount = warmUp(ours);
        long yardstickCount = warmUp(yardstick);
        double[] a = new double[rounds];
        double[] b = new double[rounds];
        double[] ratios = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            for (int j = 0; j < SLICES; j++) {
                a[i] += ours.nanos(oursCount) / SLICES;
                b[i] += yardstick.nanos(yardstickCount) / SLICES;
            }
            ratios[i] = b[i] / a[i];
        }
        return new Outcome(median(a), median(b), median(ratios), rounds);
    }

    /** Nanoseconds a packet, without a comparison. */
    double alone(Side side) {
        long count = warmUp(side);
        double[] slices = new double[rounds];
        Arrays.setAll(slices, _ -> side.nanos(count));
        return median(slices);
    }

    /** Runs it until the compilers have nothing more to do; how many packets fill a slice. */
    long warmUp(Side side) {
        long end = System.nanoTime() + (side.isCompiled() ? 2 * sliceNanos : warmUpNanos);
        long count = 64 * Engine.BATCH;
        double nanos;
        do {
            nanos = Math.max(side.nanos(count), 0.1);
            count = Math.clamp((long) (sliceNanos / nanos), Engine.BATCH, 1L << 31);
        } while (System.nanoTime() < end);
        return Math.ceilDiv(count, Engine.BATCH) * Engine.BATCH;
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
