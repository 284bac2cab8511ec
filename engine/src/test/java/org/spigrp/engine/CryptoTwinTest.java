package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.EspCipher;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.KeyMaterial;

/** Properties of every suite, and every engine there is against Bouncy Castle's, which has all. */
class CryptoTwinTest {
    private static final long SEED = 20261104;
    private static final int[] BLOCKS = {1, 2, 3, 5, 8, 21, 90, 300};

    private final RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
    private final CryptoEngine best = CryptoEngines.best();
    private final CryptoEngine jdk = new JdkCryptoEngine();
    private final CryptoEngine bouncyCastle = new BouncyCastleCryptoEngine();

    static Stream<EspSuite> espSuites() {
        return Suites.esp().stream();
    }

    static Stream<AhSuite> ahSuites() {
        return Suites.ah().stream();
    }

    @ParameterizedTest
    @MethodSource("espSuites")
    void what_is_sealed_opens_to_the_same_octets_and_nothing_around_is_touched(EspSuite suite) {
        KeyMaterial key = randomKey(suite.givenKeyOctets());
        KeyMaterial authKey = randomKey(suite.authKeyOctets());
        CryptoEngine.Context sealer = best.esp(suite, key, authKey, true);
        CryptoEngine.Context opener = best.esp(suite, key, authKey, false);
        assertThat(sealer).isNotNull();
        assertThat(opener).isNotNull();
        for (int blocks : BLOCKS) {
            TestPacket packet = TestPacket.random(suite, blocks * suite.cipher().blockOctets(), random);
            byte[] before = packet.job.array.clone();
            assertThat(packet.seal(best, sealer)).isTrue();
            int end = packet.job.icv + packet.icvOctets;
            assertSameOutside(before, packet.job.array, packet.job.body, end);
            boolean changes = suite.cipher() != EspCipher.NULL && suite.cipher() != EspCipher.AES_GMAC;
            if (changes)
                assertThat(slice(packet.job.array, packet.job.body, packet.job.icv))
                        .isNotEqualTo(slice(before, packet.job.body, packet.job.icv));
            assertThat(packet.open(best, opener))
                    .as("seed %d, %d blocks", SEED, blocks)
                    .isTrue();
            assertSameOutside(before, packet.job.array, packet.job.icv, end);
        }
    }

    @ParameterizedTest
    @MethodSource("espSuites")
    void any_flipped_bit_is_noticed_and_the_packet_stays_as_it_came(EspSuite suite) {
        if (!suite.hasIntegrity()) return;
        KeyMaterial key = randomKey(suite.givenKeyOctets());
        KeyMaterial authKey = randomKey(suite.authKeyOctets());
        CryptoEngine.Context sealer = best.esp(suite, key, authKey, true);
        CryptoEngine.Context opener = best.esp(suite, key, authKey, false);
        assertThat(sealer).isNotNull();
        assertThat(opener).isNotNull();
        TestPacket packet = TestPacket.random(suite, 2 * suite.cipher().blockOctets(), random);
        packet.seal(best, sealer);
        byte[] sealed = packet.job.array.clone();
        for (int at = packet.job.header; at < packet.job.icv + packet.icvOctets; at++) {
            int bit = random.nextInt(8);
            packet.job.array[at] ^= (byte) (1 << bit);
            byte[] damaged = packet.job.array.clone();
            assertThat(packet.open(best, opener))
                    .as("seed %d, octet %d, bit %d", SEED, at, bit)
                    .isFalse();
            assertThat(packet.job.array).isEqualTo(damaged);
            System.arraycopy(sealed, 0, packet.job.array, 0, sealed.length);
        }
        packet.job.esn = !packet.job.esn;
        assertThat(packet.open(best, opener))
                .as("seed %d, without its ESN", SEED)
                .isFalse();
        packet.job.esn = true;
        packet.job.esnHigh++;
        assertThat(packet.open(best, opener))
                .as("seed %d, other ESN high half", SEED)
                .isFalse();
    }

