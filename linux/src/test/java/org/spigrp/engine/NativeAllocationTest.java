package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.KeyMaterial;

/**
 * ipsec-mb takes nothing from the heap per packet. Octets are the least of many rounds: until the compiler is done with
 * it, a call of a library makes garbage.
 */
class NativeAllocationTest {
    private static final int MAX_ROUNDS = 3000;
    private static final int BATCHES = 40;
    private static final int BATCH = 32;

    private final CryptoEngine engine = NativeCrypto.engine();
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(20261129);

    @ParameterizedTest
    @ValueSource(ints = {64, 1424})
    void nothing_is_allocated_per_packet(int bodyOctets) {
        Map<String, Long> allocating = new LinkedHashMap<>();
        List<EspSuite> suites = Suites.esp();
        for (EspSuite suite : suites) {
            KeyMaterial key = KeyMaterial.copyOf(new byte[suite.givenKeyOctets()]);
            KeyMaterial authKey = KeyMaterial.copyOf(new byte[suite.authKeyOctets()]);
            var sealer = engine.esp(suite, key, authKey, true);
            var opener = engine.esp(suite, key, authKey, false);
            if (sealer == null || opener == null) continue;
            long least = leastPerBatch(suite, bodyOctets, sealer, opener);
            if (least > 0) allocating.put(suite.name(), least);
        }
        assertThat(allocating).as("octets of a batch of %d", BATCH).isEmpty();
    }

    private long leastPerBatch(
            EspSuite suite, int bodyOctets, CryptoEngine.Context sealer, CryptoEngine.Context opener) {
        CryptoJob[] jobs = new CryptoJob[BATCH];
        Arrays.setAll(jobs, _ -> TestPacket.random(suite, bodyOctets, random).job);
        long least = Long.MAX_VALUE;
        for (int round = 0; round < MAX_ROUNDS && least > 0; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < BATCHES; i++) {
                give(jobs, sealer);
                engine.seal(jobs, BATCH);
                give(jobs, opener);
                engine.open(jobs, BATCH);
            }
            least = Math.min(least, (threads.getCurrentThreadAllocatedBytes() - before) / BATCHES);
        }
        for (CryptoJob job : jobs) assertThat(job.ok).as(suite.name()).isTrue();
        return least;
    }

    private static void give(CryptoJob[] jobs, CryptoEngine.@Nullable Context context) {
        for (CryptoJob job : jobs) job.context = context;
    }
}
