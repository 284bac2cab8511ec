package org.spigrp.engine;

import org.junit.jupiter.api.BeforeAll;

/** Everything that IPComp does, with libdeflate as the compressor. */
class NativeCompLayerTest extends CompLayerTest {
    @BeforeAll
    static void needs_the_library() {
        NativeDeflateTest.needsTheLibrary();
    }

    @Override
    int deflateDefault(byte[] plain) {
        try (var deflate = new Deflate()) {
            return deflate.compress(plain, 0, plain.length, 2 * plain.length);
        }
    }
}
