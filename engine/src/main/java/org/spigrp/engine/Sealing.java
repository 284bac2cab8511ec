package org.spigrp.engine;

/** Packets whose headers a program has written, on their way through the cryptography of their members, inner to outer. */
final class Sealing {
    private final CryptoEngine crypto;
    private final Work[] works = new Work[Engine.BATCH];
    private final CryptoJob[] jobs = new CryptoJob[Engine.BATCH];
    private int count;
    /** How many members with cryptography one of the packets has at most. */
    private int most;

    Sealing(CryptoEngine crypto) {
        this.crypto = crypto;
    }

    /** One whose first job is made. */
    void add(Work work, Encapsulation program) {
        works[count] = work;
        jobs[count++] = work.job;
        most = Math.max(most, program.sealings());
    }

    int count() {
        return count;
    }

    Work work(int index) {
        return works[index];
    }

    /** Seals them all. Of one that fails {@link CryptoJob#ok} is false, and {@link Work#step} the member. */
    void run() {
        int sealing = count;
        for (int next = 1; sealing > 0; next++) {
            crypto.seal(jobs, sealing);
            sealing = next < most ? fill(next) : 0;
        }
    }

    /** The jobs of those that have so many members. */
    private int fill(int seal) {
        int filled = 0;
        for (int i = 0; i < count; i++) {
            Work work = works[i];
            Encapsulation program = work.group().encapsulation;
            if (work.job.ok && program != null && seal < program.sealings()) {
                program.fill(work, seal);
                jobs[filled++] = work.job;
            }
        }
        return filled;
    }

    void clear() {
        count = 0;
        most = 0;
    }
}
