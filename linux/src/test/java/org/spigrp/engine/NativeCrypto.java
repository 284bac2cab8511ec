package org.spigrp.engine;

import org.spigrp.linux.IpsecMbHere;

/** The crypto engine of this module. Its tests are in this package to see what those of the other engines see. */
final class NativeCrypto {
    private NativeCrypto() {}

    /** Skips the test where the library is not here. */
    static CryptoEngine engine() {
        IpsecMbHere.engine();
        return CryptoEngines.all().getFirst();
    }
}
