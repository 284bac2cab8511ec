package org.spigrp.command;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Any octets, for everything that reads what comes in by the control socket. */
class ControlFuzzTest {
    @FuzzTest(maxDuration = "5s")
    void any_octets(byte[] data) {
        ControlLaws.hold(data);
    }
}
