package org.spigrp.engine;

import org.junit.jupiter.api.BeforeAll;

/** Every name of an algorithm, with ipsec-mb as the first of the engines. */
class NativeNamesTest extends CryptoNamesTest {
    @BeforeAll
    static void needs_the_library() {
        NativeCrypto.engine();
    }
}
