package org.spigrp.it.live;

import static org.assertj.core.api.Assertions.assertThat;

/** What came of a command: its exit status and what it printed, errors included. */
record Ran(String command, int exit, String out) {
    String succeeds() {
        assertThat(exit).as("%s%n%s", command, out).isZero();
        return out;
    }
}
