package org.spigrp.cli;

import java.io.FileDescriptor;
import java.io.PrintStream;

/** Entry of {@code ipsec}: the first argument is the command, the rest is its. */
public final class Main {
    private static final int OUT_BUFFER = 1 << 15;
    private static final int ERR_BUFFER = 1 << 10;

    private Main() {}

    /** Runs one command and ends the process with the command's exit code. */
    public static void main(String[] args) {
        // Not System.exit: it first looks for a logger that might want to know, which takes as long as a listing.
        Runtime.getRuntime().halt(run(args));
    }

    /** Runs one command and returns its exit code; may be called many times in one process. */
    static int run(String[] args) {
        PrintStream out = new Output(FileDescriptor.out, OUT_BUFFER);
        PrintStream err = new Output(FileDescriptor.err, ERR_BUFFER);
        return Ipsec.run(args, System.in, out, err, Environment.ofThisProcess());
    }
}
