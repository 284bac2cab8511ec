package org.spigrp.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.spigrp.engine.Compressors;
import org.spigrp.engine.CryptoEngines;
import org.spigrp.engine.CryptoSelfTest;

/** What is known of the crypto engines, for {@code version} and {@code verify}. */
final class Engines {
    private final List<CryptoSelfTest.Result> results = CryptoEngines.selfTest();

    /** A line for each engine, one for each algorithm that goes wrong, and one for each engine that could be here. */
    List<HostChecks.Check> checks() {
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
                    good ? null : "take another version of what goes wrong, and report this"));
        }
        for (CryptoEngines.Absent absent : CryptoEngines.absent()) {
            checks.add(unused("cryptography", absent));
        }
        for (CryptoEngines.Absent absent : Compressors.absent()) {
            checks.add(unused("compression", absent));
        }
        return checks;
    }

    private static HostChecks.Check unused(String subject, CryptoEngines.Absent absent) {
        return new HostChecks.Check(
                subject, HostChecks.Finding.NOTE, absent.name() + " is not used: " + absent.whyNot(), null);
    }

    /** A line for each engine that is in use: for what; and one for what compresses. */
    List<String> choices() {
        var lines = new ArrayList<String>();
        for (Map.Entry<String, List<String>> choice :
                CryptoEngines.choices(results).entrySet()) {
            lines.add(choice.getKey() + " does " + String.join(" ", choice.getValue()));
        }
        lines.add(Compressors.describe());
        return lines;
    }
}
