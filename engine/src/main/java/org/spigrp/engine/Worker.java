package org.spigrp.engine;

import java.time.Instant;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/** What the layers of one worker share: the time of the batch, the crypto engine, randomness, scratch memory. */
final class Worker implements AutoCloseable {
    private static final int RANDOM_OCTETS = 4096;

    final CryptoEngine crypto;
    final EngineSeams seams;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final byte[] randomOctets = new byte[RANDOM_OCTETS];
    private int randomUsed = RANDOM_OCTETS;
    private long seconds;
    private long nanos;

    /** @param random a CSPRNG: CBC IVs come from it */
    Worker(CryptoEngine crypto, EngineSeams seams, InstantSource clock, RandomGenerator random) {
        this.crypto = crypto;
        this.seams = seams;
        this.clock = clock;
        this.random = random;
        now();
    }

    /** Reads the clock, once for a batch. */
    void now() {
        Instant instant = clock.instant();
        seconds = instant.getEpochSecond();
        nanos = seconds * 1_000_000_000L + instant.getNano();
    }

    long seconds() {
        return seconds;
    }

    long nanos() {
        return nanos;
    }

    /** Writes octets that nobody can predict; drawn in blocks, for a CSPRNG call has its price. */
    void random(byte[] into, int at, int count) {
        if (randomUsed + count > RANDOM_OCTETS) {
            random.nextBytes(randomOctets);
            randomUsed = 0;
        }
        System.arraycopy(randomOctets, randomUsed, into, at, count);
        randomUsed += count;
    }

    @Override
    public void close() {}
}
