package org.spigrp.engine;

/** Packets that an {@link EspUntunnel} has begun, on their way through its one member with cryptography. */
final class Opening {
    private final CryptoEngine crypto;
    private final Work[] works = new Work[Engine.BATCH];
    private final CryptoJob[] jobs = new CryptoJob[Engine.BATCH];
    private int count;

    Opening(CryptoEngine crypto) {
        this.crypto = crypto;
    }

    void add(Work work) {
        works[count] = work;
        jobs[count++] = work.job;
    }

    /**
     * Opens them all, and ends those of which nothing is unusual. The first of a group that is, and those of the group
     * behind it, are left to {@link Inbound}: what comes first is accepted first. So are all of a group of which another
     * packet of the batch came the long way.
     *
     * @return how many were ended
     */
    int run() {
        int opened = count;
        if (opened == 0) {
            return 0;
        }
        count = 0;
        crypto.open(jobs, opened);
        int ended = 0;
        for (int i = 0; i < opened; i++) {
            Work work = works[i];
            EspUntunnel program = work.untunnel;
            GroupPlan plan = work.group();
            if (program != null && !plan.peelsByLayers && work.job.ok && program.end(work.packet, work.job)) {
                ended++;
            } else {
                plan.peelsByLayers = true;
                work.openedByLayers();
            }
        }
        return ended;
    }
}
