package org.spigrp.cli;

import java.util.List;
import org.spigrp.command.Json;
import org.spigrp.wire.Quote;

/** {@code ipsec verify}: what this host can do, what is missing, and how to mend it. */
final class VerifyCommand implements Command {
    private static final int FINDING_WIDTH = 9;

    @Override
    public String name() {
        return "verify";
    }

    @Override
    public String summary() {
        return "say what this host can do and what is missing";
    }

    @Override
    public boolean allowedInScripts() {
        return false;
    }

    @Override
    public String usage() {
        return """
            Usage: ipsec verify [--json]

            One line for each thing looked at: ok, missing (some command cannot work; exit code 1), not here
            (captures do not need it, a stack between real interfaces would), or a note. How to mend it follows.
            """;
    }

    @Override
    public int run(Call call) {
        boolean json = false;
        for (String word : call.words()) {
            switch (word) {
                case "--help" -> {
                    call.out().print(usage());
                    return 0;
                }
                case "--version" -> {
                    call.say(Version.of(this));
                    return 0;
                }
                case "--json" -> json = true;
                default -> throw new Refusal("takes --json or nothing, not " + Quote.of(word));
            }
        }
        List<HostChecks.Check> checks = new HostChecks(call.environment()).all();
        if (json) {
            printJson(checks, call);
        } else {
            print(checks, call);
        }
        for (HostChecks.Check check : checks) {
            if (check.finding() == HostChecks.Finding.MISSING) {
                return Refusal.REFUSED;
            }
        }
        return 0;
    }

    static void print(List<HostChecks.Check> checks, Call call) {
        for (HostChecks.Check check : checks) {
            String finding = check.finding().text();
            call.say(finding + " ".repeat(FINDING_WIDTH - finding.length()) + check.subject() + ": " + check.found()
                    + (check.mend() == null ? "" : "; to mend it: " + check.mend()));
        }
    }

    private static void printJson(List<HostChecks.Check> checks, Call call) {
        var json = new Json().array();
        for (HostChecks.Check check : checks) {
            json.object()
                    .member("subject", check.subject())
                    .member("finding", check.finding().text())
                    .member("found", check.found())
                    .member("mend", check.mend())
                    .end();
        }
        call.say(json.end().toString());
    }
}