    @ParameterizedTest
    @MethodSource("espSuites")
    void after_damaged_packets_good_ones_still_open(EspSuite suite) {
        KeyMaterial key = randomKey(suite.givenKeyOctets());
        KeyMaterial authKey = randomKey(suite.authKeyOctets());
        CryptoEngine.Context sealer = best.esp(suite, key, authKey, true);
        CryptoEngine.Context opener = best.esp(suite, key, authKey, false);
        assertThat(sealer).isNotNull();
        assertThat(opener).isNotNull();
        for (int i = 0; i < 20; i++) {
            TestPacket packet = TestPacket.random(suite, 4 * suite.cipher().blockOctets(), random);
            byte[] clear = packet.job.array.clone();
            packet.seal(best, sealer);
            if (suite.hasIntegrity()) {
                packet.job.array[packet.job.icv] ^= 1;
                assertThat(packet.open(best, opener)).isFalse();
                packet.job.array[packet.job.icv] ^= 1;
            }
            assertThat(packet.open(best, opener))
                    .as("seed %d, packet %d", SEED, i)
                    .isTrue();
            // The same packet once more, as an attacker replays it: the window's business, not the cipher's.
            packet.seal(best, best.esp(suite, key, authKey, true));
            assertThat(packet.open(best, opener))
                    .as("seed %d, packet %d again", SEED, i)
                    .isTrue();
            assertThat(slice(packet.job.array, packet.job.body, packet.job.icv))
                    .isEqualTo(slice(clear, packet.job.body, packet.job.icv));
        }
    }

