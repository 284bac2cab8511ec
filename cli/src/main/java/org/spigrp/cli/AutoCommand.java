package org.spigrp.cli;

/** {@code ipsec auto}: what drove the key daemon. */
final class AutoCommand implements Command {
    @Override
    public String name() {
        return "auto";
    }

    @Override
    public String summary() {
        return "not here: there is no key daemon";
    }

    @Override
    public String usage() {
        return "ipsec auto drove a key daemon (IKE), and none is here: make SAs by hand with spi, spigrp and eroute.\n";
    }

    @Override
    public int run(Call call) {
        if (call.words().equals(java.util.List.of("--help"))) {
            call.out().print(usage());
            return 0;
        }
        throw new Refusal("drove a key daemon (IKE), and none is here: make SAs by hand with spi, spigrp and eroute");
    }
}
