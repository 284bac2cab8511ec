package org.spigrp.engine;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.KeyMaterial;

/**
 * An engine whose lanes wait for one another before they work: of each batch, which must have a share for each, every
 * thread takes one, and all are at it at the same time. It makes no garbage.
 */
final class MeetingCrypto implements CryptoEngine {
    private final CryptoEngine inner;
    private final int lanes;
    private final AtomicInteger arrived = new AtomicInteger();
    /** Those that have taken a share. */
    final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    /** A lane that has this job in its share ends in an error. */
    volatile @Nullable CryptoJob poison;
    /** So does every lane. */
    volatile boolean poisonAll;

    MeetingCrypto(CryptoEngine inner, int lanes) {
        this.inner = inner;
        this.lanes = lanes;
    }

    @Override
    public String name() {
        return inner.name();
    }

    @Override
    public @Nullable Context esp(
            EspSuite suite, KeyMaterial encryptionKey, KeyMaterial authenticationKey, boolean encrypting) {
        return inner.esp(suite, encryptionKey, authenticationKey, encrypting);
    }

    @Override
    public @Nullable Context ah(AhSuite suite, KeyMaterial key) {
        return inner.ah(suite, key);
    }

    @Override
    public void seal(CryptoJob[] jobs, int count) {
        inner.seal(jobs, count);
    }

    @Override
    public void open(CryptoJob[] jobs, int count) {
        inner.open(jobs, count);
    }

    @Override
    public @Nullable Lane lane() {
        Lane lane = inner.lane();
        return lane == null ? null : new Meeting(lane);
    }

    private final class Meeting implements Lane {
        private final Lane lane;

        Meeting(Lane lane) {
            this.lane = lane;
        }

        @Override
        public void seal(CryptoJob[] jobs, int from, int to) {
            meet(jobs, from, to);
            lane.seal(jobs, from, to);
        }

        @Override
        public void open(CryptoJob[] jobs, int from, int to) {
            meet(jobs, from, to);
            lane.open(jobs, from, to);
        }

        @SuppressWarnings("ReferenceEquality") // this very job
        private void meet(CryptoJob[] jobs, int from, int to) {
            threads.add(Thread.currentThread());
            int all = (arrived.getAndIncrement() / lanes + 1) * lanes;
            while (arrived.get() < all) {
                Thread.onSpinWait();
            }
            for (int i = from; i < to; i++) {
                if (poisonAll || jobs[i] == poison) {
                    throw new AssertionError("poison");
                }
            }
        }
    }
}
