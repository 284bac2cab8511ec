package org.spigrp.linux;

import java.lang.foreign.Arena;

/** What ports of the kernel share: native memory, the count of what was refused, and the end. */
abstract class NativePort implements KernelPort {
    final Arena arena = Arena.ofShared();
    final Libc libc = new Libc(arena);
    final Refusals refusals = new Refusals();
    private boolean closed;

    /** To be asked under the port's lock. */
    final boolean isClosed() {
        return closed;
    }

    /** Closes the descriptors; called once. */
    abstract void release();

    @Override
    public final long refused() {
        return refusals.count();
    }

    @Override
    public final int lastErrno() {
        return refusals.lastErrno();
    }

    /** Any thread may close. */
    @Override
    public final synchronized void close() {
        if (!closed) {
            closed = true;
            release();
            arena.close();
        }
    }
}
