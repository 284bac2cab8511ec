package org.spigrp.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

class AddressTextFuzzTest {
    @FuzzTest(maxDuration = "5s")
    void any_octets(byte[] data) {
        TextLaws.address(new String(data, StandardCharsets.UTF_8));
    }
}
