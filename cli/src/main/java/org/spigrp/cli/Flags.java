package org.spigrp.cli;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.spigrp.wire.Quote;

/** The words of commands that take a few flags and nothing else. */
final class Flags {
    private Flags() {}

    /**
     * Reads them.
     *
     * @param known what there is beside {@code --help} and {@code --version}, as {@code --json}
     * @return those given; null where help or version was asked for, and answered
     */
    static @Nullable Set<String> read(Command command, Call call, List<String> known) {
        Set<String> given = new HashSet<>();
        for (String word : call.words()) {
            if (word.equals("--help")) {
                call.out().print(command.usage());
                return null;
            }
            if (word.equals("--version")) {
                call.say(Version.of(command));
                return null;
            }
            if (!known.contains(word)) {
                throw new Refusal("takes " + String.join(", ", known) + " or nothing, not " + Quote.of(word));
            }
            given.add(word);
        }
        return given;
    }
}
