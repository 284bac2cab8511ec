package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.KeyMaterial;

/** ipsec-mb takes nothing from the heap per packet. */
class NativeAllocationTest {
    /** Many: the compiler may take a tenth of a second, and a packet only a ten-millionth. */
    private static final int ATTEMPTS = 20_000;

    private final CryptoEngine engine = NativeCrypto.engine();
    private final CryptoAllocationTest meter = new CryptoAllocationTest();

    @ParameterizedTest
    @ValueSource(ints = {64, 1424})
    void nothing_is_allocated_per_packet(int bodyOctets) throws Exception {
        List<String> allocating = new ArrayList<>();
        for (EspSuite suite : Suites.esp()) {
            var context = engine.esp(suite, key(suite.givenKeyOctets()), key(suite.authKeyOctets()), true);
            if (context == null) continue;
            // Until the compiler is done with it, a call of the library makes garbage.
            long[] octets = {1, 1};
            for (int i = 0; i < ATTEMPTS && octets[0] + octets[1] > 0; i++) {
                octets = meter.octetsPerPacket(engine, suite, bodyOctets);
            }
            if (octets[0] + octets[1] > 0) allocating.add(suite.name() + " " + octets[0] + ", " + octets[1]);
        }
        assertThat(allocating).isEmpty();
    }

    private static KeyMaterial key(int octets) {
        return KeyMaterial.copyOf(new byte[octets]);
    }
}
