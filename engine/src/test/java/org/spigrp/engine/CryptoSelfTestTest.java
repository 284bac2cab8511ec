package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.Integrity;
import org.spigrp.sa.KeyMaterial;

class CryptoSelfTestTest {
    @Test
    void every_algorithm_of_every_engine_gives_the_known_answer() {
        List<CryptoSelfTest.Result> results = CryptoEngines.selfTest();
        assertThat(results).filteredOn(result -> !result.good()).isEmpty();
        assertThat(results.stream().map(CryptoSelfTest.Result::algorithm).collect(Collectors.toSet()))
                .containsAll(Suites.esp().stream()
                        .filter(suite -> suite.integrity() == null)
                        .map(EspSuite::name)
                        .toList())
                .containsAll(List.of(Integrity.values()).stream()
                        .map(Integrity::text)
                        .toList());
        assertThat(CryptoEngines.describe(results))
                .endsWith(
                        "JDK 25: 35 of 35 algorithms give the known answer",
                        "Bouncy Castle: 41 of 41 algorithms give the known answer");
    }

    @Test
    void a_wrong_answer_is_named() {
        CryptoEngine wrong = new Distorted(new JdkCryptoEngine(), 1);
        List<String> lines = CryptoSelfTest.describe(CryptoSelfTest.run(List.of(wrong)));
        assertThat(lines)
                .contains("distorted: aes128gcm16 gives a WRONG answer on this machine, so it is not used for it")
                .contains("distorted: aes-xcbc-96 gives a WRONG answer on this machine, so it is not used for it");
        assertThat(lines.getFirst()).startsWith("distorted: 0 of ");
    }

    @Test
    void an_engine_that_is_wrong_is_passed_over() {
        CryptoEngine best = CryptoEngines.best(List.of(new Distorted(new JdkCryptoEngine(), 1), new JdkCryptoEngine()));
        EspSuite esp = Suites.esp("aes128-sha256");
        CryptoEngine.Context context = best.esp(esp, key(esp.givenKeyOctets()), key(esp.authKeyOctets()), true);
        assertThat(context).isNotNull();
        assertThat(context.engine()).isInstanceOf(JdkCryptoEngine.class);
        CryptoEngine none = CryptoEngines.best(List.of(new Distorted(new JdkCryptoEngine(), 1)));
        assertThat(none.esp(esp, key(esp.givenKeyOctets()), key(esp.authKeyOctets()), true))
                .isNull();
        AhSuite ah = Suites.ah("hmac-sha1-96");
        assertThat(none.ah(ah, key(ah.givenKeyOctets()))).isNull();
    }

    @Test
    void an_engine_that_is_right_about_one_packet_and_wrong_about_several_is_passed_over() {
        CryptoEngine wrong = new Distorted(new JdkCryptoEngine(), 2);
        assertThat(CryptoSelfTest.run(List.of(wrong))).noneMatch(CryptoSelfTest.Result::good);
        EspSuite suite = Suites.esp("aes128-sha256");
        CryptoEngine.Context context = CryptoEngines.best(List.of(wrong, new BouncyCastleCryptoEngine()))
                .esp(suite, key(suite.givenKeyOctets()), key(suite.authKeyOctets()), true);
        assertThat(context).isNotNull();
        assertThat(context.engine()).isInstanceOf(BouncyCastleCryptoEngine.class);
    }

    @Test
    void each_algorithm_goes_to_the_first_engine_that_does_it_right() {
        List<CryptoEngine> engines =
                List.of(new Distorted(new JdkCryptoEngine(), 1), new JdkCryptoEngine(), new BouncyCastleCryptoEngine());
        Map<String, List<String>> choices = CryptoEngines.choices(CryptoSelfTest.run(engines));
        assertThat(choices).containsOnlyKeys("JDK 25", "Bouncy Castle");
        assertThat(choices.get("JDK 25")).contains("aes128gcm16", "hmac-sha1-96");
        assertThat(choices.get("Bouncy Castle"))
                .contains("aes128gcm8", "camellia128")
                .doesNotContain("aes128gcm16");
    }

    private static KeyMaterial key(int octets) {
        return KeyMaterial.copyOf(new byte[octets]);
    }

    /** Flips a bit of every packet that it seals together with so many, itself among them. */
    private record Distorted(CryptoEngine inner, int fewest) implements CryptoEngine {
        @Override
        public String name() {
            return "distorted";
        }

        @Override
        public @Nullable Context esp(EspSuite suite, KeyMaterial key, KeyMaterial authKey, boolean encrypting) {
            return inner.esp(suite, key, authKey, encrypting);
        }

        @Override
        public @Nullable Context ah(AhSuite suite, KeyMaterial key) {
            return inner.ah(suite, key);
        }

        @Override
        public void seal(CryptoJob[] jobs, int count) {
            inner.seal(jobs, count);
            if (count < fewest) return;
            for (int i = 0; i < count; i++) jobs[i].array[jobs[i].array.length - 1] ^= 1;
        }

        @Override
        public void open(CryptoJob[] jobs, int count) {
            inner.open(jobs, count);
        }
    }
}
