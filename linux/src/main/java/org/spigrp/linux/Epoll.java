package org.spigrp.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A set of descriptors that is itself a descriptor, readable when one of them is (epoll(7), level-triggered).
 *
 * <pre>
 *   epoll_event   x86-64, packed:  events 0..3 | data 4..11      AArch64:  events 0..3 | - | data 8..15
 * </pre>
 */
final class Epoll implements AutoCloseable {
    static final int IN = 1;
    /** As many are told at a time. */
    static final int MAX_READY = 16;

    private static final int CTL_ADD = 1;
    private static final int CTL_DEL = 2;
    private static final int CLOEXEC = 0x80000;
    private static final int EVENT_OCTETS = Libc.IS_X86 ? 12 : 16;
    private static final int DATA_AT = Libc.IS_X86 ? 4 : 8;

    private final Arena arena = Arena.ofShared();
    private final Libc libc = new Libc(arena);
    private final MemorySegment change = arena.allocate(16, 8);
    private final MemorySegment events = arena.allocate(16L * MAX_READY, 8);
    private final int fd;
    private boolean closed;

    Epoll() {
        fd = libc.epollCreate(CLOEXEC);
        if (fd < 0) {
            throw new KernelTrouble("cannot make an epoll: " + Errno.text(-fd), -fd);
        }
    }

    int descriptor() {
        return fd;
    }

    synchronized void add(int descriptor) {
        change.set(JAVA_INT, 0, IN);
        change.set(JAVA_INT, DATA_AT, descriptor);
        int result = libc.epollCtl(fd, CTL_ADD, descriptor, change.address());
        if (result < 0) {
            throw new KernelTrouble("cannot wait for descriptor " + descriptor + ": " + Errno.text(-result), -result);
        }
    }

    synchronized void remove(int descriptor) {
        if (!closed) {
            libc.epollCtl(fd, CTL_DEL, descriptor, change.address());
        }
    }

    /**
     * How many descriptors are readable now; {@link #ready} tells them. Does not wait.
     *
     * @param libc of the caller's thread
     */
    int readable(Libc libc) {
        return Math.max(0, libc.epollWait(fd, events.address(), MAX_READY));
    }

    boolean isReadable(Libc libc) {
        return readable(libc) > 0;
    }

    /** Of those that {@link #readable} counted. */
    int ready(int i) {
        return events.get(JAVA_INT_UNALIGNED, (long) i * EVENT_OCTETS + DATA_AT);
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            libc.close(fd);
            arena.close();
        }
    }
}
