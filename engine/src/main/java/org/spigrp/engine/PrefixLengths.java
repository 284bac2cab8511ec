package org.spigrp.engine;

import java.util.Arrays;
import org.spigrp.wire.Family;

/** Which prefix lengths are in use, each by how many; given as the bits behind the prefix, longest prefix first. */
final class PrefixLengths {
    private final int[] uses;
    private int[] rests = {};

    PrefixLengths(Family family) {
        uses = new int[family.bits() + 1];
    }

    void add(int rest) {
        if (uses[rest]++ == 0) {
            list();
        }
    }

    void remove(int rest) {
        if (--uses[rest] == 0) {
            list();
        }
    }

    private void list() {
        int[] found = new int[uses.length];
        int count = 0;
        for (int rest = 0; rest < uses.length; rest++) {
            if (uses[rest] != 0) {
                found[count++] = rest;
            }
        }
        rests = Arrays.copyOf(found, count);
    }

    /** Not to be changed. */
    int[] rests() {
        return rests;
    }
}
