package org.spigrp.cli;

/** Which spigrp this is. */
final class Version {
    static final String CODE = "0.1.0";

    private Version() {}

    static String line() {
        return "spigrp " + CODE;
    }

    static String of(Command command) {
        return "ipsec " + command.name() + ", " + line();
    }
}
