package org.spigrp.cli;

/** Entry of {@code ipsec}: the first argument is the command, the rest is its. */
public final class Main {
    private Main() {}

    /** Runs one command and ends the process with the command's exit code. */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** Runs one command and returns its exit code; may be called many times in one process. */
    static int run(String[] args) {
        if (args.length == 1 && args[0].equals("--version")) {
            System.out.println("spigrp 0.1.0");
            return 0;
        }
        System.err.println("ipsec: no command '" + String.join(" ", args) + "'; this version knows only --version");
        return 2;
    }
}
