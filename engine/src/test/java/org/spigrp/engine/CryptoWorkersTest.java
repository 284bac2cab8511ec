package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.engine.EngineOptions.Only;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.KeyMaterial;
import org.spigrp.sa.Said;
import org.spigrp.wire.Verdict;

/** One thread is the slow twin of several: the same octets and the same answers, whoever does the jobs. */
class CryptoWorkersTest {
    private static final int BATCH = Engine.BATCH;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private final ToyCrypto toy = new ToyCrypto();
    private final List<String> told = new ArrayList<>();
    private final List<CryptoEngine> opened = new ArrayList<>();

    @AfterEach
    void all_threads_end() {
        opened.forEach(CryptoEngine::close);
    }

    private CryptoEngine shared(CryptoEngine engine, int threads) {
        var shared = SharingCryptoEngine.over(engine, new CryptoWorkers(threads, told::add, 0));
        opened.add(shared);
        return shared;
    }

    private CryptoJob[] jobs(int count) {
        var suite = Suites.esp("aes128-sha256");
        var contexts = new CryptoEngine.Context[1 + random.nextInt(5)];
        Arrays.setAll(contexts, _ -> toy.esp(suite, key(), key(), true));
        var jobs = new CryptoJob[count];
        for (int i = 0; i < count; i++) {
            jobs[i] = TestPacket.random(suite, 16 * (1 + random.nextInt(20)), random).job;
            jobs[i].context = contexts[random.nextInt(contexts.length)];
        }
        return jobs;
    }

    private KeyMaterial key() {
        return KeyMaterial.copyOf(TestPacket.octets(16, random));
    }

    static CryptoJob[] copies(CryptoJob[] jobs) {
        return Arrays.stream(jobs)
                .map(job -> {
                    var copy = new CryptoJob();
                    copy.context = job.context;
                    copy.array = job.array.clone();
                    copy.header = job.header;
                    copy.iv = job.iv;
                    copy.body = job.body;
                    copy.bodyLength = job.bodyLength;
                    copy.icv = job.icv;
                    copy.esn = job.esn;
                    copy.esnHigh = job.esnHigh;
                    copy.aad = job.aad.clone();
                    copy.aadLength = job.aadLength;
                    return copy;
                })
                .toArray(CryptoJob[]::new);
    }

    /** A bit of every fifth or so. */
    static void damage(CryptoJob[] jobs, CryptoJob[] twins, Random random) {
        for (int i = 0; i < jobs.length; i++) {
            if (random.nextInt(5) == 0) {
                jobs[i].array[jobs[i].icv] ^= 1;
                twins[i].array[twins[i].icv] ^= 1;
            }
        }
    }

    static void assertSame(CryptoJob[] got, CryptoJob[] wanted, String where) {
        for (int i = 0; i < wanted.length; i++) {
            assertThat(got[i].ok).as("%s, job %d", where, i).isEqualTo(wanted[i].ok);
            assertThat(got[i].array).as("%s, job %d", where, i).isEqualTo(wanted[i].array);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4})
    void every_thread_takes_a_share_and_the_packets_are_those_of_one_thread(int threads) {
        var meeting = new MeetingCrypto(toy, threads);
        CryptoEngine several = shared(meeting, threads);
        for (int round = 0; round < 50; round++) {
            String where = "seed " + seed + ", round " + round;
            CryptoJob[] jobs = jobs(BATCH);
            CryptoJob[] twins = copies(jobs);
            several.seal(jobs, BATCH);
            toy.seal(twins, BATCH);
            assertSame(jobs, twins, where + " sealed");
            damage(jobs, twins, random);
            several.open(jobs, BATCH);
            toy.open(twins, BATCH);
            assertSame(jobs, twins, where + " opened");
        }
        assertThat(meeting.threads).hasSize(threads).contains(Thread.currentThread());
        assertThat(told).isEmpty();
    }

    /** Whoever comes first: no meeting. Most of the time workers are between looking, sleeping and waking. */
    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void batches_of_any_size_come_out_whole(int threads) {
        CryptoEngine several = shared(toy, threads);
        for (int round = 0; round < 3000; round++) {
            int count = random.nextInt(BATCH + 1);
            CryptoJob[] jobs = jobs(count);
            CryptoJob[] twins = copies(jobs);
            several.seal(jobs, count);
            toy.seal(twins, count);
            assertSame(jobs, twins, "seed " + seed + ", round " + round);
        }
    }

