package org.spigrp.linux;

import org.jspecify.annotations.Nullable;
import org.spigrp.engine.CryptoEngine;
import org.spigrp.engine.CryptoEngineProvider;

/** Brings {@link IpsecMbCryptoEngine} where the library is installed and of a version that we know. */
public final class IpsecMbProvider implements CryptoEngineProvider {
    @Override
    public String name() {
        return "ipsec-mb";
    }

    @Override
    public @Nullable CryptoEngine open() {
        IpsecMb library = IpsecMb.found().library();
        return library == null ? null : new IpsecMbCryptoEngine(library);
    }

    @Override
    public String whyNot() {
        return IpsecMb.found().whyNot();
    }
}
