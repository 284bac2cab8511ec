package org.spigrp.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The training run of {@code ./ipsec}: typical commands, one after the other in one process, so that the JVM can
 * record every class they load. The recording is what makes a later start fast; nothing else uses this class.
 */
final class Training {
    private Training() {}

    /**
     * Runs every line of the file {@code args[0]}: words between blanks, a number in front says how often; {@code #}
     * begins a comment line.
     */
    public static void main(String[] args) throws IOException {
        for (String line : Files.readAllLines(Path.of(args[0]))) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            String[] words = line.strip().split(" +", -1);
            boolean often = Character.isDigit(words[0].charAt(0));
            String[] command = often ? Arrays.copyOfRange(words, 1, words.length) : words;
            for (int times = often ? Integer.parseInt(words[0]) : 1; times > 0; times--) {
                run(command);
            }
        }
    }

    private static void run(String[] command) {
        System.out.println("$ ipsec " + String.join(" ", command));
        int exit = Main.run(command);
        if (exit != 0) {
            System.out.println("exit " + exit);
        }
    }
}
