package org.spigrp.linux;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Objects;
import org.spigrp.engine.CryptoEngine;

/** The library that is here. The build may run tests twice, for two versions, and says in a property which is meant. */
public final class IpsecMbHere {
    private static final String WANTED = System.getProperty("spigrp.ipsec-mb", "");

    private IpsecMbHere() {}

    /** Skips the test where there is none, or not the version that is meant. */
    public static CryptoEngine engine() {
        CryptoEngine engine = new IpsecMbProvider().open();
        assumeTrue(engine != null, () -> "ipsec-mb: " + new IpsecMbProvider().whyNot());
        String name = Objects.requireNonNull(engine).name();
        assumeTrue(
                name.startsWith("ipsec-mb " + WANTED),
                () -> "no ipsec-mb " + WANTED + ", but " + name + ": ./check could not fetch Debian 13's");
        return engine;
    }
}
