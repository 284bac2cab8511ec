package org.spigrp.engine;

import org.junit.jupiter.api.BeforeAll;

/** The RFCs' vectors, with ipsec-mb among the engines. */
class NativeVectorTest extends CryptoVectorTest {
    @BeforeAll
    static void needs_the_library() {
        NativeCrypto.engine();
    }
}
