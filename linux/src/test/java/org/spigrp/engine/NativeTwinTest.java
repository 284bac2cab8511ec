package org.spigrp.engine;

import org.junit.jupiter.api.BeforeAll;

/** Every property of crypto engines, with ipsec-mb as the first of them. */
class NativeTwinTest extends CryptoTwinTest {
    @BeforeAll
    static void needs_the_library() {
        NativeCrypto.engine();
    }
}
