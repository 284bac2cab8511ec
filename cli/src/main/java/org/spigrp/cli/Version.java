package org.spigrp.cli;

import org.spigrp.command.Release;

/** Which command of which spigrp this is. */
final class Version {
    private Version() {}

    static String of(Command command) {
        return "ipsec " + command.name() + ", " + Release.line();
    }
}
