package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** What the fuzzer does, for a moment and with seeds. */
class AnyPacketsTest {
    @Test
    void streams_of_damaged_packets_end_in_one_verdict_each() {
        for (long seed = 0; seed < 600; seed++) {
            byte[] data = AnyPackets.randomData(new Random(seed));
            assertThatCode(() -> AnyPackets.run(data)).as("seed " + seed).doesNotThrowAnyException();
        }
    }
}
