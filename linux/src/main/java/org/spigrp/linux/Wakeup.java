package org.spigrp.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** An eventfd(2): becomes readable when somebody wants its owner to look up. */
final class Wakeup implements AutoCloseable {
    private static final int EFD_NONBLOCK = 0x800;
    private static final int EFD_CLOEXEC = 0x80000;

    private final Arena arena = Arena.ofShared();
    private final Libc libc = new Libc(arena);
    private final MemorySegment one = arena.allocateFrom(JAVA_LONG, 1);
    private final int fd;
    private boolean closed;

    Wakeup() {
        fd = libc.eventfd(EFD_NONBLOCK | EFD_CLOEXEC);
        if (fd < 0) {
            throw new KernelTrouble("cannot make an eventfd: " + Errno.text(-fd), -fd);
        }
    }

    int descriptor() {
        return fd;
    }

    synchronized void wake() {
        if (!closed) {
            libc.write(fd, one.address(), 8);
        }
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
