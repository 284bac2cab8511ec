package org.spigrp.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Entry of {@code ipsec}: the first argument is the command, the rest is its. */
public final class Main {
    private static final int OUT_BUFFER = 1 << 15;
    private static final int ERR_BUFFER = 1 << 10;

    private Main() {}

    /** Runs one command and ends the process with the command's exit code. */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** Runs one command and returns its exit code; may be called many times in one process. */
    static int run(String[] args) {
        PrintStream out = stream(FileDescriptor.out, OUT_BUFFER);
        PrintStream err = stream(FileDescriptor.err, ERR_BUFFER);
        return Ipsec.run(args, System.in, out, err, Environment.ofThisProcess());
    }

    /** System.out flushes at every line; a listing of a million lines cannot wait for that. Closed by the system. */
    private static PrintStream stream(FileDescriptor descriptor, int buffer) {
        return new PrintStream(
                new BufferedOutputStream(new FileOutputStream(descriptor), buffer), false, StandardCharsets.UTF_8);
    }
}
