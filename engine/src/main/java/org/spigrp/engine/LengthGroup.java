package org.spigrp.engine;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.spigrp.wire.Family;

/**
 * Eight neighbouring prefix lengths, and for each piece of the address space that has their common beginning which of
 * them occur in it: a look-up probes those alone, and mostly that is one or none. An octet for each piece, found by its
 * hash; two that share one show each other's lengths, and so does what was removed, which costs a probe and no more.
 */
final class LengthGroup {
    private static final int LENGTHS = 8;
    private static final int ALL = 0xff;
    private static final int FIRST_PIECES = 1024;

    /** Bits behind the common beginning. */
    private final int rest;

    private final PrefixLengths lengths;
    /** Null as long as one length is all there is. */
    private byte @Nullable [] pieces;

    private int size;

    /** All the networks, for the rare times when pieces must be made anew. */
    interface Networks {
        void forEach(Consumer<? super Match> action);
    }

    LengthGroup(int number, Family family) {
        rest = Math.min(LENGTHS * (number + 1), family.bits());
        lengths = new PrefixLengths(family);
    }

    static int number(int rest) {
        return rest / LENGTHS;
    }

    /** A network came in; {@code all} has it already. */
    void add(Match network, Networks all) {
        lengths.add(network.destinationRest);
        size++;
        byte[] present = pieces;
        boolean several = lengths.rests().length > 1;
        if (several && (present == null || 2 * size > present.length)) {
            int count = FIRST_PIECES;
            while (count < 4 * size) {
                count *= 2;
            }
            byte[] fresh = new byte[count];
            all.forEach(each -> {
                if (number(each.destinationRest) == number(network.destinationRest)) {
                    mark(fresh, each);
                }
            });
            pieces = fresh;
        } else if (present != null) {
            mark(present, network);
        }
    }

    void remove(Match network) {
        lengths.remove(network.destinationRest);
        size--;
    }

    private void mark(byte[] present, Match network) {
        int at = at(present, network.destinationHigh, network.destinationLow);
        present[at] |= (byte) bit(network.destinationRest);
    }

    private static int bit(int rest) {
        return 1 << rest % LENGTHS;
    }

    private int at(byte[] present, long high, long low) {
        return KeyTable.hash(Match.maskHigh(high, rest), Match.maskLow(low, rest), rest) & present.length - 1;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Which of {@link #rests} may occur around this address, for {@link #has}. */
    int present(long high, long low) {
        byte[] present = pieces;
        return present == null ? ALL : present[at(present, high, low)];
    }

    static boolean has(int present, int rest) {
        return (present & bit(rest)) != 0;
    }

    /** Bits behind the prefixes in use, longest prefix first. */
    int[] rests() {
        return lengths.rests();
    }
}
