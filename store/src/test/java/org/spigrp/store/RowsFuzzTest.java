package org.spigrp.store;

import com.code_intelligence.jazzer.junit.FuzzTest;

class RowsFuzzTest {
    @FuzzTest(maxDuration = "5s")
    void any_octets(byte[] data) {
        AnyOctets.asRow(data);
    }
}
