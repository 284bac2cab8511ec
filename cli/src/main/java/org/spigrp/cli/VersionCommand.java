package org.spigrp.cli;

import java.util.List;
import org.spigrp.command.Release;

/** {@code ipsec version}: which version this is, and with {@code --engines} what does the cryptography. */
final class VersionCommand implements Command {
    @Override
    public String name() {
        return "version";
    }

    @Override
    public String summary() {
        return "show the version, and the crypto engines";
    }

    @Override
    public String usage() {
        return """
            Usage: ipsec version               shows the version
                   ipsec version --engines     the crypto engines, after a test of each with known results
            """;
    }

    @Override
    public int run(Call call) {
        List<String> words = call.words();
        if (words.isEmpty() || words.equals(List.of("--version"))) {
            call.say(Release.line());
            return 0;
        }
        if (words.equals(List.of("--help"))) {
            call.out().print(usage());
            return 0;
        }
        if (words.equals(List.of("--engines"))) {
            call.say(Release.line());
            return engines(call);
        }
        throw new Refusal("takes --engines or nothing (--help shows the grammar)");
    }

    private static int engines(Call call) {
        int exit = 0;
        var engines = new Engines();
        for (HostChecks.Check check : engines.checks()) {
            call.say(check.found());
            if (check.finding() == HostChecks.Finding.MISSING) {
                exit = Refusal.FAILED;
            }
        }
        for (String line : engines.choices()) {
            call.say(line);
        }
        return exit;
    }
}
