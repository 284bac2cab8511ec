package org.spigrp.engine;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** The crypto engine of this module. Its tests are in this package to see what those of the other engines see. */
final class NativeCrypto {
    private NativeCrypto() {}

    /** Skips the test where the library is not here. */
    static CryptoEngine engine() {
        assumeTrue(
                CryptoEngines.absent().isEmpty(), () -> CryptoEngines.absent().toString());
        return CryptoEngines.all().getFirst();
    }
}
