package org.spigrp.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The training run of {@code ./ipsec}: typical commands, one after the other in one process, so that the JVM can
 * record every class they load. The recording is what makes a later start fast; nothing else uses this class.
 */
final class Training {
    private Training() {}

    /** Runs every line of the file {@code args[0]}: words between blanks, {@code #} begins a comment line. */
    public static void main(String[] args) throws IOException {
        for (String line : Files.readAllLines(Path.of(args[0]))) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            System.out.println("$ ipsec " + line);
            int exit = Main.run(line.strip().split(" +", -1));
            if (exit != 0) {
                System.out.println("exit " + exit);
            }
        }
    }
}
