package org.spigrp.cli;

/** {@code ipsec run}: the daemon. The launcher starts it by itself; this is its help, and its place in the lists. */
final class RunCommand implements Command {
    @Override
    public String name() {
        return "run";
    }

    @Override
    public String summary() {
        return "be the live stack, in the foreground";
    }

    @Override
    public String usage() {
        return """
            Usage: ipsec run [--natt-port PORT]... [--tap FILE.pcapng] [--fault SPEC] [--group NAME]
                              [--workers 1..4]

              --natt-port PORT   take NAT-T packets on this UDP port too (4500 where none is given)
              --tap FILE.pcapng  write all that passes, clear and protected, with group and verdict
              --fault SPEC       lose, repeat, delay or damage packets on purpose, as loss=1%,seed=7
              --group NAME       members of this group may list and watch
              --workers 1..4     threads that do the cryptography (half of the processors)

            Prints 'ready' when traffic flows; SIGTERM or 'ipsec setup stop' ends it. 'ipsec setup start'
            starts it in the background. 'ipsec help run' tells more.
            """;
    }

    @Override
    public boolean allowedInScripts() {
        return false;
    }

    @Override
    public int run(Call call) {
        if (call.words().contains("--help")) {
            call.out().print(usage());
            return 0;
        }
        if (call.words().contains("--version")) {
            call.say(Version.of(this));
            return 0;
        }
        throw new Refusal("is done by the launcher: type ./ipsec run, or ipsec run where it is installed");
    }
}
