package org.spigrp.engine;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Streams of any packets through a whole stack that takes every ICV for good. */
class EngineFuzzTest {
    @FuzzTest(maxDuration = "10s")
    void any_stream(byte[] data) {
        AnyPackets.run(data);
    }
}
