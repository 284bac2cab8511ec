package org.spigrp.daemon;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The time that lifetimes are counted in. It never goes back: where the machine's clock is set back it goes on by the
 * steady counter, and from a start it goes on where the last change was made. Set ahead, it follows.
 *
 * <p>One thread.
 */
final class SteadyClock implements InstantSource {
    private final InstantSource wall;
    private final LongSupplier nanos;
    private Instant last;
    private long lastNanos;

    /**
     * @param nanos a counter that only grows, in nanoseconds
     * @param notBefore no time before this one is told
     */
    SteadyClock(InstantSource wall, LongSupplier nanos, Instant notBefore) {
        this.wall = wall;
        this.nanos = nanos;
        this.last = notBefore;
        this.lastNanos = nanos.getAsLong();
    }

    @Override
    public Instant instant() {
        long now = nanos.getAsLong();
        Instant steady = last.plusNanos(now - lastNanos);
        Instant told = wall.instant();
        last = told.isAfter(steady) ? told : steady;
        lastNanos = now;
        return last;
    }

    long nanos() {
        return nanos.getAsLong();
    }
}
