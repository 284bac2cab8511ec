package org.spigrp.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.spigrp.sa.Lifetimes;
import org.spigrp.wire.NearestName;
import org.spigrp.wire.Quote;

/** {@code SEV-TYPE=N[,SEV-TYPE=N...]}: the limits of {@code spi --life}. */
final class LifeText {
    private static final List<String> SEVERITIES = List.of("soft", "hard");
    private static final List<String> TYPES = List.of("allocations", "bytes", "addtime", "usetime", "packets");

    private LifeText() {}

    static Lifetimes parse(@Nullable String text) {
        if (text == null) {
            return Lifetimes.NONE;
        }
        long[][] limits = new long[TYPES.size()][2];
        var seen = new ArrayList<String>();
        int at = 0;
        while (at <= text.length()) {
            int end = at;
            while (end < text.length() && text.charAt(end) != ',' && text.charAt(end) != ' ') {
                end++;
            }
            item(text.substring(at, end), limits, seen);
            at = end + 1;
        }
        return new Lifetimes(limit(limits[0]), limit(limits[1]), limit(limits[2]), limit(limits[3]), limit(limits[4]));
    }

    private static void item(String item, long[][] limits, List<String> seen) {
        int dash = item.indexOf('-');
        int equals = item.indexOf('=');
        if (dash < 0 || equals < dash) {
            throw new Refusal("--life " + Quote.of(item)
                    + " must have the form soft-TYPE=N or hard-TYPE=N, as hard-bytes=1000000");
        }
        String severity = item.substring(0, dash);
        String type = item.substring(dash + 1, equals);
        int column = SEVERITIES.indexOf(severity);
        if (column < 0) {
            throw new Refusal("--life " + Quote.of(item) + ": " + Quote.of(severity) + " must be soft or hard");
        }
        int row = TYPES.indexOf(type);
        if (row < 0) {
            throw new Refusal("--life " + Quote.of(item) + ": " + Quote.of(type) + " must be one of "
                    + String.join(", ", TYPES) + NearestName.suggestion(type, TYPES, ""));
        }
        String what = item.substring(0, equals);
        if (seen.contains(what)) {
            throw new Refusal("--life gives " + what + " twice");
        }
        seen.add(what);
        limits[row][column] = Given.number("--life " + what, item.substring(equals + 1), 0, Long.MAX_VALUE);
    }

    private static Lifetimes.Limit limit(long[] softAndHard) {
        return new Lifetimes.Limit(softAndHard[0], softAndHard[1]);
    }
}
