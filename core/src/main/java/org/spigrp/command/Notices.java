package org.spigrp.command;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Warnings of one transaction. Of each kind so many are told in full, the rest is counted: a script may have 100,000. */
final class Notices {
    static final int MOST_OF_A_KIND = 20;

    enum Kind {
        EXPIRED("expired groups"),
        OBSOLETE("obsolete algorithms"),
        NO_INTEGRITY("ESP without integrity"),
        WINDOW("small replay windows"),
        SHARED_KEY("shared keys"),
        ORDER("orders of groups"),
        EROUTES("eroutes");

        private final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    private final List<String> lines = new ArrayList<>();
    private final Map<Kind, Integer> counts = new EnumMap<>(Kind.class);

    void add(Kind kind, String line) {
        if (counts.merge(kind, 1, Integer::sum) <= MOST_OF_A_KIND) {
            lines.add(line);
        }
    }

    List<String> lines() {
        counts.forEach((kind, count) -> {
            if (count > MOST_OF_A_KIND) {
                lines.add("and " + (count - MOST_OF_A_KIND) + " more notices about " + kind.text);
            }
        });
        return lines;
    }
}
