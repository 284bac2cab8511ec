package org.spigrp.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * How long a thread's turns on a processor are, {@code sched_attr} of sched_setattr(2).
 *
 * <p>A thread that packets wake finds the processor taken now and then: by a compiler of the JVM, or by whatever computes.
 * It waits until that one's turn is over, which the kernel looks at with its next tick only, up to 4 ms later. A thread
 * that asks for short turns is let in at once: it gets no more of the processor, but sooner (Linux 6.12 and later; before
 * that it makes no difference).
 */
public final class Turns {
    /** The shortest that the kernel gives. */
    static final long SHORT_NANOS = 100_000;

    private static final int SCHED_OTHER = 0;
    /** Threads that this one starts have turns like all others. */
    private static final long SCHED_FLAG_RESET_ON_FORK = 1;

    private static final int SCHED_ATTR_OCTETS = 48;
    private static final int POLICY = 4;
    private static final int FLAGS = 8;
    private static final int RUNTIME = 24;

    private Turns() {}

    /** Of the calling thread; one that was given another policy, as by chrt(1), keeps it as it is. A wish: no errors. */
    public static void makeShort() {
        try (var arena = Arena.ofConfined()) {
            var libc = new Libc(arena);
            MemorySegment attributes = attributes(arena, libc);
            if (attributes.get(JAVA_INT, POLICY) == SCHED_OTHER) {
                attributes.set(JAVA_LONG, FLAGS, attributes.get(JAVA_LONG, FLAGS) | SCHED_FLAG_RESET_ON_FORK);
                attributes.set(JAVA_LONG, RUNTIME, SHORT_NANOS);
                libc.schedSetattr(attributes.address());
            }
        }
    }

    /** Of the calling thread; 0 where the kernel does not tell. */
    static long nanos() {
        try (var arena = Arena.ofConfined()) {
            return attributes(arena, new Libc(arena)).get(JAVA_LONG, RUNTIME);
        }
    }

    private static MemorySegment attributes(Arena arena, Libc libc) {
        MemorySegment attributes = arena.allocate(SCHED_ATTR_OCTETS, Long.BYTES);
        if (libc.schedGetattr(attributes.address(), SCHED_ATTR_OCTETS) < 0) {
            attributes.set(JAVA_INT, POLICY, -1);
        }
        return attributes;
    }
}