    @Test
    void of_a_batch_as_small_as_a_share_the_owner_does_all() {
        var meeting = new MeetingCrypto(toy, 2);
        CryptoEngine several = shared(meeting, 2);
        for (int count = 0; count <= 16; count++) {
            CryptoJob[] jobs = jobs(count);
            several.seal(jobs, count);
            assertThat(jobs).allMatch(job -> job.ok);
        }
        assertThat(meeting.threads).isEmpty();
    }

    @Test
    void what_takes_little_time_is_not_shared_however_many_there_are() {
        var quick = new QuickCrypto();
        CryptoEngine several = shared(quick, 2);
        var jobs = new CryptoJob[BATCH];
        Arrays.setAll(jobs, _ -> {
            var job = new CryptoJob();
            job.context = quick;
            return job;
        });
        several.seal(jobs, BATCH);
        several.open(jobs, BATCH);
        assertThat(quick.alone).isEqualTo(2);
    }

    @Test
    void a_share_that_ends_in_an_error_fails_and_is_told_once_and_its_thread_goes_on() {
        var meeting = new MeetingCrypto(toy, 4);
        CryptoEngine several = shared(meeting, 4);
        for (int round = 0; round < 50; round++) {
            CryptoJob[] jobs = jobs(BATCH);
            int bad = random.nextInt(BATCH);
            meeting.poison = jobs[bad];
            several.seal(jobs, BATCH);
            int share = bad / 16;
            for (int i = 0; i < BATCH; i++) {
                assertThat(jobs[i].ok)
                        .as("seed %d, round %d, job %d of share %d, poison in %d", seed, round, i, i / 16, share)
                        .isEqualTo(i / 16 != share);
            }
        }
        assertThat(told)
                .containsExactly("packets were dropped: their cryptography ended in java.lang.AssertionError: poison");
        assertThat(meeting.threads).hasSize(4).allMatch(Thread::isAlive);
    }

    @Test
    void such_packets_end_in_crypto_failed_and_the_next_are_protected() {
        var meeting = new MeetingCrypto(toy, 2);
        StackBed bed = bed();
        bed.crypto = shared(meeting, 2);
        List<byte[]> packets = traffic();
        assertThat(bed.run(packets.subList(0, BATCH))).allMatch(event -> event.verdict() == Verdict.PROTECTED);
        meeting.poisonAll = true;
        assertThat(bed.run(packets.subList(0, BATCH))).allMatch(event -> event.verdict() == Verdict.CRYPTO_FAILED);
        meeting.poisonAll = false;
        assertThat(bed.run(packets.subList(0, BATCH))).allMatch(event -> event.verdict() == Verdict.PROTECTED);
        assertThat(told).hasSize(1);
    }

    @Test
    void threads_end_when_the_engine_is_closed_and_the_owner_goes_on_alone() {
        var meeting = new MeetingCrypto(toy, 3);
        CryptoEngine several = shared(meeting, 3);
        several.seal(jobs(BATCH), BATCH);
        several.close();
        meeting.threads.remove(Thread.currentThread());
        assertThat(meeting.threads).hasSize(2).noneMatch(Thread::isAlive);

        CryptoEngine closed = shared(toy, 3);
        closed.close();
        CryptoJob[] jobs = jobs(BATCH);
        closed.seal(jobs, BATCH);
        assertThat(jobs).allMatch(job -> job.ok);
    }

    @Test
    void a_stack_that_ends_ends_them() {
        var meeting = new MeetingCrypto(toy, 2);
        StackBed bed = bed();
        bed.crypto = shared(meeting, 2);
        bed.run(traffic().subList(0, BATCH));
        bed.engine().close();
        meeting.threads.remove(Thread.currentThread());
        assertThat(meeting.threads).hasSize(1).noneMatch(Thread::isAlive);
    }

    @Test
    void a_thread_that_sleeps_is_woken_for_what_pays() {
        var meeting = new MeetingCrypto(toy, 2);
        var woken = SharingCryptoEngine.over(meeting, new CryptoWorkers(2, told::add)); // as the product makes it
        opened.add(woken);
        for (int round = 0; round < 20; round++) {
            while (meeting.threads.stream().noneMatch(CryptoWorkersTest::sleeps) && round > 0) {
                Thread.onSpinWait();
            }
            woken.seal(jobs(BATCH), BATCH); // would never end if it slept on
        }
        assertThat(meeting.threads).hasSize(2);
    }

