package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.KeyMaterial;

/** Several threads at the jobs of ipsec-mb, beside one. Each has a lane of its own, and all read the same keys. */
class NativeWorkersTest {
    private static final int BATCH = Engine.BATCH;
    private static final int MAX_ROUNDS = 3000;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final CryptoEngine engine = NativeCrypto.engine();
    private final List<CryptoEngine> opened = new ArrayList<>();

    @AfterEach
    void all_threads_end() {
        opened.forEach(CryptoEngine::close);
    }

    private CryptoEngine shared(MeetingCrypto meeting, int threads) {
        var shared = SharingCryptoEngine.over(meeting, new CryptoWorkers(threads, NativeWorkersTest::noTrouble, 0));
        opened.add(shared);
        return shared;
    }

    private static void noTrouble(String text) {
        throw new AssertionError(text);
    }

    private KeyMaterial key(int octets) {
        return KeyMaterial.copyOf(TestPacket.octets(octets, random));
    }

    /** A batch that is worth sharing whatever the suite, from two SAs. */
    private CryptoJob[] jobs(EspSuite suite, CryptoEngine.Context... contexts) {
        int block = suite.cipher().blockOctets();
        var jobs = new CryptoJob[BATCH];
        for (int i = 0; i < BATCH; i++) {
            int octets = Math.max(1, (1200 + random.nextInt(400)) / block) * block;
            jobs[i] = TestPacket.random(suite, octets, random).job;
            jobs[i].context = contexts[random.nextInt(contexts.length)];
        }
        return jobs;
    }