    @ParameterizedTest
    @MethodSource("espSuites")
    void all_engines_give_the_same_octets(EspSuite suite) {
        KeyMaterial key = randomKey(suite.givenKeyOctets());
        KeyMaterial authKey = randomKey(suite.authKeyOctets());
        CryptoEngine.Context other = bouncyCastle.esp(suite, key, authKey, true);
        assertThat(other).isNotNull();
        for (CryptoEngine engine : CryptoEngines.all()) {
            CryptoEngine.Context one = engine.esp(suite, key, authKey, true);
            if (one == null || engine instanceof BouncyCastleCryptoEngine) continue;
            for (int blocks : BLOCKS) {
                TestPacket packet =
                        TestPacket.random(suite, blocks * suite.cipher().blockOctets(), random);
                byte[] before = packet.job.array.clone();
                assertThat(packet.seal(engine, one)).isTrue();
                byte[] byOne = packet.job.array.clone();
                System.arraycopy(before, 0, packet.job.array, 0, before.length);
                assertThat(packet.seal(bouncyCastle, other)).isTrue();
                assertThat(packet.job.array)
                        .as("%s, seed %d, %d blocks", engine.name(), SEED, blocks)
                        .isEqualTo(byOne);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("espSuites")
    void the_jdk_lacks_what_we_say_it_does(EspSuite suite) {
        boolean lacking = suite.cipher() == EspCipher.CAMELLIA_CBC
                || (suite.cipher() == EspCipher.AES_GCM && suite.icvOctets() == 8);
        var context = jdk.esp(suite, randomKey(suite.givenKeyOctets()), randomKey(suite.authKeyOctets()), true);
        assertThat(context == null).isEqualTo(lacking);
    }

    @ParameterizedTest
    @MethodSource("ahSuites")
    void ah_by_all_engines_agrees_and_notices_any_flipped_bit(AhSuite suite) {
        KeyMaterial key = randomKey(suite.givenKeyOctets());
        for (CryptoEngine engine : CryptoEngines.all()) {
            if (!(engine instanceof BouncyCastleCryptoEngine)) agreesWithBouncyCastle(engine, suite, key);
        }
    }

    private void agreesWithBouncyCastle(CryptoEngine engine, AhSuite suite, KeyMaterial key) {
        CryptoEngine.Context one = engine.ah(suite, key);
        if (one == null) return;
        // One context serves one direction: Bouncy Castle remembers the last nonce and will not seal with it.
        CryptoEngine.Context other = bouncyCastle.ah(suite, key);
        CryptoEngine.Context opener = bouncyCastle.ah(suite, key);
        assertThat(other).isNotNull();
        assertThat(opener).isNotNull();
        for (int octets : new int[] {28, 44, 48, 65, 1420, 5000}) {
            int head = random.nextInt(octets + 1);
            String what = "%s, seed %d, %d octets, %d of them head".formatted(engine.name(), SEED, octets, head);
            TestPacket packet = TestPacket.random(suite, octets, head, random);
            assertThat(packet.seal(engine, one)).as(what).isTrue();
            String icv = packet.icvHex();
            assertThat(packet.open(bouncyCastle, opener)).as(what).isTrue();
            assertThat(packet.seal(bouncyCastle, other)).isTrue();
            assertThat(packet.icvHex()).as(what).isEqualTo(icv);
            for (int i = 0; i < 50; i++) {
                int at = random.nextInt(octets);
                byte[] array = at < head ? packet.job.aad : packet.job.array;
                int index = at < head ? at : packet.job.body + at - head;
                array[index] ^= 0x20;
                assertThat(packet.open(engine, one))
                        .as("%s, octet %d", what, at)
                        .isFalse();
                assertThat(packet.open(bouncyCastle, opener)).isFalse();
                array[index] ^= 0x20;
            }
            boolean esn = packet.job.esn;
            packet.job.esn = !esn;
            assertThat(packet.open(engine, one)).as("%s, other ESN", what).isFalse();
            packet.job.esn = true;
            packet.job.esnHigh++;
            assertThat(packet.open(engine, one))
                    .as("%s, other ESN high half", what)
                    .isFalse();
            packet.job.esn = esn;
            packet.job.esnHigh--;
            for (int at = packet.job.iv; at < packet.job.icv + packet.icvOctets; at++) {
                packet.job.array[at] ^= 1;
                assertThat(packet.open(engine, one))
                        .as("%s, octet %d of IV and ICV", what, at)
                        .isFalse();
                packet.job.array[at] ^= 1;
            }
            assertThat(packet.open(engine, one)).as(what).isTrue();
        }
    }

    @Test
    void a_batch_of_mixed_suites_goes_to_the_engines_that_have_them() {
        List<EspSuite> suites = Suites.esp();
        CryptoJob[] jobs = new CryptoJob[suites.size() + 1];
        byte[][] clear = new byte[suites.size()][];
        CryptoEngine.Context[] openers = new CryptoEngine.Context[suites.size()];
        for (int i = 0; i < suites.size(); i++) {
            EspSuite suite = suites.get(i);
            KeyMaterial key = randomKey(suite.givenKeyOctets());
            KeyMaterial authKey = randomKey(suite.authKeyOctets());
            jobs[i] = TestPacket.random(suite, 48, random).job;
            jobs[i].context = best.esp(suite, key, authKey, true);
            openers[i] = best.esp(suite, key, authKey, false);
            clear[i] = slice(jobs[i].array, jobs[i].body, jobs[i].icv);
        }
        CryptoJob stray = new CryptoJob();
        stray.ok = true;
        jobs[suites.size()] = stray;
        best.seal(jobs, jobs.length);
        assertThat(stray.ok).as("a job without a context").isFalse();
        for (int i = 0; i < suites.size(); i++) {
            assertThat(jobs[i].ok).as("%s sealed", suites.get(i).name()).isTrue();
            jobs[i].context = openers[i];
        }
        best.open(jobs, jobs.length);
        for (int i = 0; i < suites.size(); i++) {
            assertThat(jobs[i].ok).as("%s opened", suites.get(i).name()).isTrue();
            assertThat(slice(jobs[i].array, jobs[i].body, jobs[i].icv))
                    .as(suites.get(i).name())
                    .isEqualTo(clear[i]);
        }
    }

    @Test
    void a_body_that_is_no_multiple_of_the_block_is_refused_and_untouched() {
        for (String name : List.of("aes128", "3des", "camellia256")) {
            EspSuite suite = Suites.esp(name);
            KeyMaterial key = randomKey(suite.givenKeyOctets());
            for (boolean encrypting : new boolean[] {true, false}) {
                CryptoEngine.Context context = best.esp(suite, key, KeyMaterial.NONE, encrypting);
                assertThat(context).isNotNull();
                for (int octets : new int[] {0, 1, 20}) {
                    TestPacket packet = TestPacket.random(suite, octets, random);
                    byte[] before = packet.job.array.clone();
                    boolean ok = encrypting ? packet.seal(best, context) : packet.open(best, context);
                    assertThat(ok).as("%s, %d octets", name, octets).isFalse();
                    assertThat(packet.job.array).isEqualTo(before);
                }
            }
        }
    }

    @Test
    void a_wiped_context_does_not_work_any_more() {
        for (EspSuite suite : Suites.esp()) {
            if (suite.cipher() == EspCipher.NULL) continue;
            CryptoEngine.Context context =
                    best.esp(suite, randomKey(suite.givenKeyOctets()), randomKey(suite.authKeyOctets()), true);
            assertThat(context).isNotNull();
            context.wipe();
            TestPacket packet = TestPacket.random(suite, 48, random);
            assertThatThrownBy(() -> packet.seal(best, context))
                    .as(suite.name())
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void a_key_of_another_length_is_a_fault_whose_message_has_no_key_in_it() {
        EspSuite suite = Suites.esp("aes128gcm16");
        assertThatThrownBy(() -> best.esp(suite, randomKey(16), KeyMaterial.NONE, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("aes128gcm16 takes an encryption key of 20 octets, not of 16");
    }

    private KeyMaterial randomKey(int octets) {
        return KeyMaterial.copyOf(TestPacket.octets(octets, random));
    }

    private static void assertSameOutside(byte[] before, byte[] after, int from, int to) {
        assertThat(slice(after, 0, from)).isEqualTo(slice(before, 0, from));
        assertThat(slice(after, to, after.length)).isEqualTo(slice(before, to, before.length));
    }

    private static byte[] slice(byte[] octets, int from, int to) {
        return java.util.Arrays.copyOfRange(octets, from, to);
    }
}
