package org.spigrp.cli;

/** One of the commands of {@code ipsec}. */
interface Command {
    /** The word behind {@code ipsec}. */
    String name();

    /** What it does, in less than a line, for the list of {@code ipsec --help}. */
    String summary();

    /** What {@code --help} prints. */
    String usage();

    /** False for commands that cannot take part in the one transaction of a script. */
    default boolean allowedInScripts() {
        return true;
    }

    /**
     * Does it.
     *
     * @return the exit code
     * @throws Refusal if it cannot be done; nothing is changed then
     */
    int run(Call call);
}
