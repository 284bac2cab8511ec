package org.spigrp.store;

import com.code_intelligence.jazzer.junit.FuzzTest;

class JournalFuzzTest {
    @FuzzTest(maxDuration = "5s")
    void any_octets(byte[] data) {
        AnyOctets.asJournalAndBase(data);
    }
}
