package org.spigrp.cli;

import java.util.ArrayList;
import java.util.List;
import org.spigrp.engine.CryptoEngines;
import org.spigrp.engine.CryptoSelfTest;

/** What is known of the crypto engines, for {@code version} and {@code verify}. */
final class Engines {
    private Engines() {}

    /** A line for each engine, and one for each algorithm that goes wrong. */
    static List<HostChecks.Check> checks() {
        List<CryptoSelfTest.Result> results = CryptoEngines.selfTest();
        boolean good = true;
        for (CryptoSelfTest.Result result : results) {
            good &= result.good();
        }
        var checks = new ArrayList<HostChecks.Check>();
        for (String line : CryptoEngines.describe(results)) {
            checks.add(new HostChecks.Check(
                    "cryptography",
                    good ? HostChecks.Finding.OK : HostChecks.Finding.MISSING,
                    line,
                    good ? null : "take another JDK, and report this"));
        }
        return checks;
    }
}
