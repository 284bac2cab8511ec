package org.spigrp.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

class NumberTextFuzzTest {
    @FuzzTest(maxDuration = "5s")
    void any_octets(byte[] data) {
        TextLaws.number(new String(data, StandardCharsets.UTF_8));
    }
}
