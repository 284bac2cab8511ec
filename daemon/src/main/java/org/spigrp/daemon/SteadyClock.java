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
    private static final long SECOND = 1_000_000_000L;
    private static final long MILLI = 1_000_000L;

    private final InstantSource wall;
    private final LongSupplier nanos;
    /** Since 1970, in nanoseconds. */
    private long last;

    private long lastNanos;

    /**
     * @param nanos a counter that only grows, in nanoseconds
     * @param notBefore no time before this one is told
     */
    SteadyClock(InstantSource wall, LongSupplier nanos, Instant notBefore) {
        this.wall = wall;
        this.nanos = nanos;
        this.last = sinceEpoch(notBefore);
        this.lastNanos = nanos.getAsLong();
    }

    private static long sinceEpoch(Instant instant) {
        return instant.getEpochSecond() * SECOND + instant.getNano();
    }

    @Override
    public Instant instant() {
        long now = told(sinceEpoch(wall.instant()));
        return Instant.ofEpochSecond(Math.floorDiv(now, SECOND), Math.floorMod(now, SECOND));
    }

    /** The same for every batch of packets, without garbage. */
    @Override
    public long millis() {
        return Math.floorDiv(told(wall.millis() * MILLI), MILLI);
    }

    private long told(long wallNanos) {
        long now = nanos.getAsLong();
        last = Math.max(wallNanos, last + (now - lastNanos));
        lastNanos = now;
        return last;
    }

    long nanos() {
        return nanos.getAsLong();
    }
}
