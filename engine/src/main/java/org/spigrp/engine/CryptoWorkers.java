package org.spigrp.engine;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Threads that help the owner of a crypto engine with the jobs of a batch.
 *
 * <pre>
 *   owner    | gives a batch | takes shares ...  | waits for those at work | goes on, alone with all it owns
 *   worker   | looks for one | takes shares ...  | looks for the next a short while, then sleeps
 * </pre>
 *
 * <p>Nobody is given a share: whoever is free takes the next one, the owner too. So a worker that the system keeps from
 * running, or that wakes late, is waited for only if it has taken one; where none comes the owner does all.
 *
 * <p>A batch is in plain fields, written before the turn and read after a share was taken of it. They stay as they are
 * until all its shares are done, which is when {@link #run} returns: between two batches no worker touches a context, a
 * job or a packet.
 *
 * <p>To wake a worker costs the owner some 5 us. So it is not done for each batch, but when work of {@link #WAKE_NANOS}
 * has gone by: where packets come thick workers do not sleep, and where they come thin little is lost.
 *
 * <p>Who waits lets others have the processor now and then. Where other programs want it too, owner and worker may find
 * themselves on the same one, and each keeps the other from what it waits for. Beside a process that never sleeps, on two
 * cores, two threads took 1.6 times as long as one without that, and with it 1.03 times (AES-GCM, batches of 64 packets
 * of 1420 octets).
 */
final class CryptoWorkers {
    /** How often a worker looks for the next batch before it sleeps: some 50 us. */
    private static final int LOOKS = 2048;

    /** Between them others may have the processor. */
    private static final int LOOKS_AT_A_TIME = 64;

    private static final long WAKE_NANOS = 50_000;

    /** In {@link #words}, each in a line of the cache with nothing else in it: idle workers look at the turn all the time. */
    private static final int TURN = 16;

    private static final int DONE = 32;
    private static final int WORDS = 48;

    /** The turn: number of the batch 32 | its shares 16 | the next to be taken 16. And the shares of it that are done. */
    private final AtomicLongArray words = new AtomicLongArray(WORDS);

    private final Helper[] helpers;
    private final Consumer<String> tell;
    private final long wakeNanos;
    private volatile boolean closed;
    /** What a share ended in, the first time. */
    private volatile @Nullable Throwable fault;

    private boolean told;
    /** Nanoseconds of work, about, since sleepers were woken. */
    private long sinceWake;

    private CryptoEngine.Lane[] lanes = {};
    private CryptoJob[] jobs = {};
    private int count;
    private int shareJobs;
    private boolean sealing;

    /**
     * @param threads the owner among them
     * @param tell hears, once and on the owner's thread, of the first exception that a share ended in
     */
    CryptoWorkers(int threads, Consumer<String> tell) {
        this(threads, tell, WAKE_NANOS);
    }

    /** @param wakeNanos 0 = all are woken for each batch */
    CryptoWorkers(int threads, Consumer<String> tell, long wakeNanos) {
        this.tell = tell;
        this.wakeNanos = wakeNanos;
        helpers = new Helper[threads - 1];
        for (int i = 0; i < helpers.length; i++) {
            helpers[i] = new Helper(i + 1);
        }
    }

    int threads() {
        return helpers.length + 1;
    }

    /** Where no engine has lanes for them the threads are never started. */
    void start() {
        for (Helper helper : helpers) {
            if (helper.thread.getState() == Thread.State.NEW) {
                helper.thread.start();
            }
        }
    }

    /**
     * Does all jobs. A share that ends in an exception leaves its jobs with {@code ok} false.
     *
     * @param lanesOfThreads the owner's is the first
     * @param jobsOfShare so many are done in one piece at most
     * @param nanos how long the owner alone would take, about
     */
    void run(
            CryptoEngine.Lane[] lanesOfThreads,
            CryptoJob[] given,
            int givenCount,
            int jobsOfShare,
            boolean toSeal,
            long nanos) {
        lanes = lanesOfThreads;
        jobs = given;
        count = givenCount;
        shareJobs = jobsOfShare;
        sealing = toSeal;
        long shares = Math.ceilDiv(givenCount, jobsOfShare);
        words.setPlain(DONE, 0);
        words.set(TURN, ((words.get(TURN) >>> 32) + 1) << 32 | shares << 16);
        sinceWake += nanos;
        if (sinceWake >= wakeNanos) {
            sinceWake = 0;
            wake();
        }
        takeShares(0);
        for (int looks = 0; words.get(DONE) != shares; looks++) {
            pause(looks);
        }
        Throwable first = fault;
        if (first != null && !told) {
            told = true;
            tell.accept("packets were dropped: their cryptography ended in " + first);
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // a scheduler that ignores it makes it slower, and nothing else
    private static void pause(int looks) {
        if (looks % LOOKS_AT_A_TIME == LOOKS_AT_A_TIME - 1) {
            Thread.yield();
        } else {
            Thread.onSpinWait();
        }
    }

    private void wake() {
        for (Helper helper : helpers) {
            if (helper.asleep) {
                LockSupport.unpark(helper.thread);
            }
        }
    }

    private static boolean hasShare(long turn) {
        return (turn & 0xffff) < (turn >>> 16 & 0xffff);
    }

    /** Until none is left; true if there was one. */
    private boolean takeShares(int lane) {
        boolean some = false;
        for (long turn = words.get(TURN); hasShare(turn); turn = words.get(TURN)) {
            if (words.compareAndSet(TURN, turn, turn + 1)) {
                some = true;
                doShare((int) turn & 0xffff, lane);
                words.getAndIncrement(DONE);
            }
        }
        return some;
    }

    private void doShare(int share, int lane) {
        int from = share * shareJobs;
        int to = Math.min(from + shareJobs, count);
        try {
            if (sealing) {
                lanes[lane].seal(jobs, from, to);
            } else {
                lanes[lane].open(jobs, from, to);
            }
        } catch (Throwable thrown) { // a fault of this program, or no memory: others must not wait for ever
            for (int i = from; i < to; i++) {
                jobs[i].ok = false;
            }
            if (fault == null) {
                fault = thrown;
            }
        }
    }

    /** All threads have ended when it returns. The owner does alone what still comes. */
    void close() {
        closed = true;
        boolean interrupted = false;
        for (Helper helper : helpers) {
            LockSupport.unpark(helper.thread);
            while (helper.thread.isAlive()) {
                try {
                    helper.thread.join();
                } catch (InterruptedException _) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Helper {
        private final int lane;
        private final Thread thread;
        private volatile boolean asleep;

        Helper(int lane) {
            this.lane = lane;
            thread = Thread.ofPlatform().daemon().name("crypto " + lane).unstarted(this::work);
        }

        private void work() {
            int looks = 0;
            while (!closed) {
                if (takeShares(lane)) {
                    looks = 0;
                } else if (looks < LOOKS) {
                    pause(looks++);
                } else {
                    sleep();
                    looks = 0;
                }
            }
        }

        /** It says that it sleeps, then looks once more; the owner gives a batch, then looks for sleepers: one sees the other. */
        private void sleep() {
            asleep = true;
            if (!hasShare(words.get(TURN)) && !closed) {
                LockSupport.park(CryptoWorkers.this);
            }
            asleep = false;
        }
    }
}
