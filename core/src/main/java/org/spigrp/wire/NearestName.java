package org.spigrp.wire;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which known name somebody may have meant: one that begins with what was typed, else the nearest by the number of
 * letters to insert, leave out, change, or swap with their neighbour.
 */
public final class NearestName {
    /** Longer texts are no misspelt names; also bounds the work. */
    private static final int MAX_LENGTH = 40;
    /** Shorter texts are the beginning of too many names. */
    private static final int MIN_BEGINNING = 3;

    private NearestName() {}

    /** The nearest of {@code names} (the first of equals), letter case ignored, or null where none is near. */
    public static @Nullable String of(String given, Collection<String> names) {
        if (given.isEmpty() || given.length() > MAX_LENGTH) {
            return null;
        }
        String lower = given.toLowerCase(Locale.ROOT);
        int best = Math.max(1, given.length() / 3) + 1;
        String nearest = null;
        for (String name : names) {
            if (lower.length() >= MIN_BEGINNING && name.startsWith(lower)) {
                return name;
            }
            if (Math.abs(lower.length() - name.length()) >= best) {
                continue;
            }
            int distance = distance(lower, name);
            if (distance < best) {
                best = distance;
                nearest = name;
            }
        }
        return nearest;
    }

    /** {@code ": did you mean 'NAME'?"}, or {@code otherwise} where no name is near. */
    public static String suggestion(String given, Collection<String> names, String otherwise) {
        String nearest = of(given, names);
        return nearest == null ? otherwise : ": did you mean '" + nearest + "'?";
    }

    /** Insertions, omissions, changes and swaps of neighbours; no letter takes part in two of them. */
    static int distance(String a, String b) {
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                cost[i][j] = i == 0 || j == 0 ? i + j : cheapest(cost, a, b, i, j);
            }
        }
        return cost[a.length()][b.length()];
    }

    private static int cheapest(int[][] cost, String a, String b, int i, int j) {
        boolean same = a.charAt(i - 1) == b.charAt(j - 1);
        int least = Math.min(cost[i - 1][j - 1] + (same ? 0 : 1), 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(least, cost[i - 2][j - 2] + 1) : least;
    }
}
