package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.KeyMaterial;

/**
 * Whole batches of packets of one suite, of two SAs and of any length, against Bouncy Castle's packet by packet. The library
 * follows up to sixteen of them at once, by other code than it has for one.
 */
class NativeBatchTest {
    /** More than a packet's place on the stage. */
    private static final int MOST_OCTETS = 2500;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private final CryptoEngine engine = NativeCrypto.engine();
    private final CryptoEngine bouncyCastle = new BouncyCastleCryptoEngine();

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 15, 17, 64, 70})
    void every_suite_of_esp_gives_in_a_batch_what_it_gives_alone(int count) {
        for (EspSuite suite : Suites.esp()) {
            var sealers = new CryptoEngine.Context[2];
            var openers = new CryptoEngine.Context[2];
            var twins = new CryptoEngine.Context[2];
            for (int i = 0; i < 2; i++) {
                KeyMaterial key = key(suite.givenKeyOctets());
                KeyMaterial authKey = key(suite.authKeyOctets());
                sealers[i] = engine.esp(suite, key, authKey, true);
                openers[i] = engine.esp(suite, key, authKey, false);
                twins[i] = bouncyCastle.esp(suite, key, authKey, true);
            }
            if (sealers[0] == null) continue;
            int block = suite.cipher().blockOctets();
            var jobs = new CryptoJob[count];
            Arrays.setAll(
                    jobs, _ -> TestPacket.random(suite, block * (1 + random.nextInt(MOST_OCTETS / block)), random).job);
            areRight(jobs, sealers, openers, twins, "%s, %d packets, seed %d".formatted(suite.name(), count, seed));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 15, 17, 64, 70})
    void every_suite_of_ah_gives_in_a_batch_what_it_gives_alone(int count) {
        for (AhSuite suite : Suites.ah()) {
            var contexts = new CryptoEngine.Context[2];
            var twins = new CryptoEngine.Context[2];
            for (int i = 0; i < 2; i++) {
                KeyMaterial key = key(suite.givenKeyOctets());
                contexts[i] = engine.ah(suite, key);
                twins[i] = bouncyCastle.ah(suite, key);
            }
            var jobs = new CryptoJob[count];
            Arrays.setAll(jobs, _ -> TestPacket.random(suite, 60 + random.nextInt(MOST_OCTETS), 44, random).job);
            areRight(
                    jobs,
                    contexts,
                    contexts,
                    twins,
                    "%s, %d packets, seed %d".formatted(suite.integrity().text(), count, seed));
        }
    }

    private void areRight(
            CryptoJob[] jobs,
            CryptoEngine.Context[] sealers,
            CryptoEngine.Context[] openers,
            CryptoEngine.Context[] twinsContexts,
            String what) {
        CryptoJob[] clear = CryptoWorkersTest.copies(jobs);
        CryptoJob[] twins = CryptoWorkersTest.copies(jobs);
        int[] sa = random.ints(jobs.length, 0, 2).toArray();
        for (int i = 0; i < jobs.length; i++) {
            jobs[i].context = sealers[sa[i]];
            twins[i].context = twinsContexts[sa[i]];
            bouncyCastle.seal(new CryptoJob[] {twins[i]}, 1);
        }
        engine.seal(jobs, jobs.length);
        CryptoWorkersTest.assertSame(jobs, twins, what + ", sealed");
        assertThat(jobs).as(what).allMatch(job -> job.ok);
        for (int i = 0; i < jobs.length; i++) jobs[i].context = openers[sa[i]];
        engine.open(jobs, jobs.length);
        for (int i = 0; i < jobs.length; i++) {
            CryptoJob job = jobs[i];
            assertThat(job.ok).as("%s, job %d opened", what, i).isTrue();
            assertThat(Arrays.equals(job.array, 0, job.icv, clear[i].array, 0, job.icv))
                    .as("%s, job %d is what it was", what, i)
                    .isTrue();
        }
    }

    private KeyMaterial key(int octets) {
        return KeyMaterial.copyOf(TestPacket.octets(octets, random));
    }
}
