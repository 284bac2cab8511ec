package org.spigrp.engine;

import java.util.Objects;

/**
 * The trains of a batch: packets one behind the other that one program has begun, on their way through the cryptography.
 * Where the batch has nothing else, as it is mostly, its jobs are given to the crypto engine as they lie.
 */
final class Trains {
    private final CryptoEngine crypto;
    private final Work[] works;
    /** Of all works, in their order. */
    private final CryptoJob[] jobs;
    /** Of trains that come, where there are others too. */
    private final CryptoJob[] coming;

    private final Sealing sealing;
    private int leave;
    private int come;
    /** How many members with cryptography a group that packets leave by has at most. */
    private int most;

    /** @param works of the batch; always the same */
    Trains(CryptoEngine crypto, Work[] works) {
        this.crypto = crypto;
        this.works = works;
        sealing = new Sealing(crypto);
        jobs = new CryptoJob[works.length];
        coming = new CryptoJob[works.length];
        for (int i = 0; i < works.length; i++) {
            jobs[i] = works[i].job;
        }
    }

    /** A train that leaves. */
    void leave(Work first, int packets, Encapsulation program, Route route) {
        first.lead(packets, route, program);
        leave += packets;
        most = Math.max(most, program.sealings());
    }

    /** A train that comes. */
    void come(Work first, int packets, EspUntunnel program) {
        first.lead(packets, program);
        come += packets;
    }

    /**
     * Seals and opens them all, and ends those that come and have nothing unusual. The first of a group that has, and those
     * of the group behind it, are left to {@link Inbound}: what comes first is accepted first. So are all of a group of
     * which another packet of the batch came the long way.
     *
     * @param count of works in the batch
     * @return how many of them are done
     */
    int run(int count) {
        int done = leave;
        if (leave > 0) {
            seal(count);
        }
        if (come > 0) {
            open(count);
            for (int i = 0; i < count; i += works[i].span()) {
                if (works[i].comes()) {
                    done += end(i, works[i].train, Objects.requireNonNull(works[i].untunnel));
                }
            }
        }
        leave = 0;
        come = 0;
        most = 0;
        return done;
    }

    private void seal(int count) {
        if (leave == count && most == 1) {
            crypto.seal(jobs, count);
            return;
        }
        for (int i = 0; i < count; i += works[i].span()) {
            if (works[i].leaves()) {
                add(i, works[i].train, Objects.requireNonNull(works[i].program));
            }
        }
        sealing.run();
        sealing.clear();
    }

    private void add(int at, int train, Encapsulation program) {
        for (int i = at; i < at + train; i++) {
            sealing.add(works[i], program);
        }
    }

    private void open(int count) {
        if (come == count) {
            crypto.open(jobs, count);
            return;
        }
        int added = 0;
        for (int i = 0; i < count; i += works[i].span()) {
            if (works[i].comes()) {
                System.arraycopy(jobs, i, coming, added, works[i].train);
                added += works[i].train;
            }
        }
        crypto.open(coming, added);
    }

    private int end(int at, int train, EspUntunnel program) {
        GroupPlan plan = program.plan();
        int ended = plan.peelsByLayers ? 0 : program.end(works, at, train);
        if (ended < train) {
            plan.peelsByLayers = true;
            works[at].train = ended;
            for (int i = at + ended; i < at + train; i++) {
                program.leave(works[i]);
            }
        }
        return ended;
    }
}
