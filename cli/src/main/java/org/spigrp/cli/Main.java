package org.spigrp.cli;

/** Entry of {@code ipsec}: the first argument is the command, the rest is its. */
public final class Main {
    private Main() {}

    /** Runs one command; the exit code is the command's. */
    public static void main(String[] args) {
        if (args.length == 1 && args[0].equals("--version")) {
            System.out.println("spigrp 0.1.0");
            return;
        }
        System.err.println("ipsec: no commands yet; this version knows only --version");
        System.exit(2);
    }
}
