package org.spigrp.it.live;

/** Where shell commands can be run: a network namespace, or a guest. */
interface Place {
    /** Runs the command to its end; what takes longer than {@link Running#PATIENCE} fails the test. */
    Ran run(String shell);

    /** Runs a command that must succeed, and returns what it printed. */
    default String sh(String shell) {
        return run(shell).succeeds();
    }
}
