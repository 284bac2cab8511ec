package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
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
                .containsExactly(
                        "JDK 25: 35 of 35 algorithms give the known answer",
                        "Bouncy Castle: 41 of 41 algorithms give the known answer");
    }

    @Test
    void a_wrong_answer_is_named() {
        CryptoEngine wrong = new Distorted(new JdkCryptoEngine());
        List<String> lines = CryptoSelfTest.describe(CryptoSelfTest.run(List.of(wrong)));
        assertThat(lines)
                .contains("distorted: aes128gcm16 gives a WRONG answer on this machine; do not use it")
                .contains("distorted: aes-xcbc-96 gives a WRONG answer on this machine; do not use it");
        assertThat(lines.getFirst()).startsWith("distorted: 0 of ");
    }

    /** Flips a bit of every packet that it seals. */
    private record Distorted(CryptoEngine inner) implements CryptoEngine {
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
            for (int i = 0; i < count; i++) jobs[i].array[jobs[i].array.length - 1] ^= 1;
        }

        @Override
        public void open(CryptoJob[] jobs, int count) {
            inner.open(jobs, count);
        }
    }
}