    private static void swap(CryptoJob[] jobs, CryptoEngine.Context[] from, CryptoEngine.Context[] to) {
        for (CryptoJob job : jobs) job.context = to[Arrays.asList(from).indexOf(job.context)];
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4})
    void every_suite_of_esp_gives_the_packets_of_one_thread(int threads) {
        int done = 0;
        var meeting = new MeetingCrypto(engine, threads);
        CryptoEngine several = shared(meeting, threads);
        for (EspSuite suite : Suites.esp()) {
            var sealers = new CryptoEngine.Context[2];
            var openers = new CryptoEngine.Context[2];
            for (int i = 0; i < 2; i++) {
                KeyMaterial key = key(suite.givenKeyOctets());
                KeyMaterial authKey = key(suite.authKeyOctets());
                sealers[i] = several.esp(suite, key, authKey, true);
                openers[i] = several.esp(suite, key, authKey, false);
            }
            if (sealers[0] == null) continue;
            done++;
            CryptoJob[] jobs = jobs(suite, sealers);
            CryptoJob[] twins = CryptoWorkersTest.copies(jobs);
            sameOfOne(several, jobs, twins, suite.name());
            if (suite.hasIntegrity()) CryptoWorkersTest.damage(jobs, twins, random);
            swap(jobs, sealers, openers);
            swap(twins, sealers, openers);
            several.open(jobs, BATCH);
            engine.open(twins, BATCH);
            CryptoWorkersTest.assertSame(jobs, twins, suite.name() + " opened, seed " + seed);
        }
        assertThat(done).isGreaterThan(40);
        assertThat(meeting.threads).hasSize(threads);
    }

    private void sameOfOne(CryptoEngine several, CryptoJob[] jobs, CryptoJob[] twins, String what) {
        several.seal(jobs, BATCH);
        engine.seal(twins, BATCH);
        CryptoWorkersTest.assertSame(jobs, twins, what + " sealed, seed " + seed);
        assertThat(jobs).as(what).allMatch(job -> job.ok);
    }

    @Test
    void every_suite_of_ah_gives_the_icvs_of_one_thread() {
        var meeting = new MeetingCrypto(engine, 4);
        CryptoEngine several = shared(meeting, 4);
        for (AhSuite suite : Suites.ah()) {
            var context = several.ah(suite, key(suite.givenKeyOctets()));
            var jobs = new CryptoJob[BATCH];
            Arrays.setAll(jobs, _ -> TestPacket.random(suite, 900 + random.nextInt(500), 44, random).job);
            for (CryptoJob job : jobs) job.context = context;
            CryptoJob[] twins = CryptoWorkersTest.copies(jobs);
            sameOfOne(several, jobs, twins, suite.integrity().text());
            CryptoWorkersTest.damage(jobs, twins, random);
            several.open(jobs, BATCH);
            engine.open(twins, BATCH);
            CryptoWorkersTest.assertSame(jobs, twins, suite.integrity().text() + " opened, seed " + seed);
        }
        assertThat(meeting.threads).hasSize(4);
    }

    /** A fault of ours: it must not stop a thread, nor the jobs of other shares, nor the next batch. */
    @ParameterizedTest
    @ValueSource(strings = {"aes128gcm16", "aes128-sha256"})
    void a_context_that_was_wiped_fails_its_share_and_no_other(String name) {
        EspSuite suite = Suites.esp(name);
        List<String> told = new ArrayList<>();
        var meeting = new MeetingCrypto(engine, 4);
        var several = SharingCryptoEngine.over(meeting, new CryptoWorkers(4, told::add, 0));
        opened.add(several);
        var good = several.esp(suite, key(suite.givenKeyOctets()), key(suite.authKeyOctets()), true);
        var wiped = several.esp(suite, key(suite.givenKeyOctets()), key(suite.authKeyOctets()), true);
        assertThat(wiped).isNotNull();
        wiped.wipe();
        for (int round = 0; round < 20; round++) {
            CryptoJob[] jobs = jobs(suite, good);
            int bad = random.nextInt(BATCH);
            jobs[bad].context = wiped;
            several.seal(jobs, BATCH);
            for (int i = 0; i < BATCH; i++) {
                assertThat(jobs[i].ok)
                        .as("seed %d, job %d, bad is %d", seed, i, bad)
                        .isEqualTo(i / 16 != bad / 16);
            }
            CryptoJob[] next = jobs(suite, good);
            sameOfOne(several, next, CryptoWorkersTest.copies(next), name);
        }
        assertThat(told).singleElement().asString().contains("a context was used after it was wiped");
        assertThat(meeting.threads).hasSize(4).allMatch(Thread::isAlive);
    }

    /** As the product puts engines together: what the JDK and Bouncy Castle have stays with the owner. */
    @Test
    void batches_of_all_suites_and_engines_mixed_give_the_packets_of_one_thread() {
        var all = CryptoEngines.best(3, NativeWorkersTest::noTrouble);
        opened.add(all);
        List<EspSuite> suites = Suites.esp();
        List<CryptoEngine.Context> contexts = new ArrayList<>();
        List<CryptoEngine.Context> twinContexts = new ArrayList<>();
        CryptoEngine one = CryptoEngines.best();
        for (EspSuite suite : suites) {
            KeyMaterial key = key(suite.givenKeyOctets());
            KeyMaterial authKey = key(suite.authKeyOctets());
            contexts.add(all.esp(suite, key, authKey, true));
            twinContexts.add(one.esp(suite, key, authKey, true));
        }
        for (int round = 0; round < 300; round++) {
            int count = random.nextInt(BATCH + 1);
            var jobs = new CryptoJob[count];
            var which = new int[count];
            for (int i = 0; i < count; i++) {
                which[i] = random.nextInt(suites.size());
                EspSuite suite = suites.get(which[i]);
                int octets = (1 + random.nextInt(40)) * suite.cipher().blockOctets();
                jobs[i] = TestPacket.random(suite, octets, random).job;
            }
            CryptoJob[] twins = CryptoWorkersTest.copies(jobs);
            for (int i = 0; i < count; i++) {
                jobs[i].context = contexts.get(which[i]);
                twins[i].context = twinContexts.get(which[i]);
            }
            all.seal(jobs, count);
            one.seal(twins, count);
            CryptoWorkersTest.assertSame(jobs, twins, "seed " + seed + ", round " + round);
        }
    }

    /** The least of many rounds: until the compiler is done with it, a call of a library makes garbage. */
    @Test
    void no_thread_takes_anything_from_the_heap() {
        var allocating = new TreeMap<String, Long>();
        for (String name : List.of("aes128gcm16", "aes128-sha256")) {
            EspSuite suite = Suites.esp(name);
            var meeting = new MeetingCrypto(engine, 2);
            CryptoEngine several = shared(meeting, 2);
            var sealer = several.esp(suite, key(suite.givenKeyOctets()), key(suite.authKeyOctets()), true);
            CryptoJob[] jobs = jobs(suite, sealer);
            several.seal(jobs, BATCH);
            long[] ids = meeting.threads.stream().mapToLong(Thread::threadId).toArray();
            assertThat(ids).hasSize(2);
            long least = Long.MAX_VALUE;
            for (int round = 0; round < MAX_ROUNDS && least > 0; round++) {
                long before = allocated(ids);
                for (int i = 0; i < 40; i++) several.seal(jobs, BATCH);
                least = Math.min(least, allocated(ids) - before);
            }
            if (least > 0) allocating.put(name, least);
        }
        assertThat(allocating).as("octets of 40 batches").isEmpty();
    }

    private long allocated(long[] ids) {
        long octets = 0;
        for (long id : ids) octets += threads.getThreadAllocatedBytes(id);
        return octets;
    }
}
