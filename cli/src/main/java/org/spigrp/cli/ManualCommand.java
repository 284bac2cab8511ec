package org.spigrp.cli;

/** {@code ipsec manual}: what read connections with fixed keys from a file. */
final class ManualCommand implements Command {
    @Override
    public String name() {
        return "manual";
    }

    @Override
    public String summary() {
        return "says what to use instead";
    }

    @Override
    public String usage() {
        return "Connections with fixed keys are made by spi, spigrp and eroute; put them in a script for ipsec -f.\n";
    }

    @Override
    public int run(Call call) {
        call.out().print(usage());
        return 0;
    }
}
