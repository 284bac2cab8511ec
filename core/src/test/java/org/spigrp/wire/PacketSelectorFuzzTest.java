package org.spigrp.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;

class PacketSelectorFuzzTest {
    @FuzzTest(maxDuration = "5s")
    void any_octets(byte[] data) {
        PacketLaws.hold(data);
        HeadersTest.HeaderLaws.hold(new Octets(data), 0);
    }
}
