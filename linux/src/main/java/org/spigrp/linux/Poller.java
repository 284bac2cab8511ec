package org.spigrp.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Waits until one of several descriptors is readable, a time has passed, or somebody calls {@link #wake}.
 *
 * <p>The descriptors are in an epoll, which is itself waited for by ppoll(2): its time-out is in nanoseconds on every
 * kernel, which epoll_wait(2)'s is not. One thread, the owner of the ports, waits; {@link #add}, {@link #remove} and {@link #wake} may be called by
 * any.
 */
public final class Poller implements AutoCloseable {
    private static final int NANOS_PER_SECOND = 1_000_000_000;

    private final Arena arena = Arena.ofShared();
    private final Libc libc = new Libc(arena);
    private final MemorySegment poll = arena.allocate(8, 8); // pollfd: fd 0..3 | events 4..5 | revents 6..7
    private final MemorySegment time = arena.allocate(16, 8); // timespec: seconds 0..7 | nanoseconds 8..15
    private final MemorySegment drained = arena.allocate(8, 8);
    private final Epoll epoll;
    private final Wakeup wakeup;
    private volatile KernelPort[] ports = {};
    /** By descriptor: in which look it was readable last. */
    private volatile int[] seen = new int[64];

    private int look;
    private boolean waiting;
    private boolean closed;

    public Poller() {
        epoll = new Epoll();
        wakeup = new Wakeup();
        epoll.add(wakeup.descriptor());
        poll.set(JAVA_INT, 0, epoll.descriptor());
        poll.set(JAVA_SHORT, 4, (short) Epoll.IN);
    }

    public synchronized void add(KernelPort port) {
        add(port.descriptor());
        KernelPort[] more = Arrays.copyOf(ports, ports.length + 1);
        more[ports.length] = port;
        ports = more;
    }

    /** @throws KernelTrouble if it cannot be waited for, or is among those waited for already */
    public synchronized void add(int descriptor) {
        if (descriptor >= seen.length) {
            seen = Arrays.copyOf(seen, 2 * descriptor); // before it can be told of
        }
        epoll.add(descriptor);
    }

    /**
     * Asks the kernel once for all descriptors, so that those that have nothing cost no system call of their own. The
     * thread that waits looks; {@link #isReadable} answers from what it saw.
     */
    public void look() {
        int count = epoll.readable(libc);
        int[] table = seen; // behind the question: it has room for every descriptor in the answer
        look++;
        for (int i = 0; i < count; i++) {
            table[epoll.ready(i)] = look;
        }
    }

    /** Whether it had something at the last {@link #look}; where very many had, some have to wait for the next. */
    public boolean isReadable(int descriptor) {
        return seen[descriptor] == look;
    }

    /** Before the port is closed. */
    public synchronized void remove(KernelPort port) {
        remove(port.descriptor());
        ports = Arrays.stream(ports).filter(other -> !other.equals(port)).toArray(KernelPort[]::new);
    }

    public void remove(int descriptor) {
        epoll.remove(descriptor);
    }

    /**
     * Returns when something can be read, at once if something can be already; false if instead the time has passed or
     * {@link #wake} was called. A wake-up that came before the wait ends it at once.
     *
     * @param timeoutNanos 0 = do not wait, negative = for ever
     */
    public boolean await(long timeoutNanos) {
        synchronized (this) {
            if (closed) {
                return false;
            }
            waiting = true;
        }
        try {
            for (KernelPort port : ports) {
                if (port.isPending()) {
                    return true;
                }
            }
            return waitOnce(timeoutNanos);
        } finally {
            synchronized (this) {
                waiting = false;
                notifyAll();
            }
        }
    }

    private boolean waitOnce(long timeoutNanos) {
        time.set(JAVA_LONG, 0, timeoutNanos / NANOS_PER_SECOND);
        time.set(JAVA_LONG, 8, timeoutNanos % NANOS_PER_SECOND);
        int ready = libc.ppoll(poll.address(), 1, timeoutNanos < 0 ? 0 : time.address());
        return ready > 0 && !(libc.read(wakeup.descriptor(), drained.address(), 8) == 8 && !epoll.isReadable(libc));
    }

    /** Ends the wait of the other thread, or its next one. */
    public void wake() {
        wakeup.wake();
    }

    /** A thread that waits is woken, and this returns when it has left. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            boolean interrupted = false;
            while (waiting) {
                wakeup.wake();
                try {
                    wait();
                } catch (InterruptedException e) {
                    interrupted = true; // the memory is in use until the other thread has left
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        epoll.close();
        wakeup.close();
        arena.close();
    }
}
