package org.spigrp.sa;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

class AlgorithmNamesFuzzTest {
    @FuzzTest(maxDuration = "5s")
    void any_octets(byte[] data) {
        SaTextLaws.algorithm(new String(data, StandardCharsets.UTF_8));
    }
}
