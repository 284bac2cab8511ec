package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.Integrity;
import org.spigrp.sa.KeyMaterial;

/** The RFCs' vectors, against every engine there is. */
class CryptoVectorTest {
    private static final HexFormat HEX = HexFormat.of();

    private final JdkCryptoEngine jdk = new JdkCryptoEngine();
    private final List<CryptoEngine> engines = CryptoEngines.all();

    static Stream<Vectors.Case> esp() {
        return Vectors.all().stream().filter(vector -> vector.has("esp"));
    }

    static Stream<Vectors.Case> mac() {
        return Vectors.all().stream().filter(vector -> vector.has("mac"));
    }

    static Stream<Vectors.Case> ah() {
        return Vectors.all().stream().filter(vector -> vector.has("ah"));
    }

    @Test
    void every_vector_is_of_a_known_kind() {
        assertThat(esp().count() + mac().count() + ah().count())
                .isEqualTo(Vectors.all().size())
                .isGreaterThan(80);
    }

    @ParameterizedTest
    @MethodSource
    void esp(Vectors.Case vector) {
        EspSuite suite = Suites.esp(vector.text("esp"));
        int having = 0;
        for (CryptoEngine engine : engines) {
            KeyMaterial key = KeyMaterial.copyOf(vector.octets("key"));
            KeyMaterial authKey = KeyMaterial.copyOf(vector.octets("authkey"));
            CryptoEngine.Context sealer = engine.esp(suite, key, authKey, true);
            CryptoEngine.Context opener = engine.esp(suite, key, authKey, false);
            if (sealer == null || opener == null) continue;
            having++;
            TestPacket packet = packet(vector, suite);
            assertThat(packet.seal(engine, sealer))
                    .as("%s sealed by %s", vector, engine.name())
                    .isTrue();
            assertThat(packet.bodyHex())
                    .as("sealed by %s", engine.name())
                    .isEqualTo(HEX.formatHex(vector.octets("sealed")));
            assertThat(packet.icvHex()).as("ICV by %s", engine.name()).isEqualTo(HEX.formatHex(vector.octets("icv")));
            assertThat(packet.open(engine, opener))
                    .as("%s opened by %s", vector, engine.name())
                    .isTrue();
            assertThat(packet.bodyHex())
                    .as("opened by %s", engine.name())
                    .isEqualTo(HEX.formatHex(vector.octets("clear")));
        }
        assertThat(having).isPositive();
    }

    private static TestPacket packet(Vectors.Case vector, EspSuite suite) {
        TestPacket packet = TestPacket.esp(suite, vector.octets("iv"), vector.octets("clear"));
        byte[] header = vector.octets("header");
        System.arraycopy(header, 0, packet.job.array, packet.job.header, header.length);
        if (vector.has("esnhigh")) {
            packet.job.esn = true;
            packet.job.esnHigh = Integer.parseUnsignedInt(vector.text("esnhigh"), 16);
        }
        return packet;
    }

    @ParameterizedTest
    @MethodSource
    void mac(Vectors.Case vector) {
        Integrity integrity = Arrays.stream(Integrity.values())
                .filter(candidate -> candidate.text().equals(vector.text("mac")))
                .findFirst()
                .orElseThrow();
        KeyMaterial key = KeyMaterial.copyOf(vector.octets("key"));
        byte[] data = vector.octets("data");
        byte[] icv = vector.octets("icv");
        for (IcvMac mac : List.of(jdk.mac(integrity, key), BcContexts.mac(integrity, key))) {
            byte[] out = new byte[mac.fullOctets()];
            // In two pieces, and twice: the MAC must be ready for the next packet.
            for (int split : new int[] {data.length / 3, data.length}) {
                mac.update(data, 0, split);
                mac.update(data, split, data.length - split);
                mac.finish(out, 0);
                assertThat(HEX.formatHex(out, 0, icv.length))
                        .as("%s by %s", vector, mac)
                        .isEqualTo(HEX.formatHex(icv));
            }
        }
    }

    @ParameterizedTest
    @MethodSource
    void ah(Vectors.Case vector) {
        AhSuite suite = Suites.ah(vector.text("ah"));
        int having = 0;
        for (CryptoEngine engine : engines) {
            CryptoEngine.Context context = engine.ah(suite, KeyMaterial.copyOf(vector.octets("key")));
            if (context == null) continue;
            having++;
            byte[] data = vector.octets("data");
            TestPacket packet = TestPacket.ah(suite, vector.octets("iv"), data, data.length / 3);
            assertThat(packet.seal(engine, context)).isTrue();
            assertThat(packet.icvHex())
                    .as("%s by %s", vector, engine.name())
                    .isEqualTo(HEX.formatHex(vector.octets("icv")));
            assertThat(packet.open(engine, context)).isTrue();
        }
        assertThat(having).isGreaterThanOrEqualTo(2);
    }
}
