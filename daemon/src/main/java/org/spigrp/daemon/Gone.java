package org.spigrp.daemon;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.spigrp.sa.SaUse;
import org.spigrp.sa.Said;
import org.spigrp.wire.Verdict;

/**
 * How packets ended at SAs that are no more: the question "what was wrong with the one I have just deleted" comes late.
 * Of {@value #MOST} SAs; when there are more, those that went first are forgotten.
 */
final class Gone {
    static final int MOST = 4096;

    private record Counts(Map<Verdict, Long> out, Map<Verdict, Long> in) {}

    private final Map<Said, Counts> counts = new LinkedHashMap<>();

    void add(Said said, SaUse use) {
        if (use.out().isEmpty() && use.in().isEmpty()) {
            return;
        }
        Counts before = counts.remove(said);
        if (counts.size() == MOST) {
            counts.remove(counts.keySet().iterator().next());
        }
        var sum = new Counts(new EnumMap<>(Verdict.class), new EnumMap<>(Verdict.class));
        if (before != null) {
            sum.out().putAll(before.out());
            sum.in().putAll(before.in());
        }
        use.out().forEach((verdict, count) -> sum.out().merge(verdict, count, Long::sum));
        use.in().forEach((verdict, count) -> sum.in().merge(verdict, count, Long::sum));
        counts.put(said, sum);
    }

    void clear() {
        counts.clear();
    }

    /** As {@code look} tells of living ones. */
    void print(Consumer<String> line) {
        counts.forEach((said, its) -> {
            print(said, "out", its.out(), line);
            print(said, "in", its.in(), line);
        });
    }

    private static void print(Said said, String direction, Map<Verdict, Long> its, Consumer<String> line) {
        its.forEach((verdict, count) ->
                line.accept(said + " (gone) " + direction + " " + verdict + "=" + count + ": " + verdict.text()));
    }
}