    private static boolean sleeps(Thread thread) {
        return thread.getState() == Thread.State.WAITING;
    }

    @Test
    void an_engine_without_lanes_is_left_to_its_owner_and_no_thread_is_started() {
        for (CryptoEngine engine : List.of(new JdkCryptoEngine(), new BouncyCastleCryptoEngine())) {
            assertThat(shared(engine, 2)).isSameAs(engine);
        }
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("crypto "));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 1", "3, 1", "4, 2", "6, 3", "8, 4", "64, 4"})
    void without_a_word_half_of_the_processors_work(int processors, int threads) {
        assertThat(CryptoEngines.usualThreads(processors)).isEqualTo(threads);
    }

    private static StackBed bed() {
        var bed = new StackBed();
        var ids = new HashMap<Said, Integer>();
        bed.seams = new EngineSeams(null, tunnel -> ids.merge(tunnel, 1, Integer::sum));
        Said tunnel = bed.add(StackBed.tunnel(), StackBed.WEST, StackBed.EAST);
        Said esp = bed.add(StackBed.esp("aes128-sha256"), StackBed.WEST, StackBed.EAST);
        Said ah = bed.add(StackBed.ah("hmac-sha2-256-128"), StackBed.WEST, StackBed.EAST);
        return bed.group(tunnel, esp, ah).erouteAll(tunnel).policyAll(tunnel);
    }

    private List<byte[]> traffic() {
        return IntStream.range(0, 500)
                .mapToObj(_ -> Clear.udp(StackBed.WEST_HOST, StackBed.EAST_HOST, 1, 5, random.nextInt(1400)))
                .toList();
    }

    /** Damaged, repeated and out of order: numbers, windows, verdicts and counts are the owner's, and the same. */
    private List<byte[]> disturbed(List<byte[]> sealed) {
        List<byte[]> packets = new ArrayList<>(sealed);
        for (int i = 0; i < packets.size(); i++) {
            switch (random.nextInt(10)) {
                case 0 -> packets.set(i, Clear.changed(packets.get(i), random.nextInt(packets.get(i).length)));
                case 1 -> packets.set(i, packets.get(random.nextInt(packets.size())));
                default -> {}
            }
        }
        return packets;
    }

    @Test
    void a_stack_with_workers_gives_the_packets_verdicts_and_counts_of_one_without() {
        StackBed one = bed();
        one.crypto = toy;
        StackBed several = bed();
        several.crypto = shared(toy, 3);
        List<byte[]> clear = traffic();
        List<StackBed.Event> sealed = one.run(clear);
        assertThat(several.run(clear)).as("seed %d", seed).isEqualTo(sealed);
        List<byte[]> packets = disturbed(one.forwarded(sealed));
        one.restart().with(EngineOptions.DEFAULT.withOnly(Only.PEEL));
        several.restart().with(EngineOptions.DEFAULT.withOnly(Only.PEEL));
        List<StackBed.Event> peeled = one.run(packets);
        assertThat(several.run(packets)).as("seed %d", seed).isEqualTo(peeled);
        assertThat(verdicts(several)).isEqualTo(verdicts(one)).containsKeys(Verdict.BAD_ICV, Verdict.REPLAYED);
    }

    private static Map<Verdict, Long> verdicts(StackBed bed) {
        return bed.engine().counters().toMap();
    }

    /** Takes no time, and must not meet a lane. */
    private static final class QuickCrypto implements CryptoEngine, CryptoEngine.Context {
        private int alone;

        @Override
        public String name() {
            return "quick";
        }

        @Override
        public @Nullable Context esp(
                EspSuite suite, KeyMaterial encryptionKey, KeyMaterial authKey, boolean encrypting) {
            return this;
        }

        @Override
        public @Nullable Context ah(AhSuite suite, KeyMaterial key) {
            return this;
        }

        @Override
        public void seal(CryptoJob[] jobs, int count) {
            alone++;
        }

        @Override
        public void open(CryptoJob[] jobs, int count) {
            alone++;
        }

        @Override
        public Lane lane() {
            return new ToyCrypto().lane();
        }

        @Override
        public CryptoEngine engine() {
            return this;
        }

        @Override
        public int nanos(CryptoJob job) {
            return 60;
        }

        @Override
        public void wipe() {}
    }
}
