package org.spigrp.engine;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.spigrp.wire.Verdict;

/** How many packets ended in which verdict. Owned by the engine's thread. */
@SuppressWarnings("EnumOrdinal") // the index of an array that is as long as the enum
public final class Verdicts {
    private final long[] counts = new long[Verdict.count()];

    void count(Verdict verdict) {
        counts[verdict.ordinal()]++;
    }

    void count(Verdict verdict, int packets) {
        counts[verdict.ordinal()] += packets;
    }

    void clear() {
        Arrays.fill(counts, 0);
    }

    public long of(Verdict verdict) {
        return counts[verdict.ordinal()];
    }

    /** Packets whose verdict is of this kind. */
    public long of(Verdict.Kind kind) {
        long sum = 0;
        for (int i = 0; i < counts.length; i++) {
            if (Verdict.of(i).kind() == kind) {
                sum += counts[i];
            }
        }
        return sum;
    }

    /** All packets that have ended. Held fragments are not among them yet. */
    public long total() {
        long sum = 0;
        for (long count : counts) {
            sum += count;
        }
        return sum;
    }

    /** Packets that ended otherwise than well. */
    public long dropped() {
        return total() - of(Verdict.Kind.GOOD);
    }

    /** Those that occurred, in the order of {@link Verdict}. */
    public Map<Verdict, Long> toMap() {
        var map = new EnumMap<Verdict, Long>(Verdict.class);
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] != 0) {
                map.put(Verdict.of(i), counts[i]);
            }
        }
        return map;
    }

    @Override
    public String toString() {
        return toMap().toString();
    }
}
