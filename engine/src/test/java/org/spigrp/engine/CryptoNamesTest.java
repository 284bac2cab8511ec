package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.AlgorithmNames;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.KeyMaterial;
import org.spigrp.wire.Parsed;

/** Every name that spi accepts has an engine behind it, and means the suite that the RFCs' tables say. */
class CryptoNamesTest {
    private static final long SEED = 20261106;

    private final RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
    private final CryptoEngine best = CryptoEngines.best();

    static List<String> esp() {
        return AlgorithmNames.espNames();
    }

    static List<String> ah() {
        return AlgorithmNames.ahNames();
    }

    @ParameterizedTest
    @MethodSource
    void esp(String name) {
        assertThat(AlgorithmNames.esp(name)).isInstanceOf(Parsed.Ok.class);
        if (!(AlgorithmNames.esp(name) instanceof Parsed.Ok<EspSuite>(EspSuite suite))) return;
        assertThat(Suites.esp())
                .anyMatch(table -> table.cipher() == suite.cipher()
                        && table.keyOctets() == suite.keyOctets()
                        && table.icvOctets() == suite.icvOctets()
                        && table.integrity() == suite.integrity());
        KeyMaterial key = KeyMaterial.copyOf(TestPacket.octets(suite.givenKeyOctets(), random));
        KeyMaterial authKey = KeyMaterial.copyOf(TestPacket.octets(suite.authKeyOctets(), random));
        CryptoEngine.Context sealer = best.esp(suite, key, authKey, true);
        CryptoEngine.Context opener = best.esp(suite, key, authKey, false);
        assertThat(sealer).isNotNull();
        assertThat(opener).isNotNull();
        TestPacket packet = TestPacket.random(suite, 48, random);
        String clear = packet.bodyHex();
        assertThat(packet.seal(best, sealer)).isTrue();
        assertThat(packet.open(best, opener)).isTrue();
        assertThat(packet.bodyHex()).isEqualTo(clear);
    }

    @ParameterizedTest
    @MethodSource
    void ah(String name) {
        assertThat(AlgorithmNames.ah(name)).isInstanceOf(Parsed.Ok.class);
        if (!(AlgorithmNames.ah(name) instanceof Parsed.Ok<AhSuite>(AhSuite suite))) return;
        assertThat(Suites.ah())
                .anyMatch(table ->
                        table.integrity() == suite.integrity() && table.givenKeyOctets() == suite.givenKeyOctets());
        KeyMaterial key = KeyMaterial.copyOf(TestPacket.octets(suite.givenKeyOctets(), random));
        CryptoEngine.Context context = best.ah(suite, key);
        assertThat(context).isNotNull();
        TestPacket packet = TestPacket.random(suite, 100, 44, random);
        assertThat(packet.seal(best, context)).isTrue();
        assertThat(packet.open(best, context)).isTrue();
    }
}
