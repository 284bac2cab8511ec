package org.spigrp.engine;

import org.jspecify.annotations.Nullable;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.KeyMaterial;

/**
 * An engine whose jobs are shared with {@link CryptoWorkers} where there are enough of them. Its contexts are the
 * engine's own. The jobs are the same in whatever number of threads: numbers, windows, IVs and the order of packets are
 * not here.
 */
final class SharingCryptoEngine implements CryptoEngine {
    /** ipsec-mb follows up to 16 chains at once: fewer take it as long. */
    private static final int LEAST_SHARE = 16;

    /** More threads than shares of a batch are of no use. */
    static final int MOST_THREADS = Engine.BATCH / LEAST_SHARE;

    /**
     * What takes one thread less is not shared. To hand over, and to fetch packets from another core's cache, took up to
     * 2 us (EPYC with 2 cores): 20 packets of 1420 octets by AES-GCM became slower by a half, 32 faster by a fifth.
     */
    private static final long LEAST_NANOS = 4_000;

    private final CryptoEngine engine;
    private final CryptoWorkers workers;
    private final Lane[] lanes;

    private SharingCryptoEngine(CryptoEngine engine, CryptoWorkers workers, Lane[] lanes) {
        this.engine = engine;
        this.workers = workers;
        this.lanes = lanes;
    }

    /** The engine itself if only its owner can do its jobs. */
    static CryptoEngine over(CryptoEngine engine, CryptoWorkers workers) {
        var lanes = new Lane[workers.threads()];
        for (int i = 0; i < lanes.length; i++) {
            Lane lane = engine.lane();
            if (lane == null) {
                return engine;
            }
            lanes[i] = lane;
        }
        workers.start();
        return new SharingCryptoEngine(engine, workers, lanes);
    }

    @Override
    public String name() {
        return engine.name();
    }

    @Override
    public @Nullable Context esp(
            EspSuite suite, KeyMaterial encryptionKey, KeyMaterial authenticationKey, boolean encrypting) {
        return engine.esp(suite, encryptionKey, authenticationKey, encrypting);
    }

    @Override
    public @Nullable Context ah(AhSuite suite, KeyMaterial key) {
        return engine.ah(suite, key);
    }

    @Override
    public void seal(CryptoJob[] jobs, int count) {
        long nanos = nanos(jobs, count);
        if (nanos >= LEAST_NANOS) {
            workers.run(lanes, jobs, count, share(count), true, nanos);
        } else {
            engine.seal(jobs, count);
        }
    }

    @Override
    public void open(CryptoJob[] jobs, int count) {
        long nanos = nanos(jobs, count);
        if (nanos >= LEAST_NANOS) {
            workers.run(lanes, jobs, count, share(count), false, nanos);
        } else {
            engine.open(jobs, count);
        }
    }

    /** What all of them take one thread; 0 for a single share. */
    private static long nanos(CryptoJob[] jobs, int count) {
        long nanos = 0;
        for (int i = 0; count > LEAST_SHARE && i < count; i++) {
            CryptoJob job = jobs[i];
            Context context = job.context;
            nanos += context == null ? 0 : context.nanos(job);
        }
        return nanos;
    }

    private int share(int count) {
        return Math.max(LEAST_SHARE, Math.ceilDiv(count, lanes.length));
    }

    @Override
    public void close() {
        workers.close();
        engine.close();
    }
}
