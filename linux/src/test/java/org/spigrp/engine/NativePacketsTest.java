package org.spigrp.engine;

import org.junit.jupiter.api.BeforeAll;

/** Packets of a Linux kernel, with ipsec-mb as the first of the engines. */
class NativePacketsTest extends VectorsTest {
    @BeforeAll
    static void needs_the_library() {
        NativeCrypto.engine();
    }
}
