package org.spigrp.linux;

import java.lang.foreign.Arena;
import org.spigrp.engine.CryptoEngine;
import org.spigrp.engine.CryptoJob;

/**
 * What one thread needs to do jobs: a manager of the library's, which holds the packets of a burst, and scratch memory.
 * Keys are elsewhere and are only read, so several lanes may work with one context at a time.
 *
 * <p>Its memory lives as long as its engine, which every context holds.
 */
final class IpsecMbLane implements CryptoEngine.Lane {
    private static final int JOBS = IpsecMbScratch.JOBS;

    private final IpsecMbScratch scratch;
    private final IpsecMbOwnJobs ownJobs;
    private final IpsecMbBurst burst;
    /** What is read ahead ends here, or the compiler would leave the reading out. */
    @SuppressWarnings("UnusedVariable")
    private long fetched;

    IpsecMbLane(Arena arena, long manager) {
        scratch = new IpsecMbScratch(arena);
        ownJobs = new IpsecMbOwnJobs(arena, manager);
        burst = new IpsecMbBurst(arena, manager, scratch);
    }

    @Override
    public void seal(CryptoJob[] jobs, int from, int to) {
        for (int at = from; at < to; at += JOBS) {
            run(jobs, at, Math.min(JOBS, to - at), true);
        }
    }

    @Override
    public void open(CryptoJob[] jobs, int from, int to) {
        for (int at = from; at < to; at += JOBS) {
            run(jobs, at, Math.min(JOBS, to - at), false);
        }
    }

    /**
     * First, for all: nonces and AADs of GCM, the bursts of the others, and a look at each key that was not asked for;
     * where packets are of many SAs their keys are not in the cache, and fetched at once they cost little more than one
     * fetched alone. Then GCM, packet
     * by packet, then the bursts.
     *
     * <p>In one piece: HotSpot inlines no method that is as long as this into another, and what is called from here is then
     * inlined to the end. Where it was shorter, it depended on the order of compilation whether that ended within the loop
     * over packets, as the layers above had used up the levels: of several starts of the JVM some took a fifth longer.
     */
    @SuppressWarnings("ReferenceEquality") // one packet after another of the same SA
    private void run(CryptoJob[] jobs, int from, int count, boolean sealing) {
        ownJobs.begin();
        burst.begin();
        boolean anyGcm = false;
        long sum = 0;
        CryptoEngine.Context before = null;
        for (int i = 0; i < count; i++) {
            CryptoJob job = jobs[from + i];
            CryptoEngine.Context context = job.context;
            if (context instanceof IpsecMbGcm gcm) {
                scratch.prepare(i, gcm.salt, job);
                sum += context == before || job.fetched ? 0 : gcm.fetched(job.bodyLength);
                anyGcm = true;
            } else if (context instanceof IpsecMbChain chain) {
                sum += context == before || job.fetched ? 0 : chain.fetched();
                job.ok = false;
                if (chain.algorithm.takes(job.bodyLength) && !ownJobs.add(job, chain)) {
                    burst.add(job, chain);
                }
            } else {
                job.ok = false;
            }
            before = context;
        }
        fetched = sum;
        for (int i = 0; anyGcm && i < count; i++) {
            CryptoJob job = jobs[from + i];
            if (!(job.context instanceof IpsecMbGcm gcm)) {
                continue;
            }
            gcm.run(sealing ? gcm.encrypt : gcm.decrypt, job, i, scratch);
            if (sealing) {
                scratch.giveIcv(job, gcm.icvOctets);
                job.ok = true;
            } else {
                job.ok = scratch.isIcv(job, gcm.icvOctets);
                if (!job.ok) {
                    gcm.run(gcm.encrypt, job, i, scratch); // it is as it came again
                }
            }
        }
        if (!ownJobs.isEmpty()) {
            ownJobs.run(sealing);
        }
        if (!burst.isEmpty()) {
            burst.run(sealing);
        }
    }
}
