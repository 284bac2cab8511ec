package org.spigrp.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

class SubnetTextFuzzTest {
    @FuzzTest(maxDuration = "5s")
    void any_octets(byte[] data) {
        TextLaws.subnet(new String(data, StandardCharsets.UTF_8));
    }
}
