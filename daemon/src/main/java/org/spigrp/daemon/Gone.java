package org.spigrp.daemon;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.spigrp.sa.SaUse;
import org.spigrp.sa.Said;

/**
 * How packets ended at SAs that are no more: the question "what was wrong with the one I have just deleted" comes late.
 * Of {@value #MOST} SAs; when there are more, those that went first are forgotten.
 */
final class Gone {
    static final int MOST = 4096;

    private final Map<Said, SaUse> counts = new LinkedHashMap<>();

    void add(Said said, SaUse use) {
        if (use.out().isEmpty() && use.in().isEmpty()) {
            return;
        }
        SaUse before = counts.remove(said);
        if (counts.size() == MOST) {
            counts.remove(counts.keySet().iterator().next());
        }
        SaUse sum = SaUse.NONE.withoutCounts();
        for (SaUse part : before == null ? List.of(use) : List.of(before, use)) {
            part.out().forEach((verdict, count) -> sum.out().merge(verdict, count, Long::sum));
            part.in().forEach((verdict, count) -> sum.in().merge(verdict, count, Long::sum));
        }
        counts.put(said, sum);
    }

    void clear() {
        counts.clear();
    }

    /** Those that went first come first. */
    Map<Said, SaUse> all() {
        return Collections.unmodifiableMap(counts);
    }
}
