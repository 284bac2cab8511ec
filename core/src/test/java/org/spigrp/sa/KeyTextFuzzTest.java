package org.spigrp.sa;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

class KeyTextFuzzTest {
    @FuzzTest(maxDuration = "5s")
    void any_octets(byte[] data) {
        SaTextLaws.key(new String(data, StandardCharsets.UTF_8));
    }
}
