package org.spigrp.sa;

import java.util.Arrays;
import org.spigrp.wire.Verdict;

/**
 * Anti-replay window (RFC 4303 3.4.3, algorithm of RFC 6479) and the inference of the upper half of an extended
 * sequence number (RFC 4303 appendix A2).
 *
 * <p>A ring of 64-bit blocks instead of one shifted bitmap: moving the window clears whole blocks and never shifts. At
 * least one block is always spare, so a window of any width from 1 bit on is exact.
 *
 * <pre>
 *      refused: too old        | width numbers: each at most once   |  newer: accepted, moves the window
 *   ------------------------- highest-width+1 ................. highest ---------------------------------
 * </pre>
 *
 * A <em>floor</em> may be set at the start: everything up to it is refused ({@link Verdict#BELOW_CEILING}), because
 * after a crash nobody knows what of it was accepted. Numbers are 64 bits, unsigned; without ESN the upper half is 0.
 * Not thread-safe: owned by the worker that owns the SA.
 */
public final class ReplayWindow {
    private static final int BLOCK_BITS = 64;
    private static final long[] NONE = {};
    /** How far back a number may lie to be told from one of the next 2^32 while only the floor is known. */
    private static final long FLOOR_REACH = 1L << 31;

    private final int bits;
    private final boolean esn;
    private final int mask;
    private long highest;
    private long floor;
    private long maxGap;
    /** Empty until a number is to be marked: an SA that only sends needs none. */
    private long[] ring = NONE;

    /**
     * @param bits width, 0..65536; 0 = off: nothing at all is refused, the highest is still kept
     * @param esn 64-bit numbers of which packets carry the lower half
     */
    public ReplayWindow(int bits, boolean esn) {
        if (bits < 0 || bits > SecurityAssociation.MAX_WINDOW_BITS) {
            throw new IllegalArgumentException("replay window of " + bits + " bits");
        }
        this.bits = bits;
        this.esn = esn;
        int blocks = bits == 0 ? 0 : powerOfTwoFrom((bits + BLOCK_BITS - 1) / BLOCK_BITS + 1);
        this.mask = blocks - 1;
    }

    private static int powerOfTwoFrom(int least) {
        return Integer.highestOneBit(2 * least - 1);
    }

    /** Width, 0 = off. */
    public int bits() {
        return bits;
    }

    /** The highest number accepted, 0 = none. */
    public long highest() {
        return highest;
    }

    /** Everything up to this number is refused. */
    public long floor() {
        return floor;
    }

    /** The largest run of numbers that were missing in front of a newer one ({@code max_seq_diff}). */
    public long maxGap() {
        return maxGap;
    }

    /**
     * The whole number of a packet that carries {@code low}.
     *
     * @return 0 where it would lie before the first number (and for {@code low} 0 without ESN): refuse the packet
     */
    public long infer(int low) {
        long seql = Integer.toUnsignedLong(low);
        if (!esn) {
            return seql;
        }
        long width = bits == 0 || (highest == floor && floor != 0) ? FLOOR_REACH : bits;
        long tl = highest & 0xffff_ffffL;
        long th = highest >>> 32;
        long bottom = tl - width + 1 & 0xffff_ffffL;
        long seqh;
        if (tl >= width - 1) {
            seqh = seql >= bottom ? th : th + 1;
            if (seqh > 0xffff_ffffL) {
                return 0;
            }
        } else {
            seqh = seql >= bottom ? th - 1 : th;
            if (seqh < 0) {
                return 0;
            }
        }
        return seqh << 32 | seql;
    }

    /** {@link Verdict#NONE} if the number may be accepted. Changes nothing. */
    public Verdict check(long number) {
        if (bits == 0) {
            return Verdict.NONE;
        }
        if (number == 0) {
            return Verdict.SEQUENCE_ZERO;
        }
        if (Long.compareUnsigned(number, floor) <= 0) {
            return Verdict.BELOW_CEILING;
        }
        if (Long.compareUnsigned(number, highest) > 0) {
            return Verdict.NONE;
        }
        if (highest - number >= bits) {
            return Verdict.TOO_OLD;
        }
        return isMarked(number) ? Verdict.REPLAYED : Verdict.NONE;
    }

    /**
     * Marks a number as received; only after its packet's ICV was found good.
     *
     * @return what {@link #check} says; nothing is marked unless it is {@link Verdict#NONE}
     */
    public Verdict accept(long number) {
        Verdict verdict = check(number);
        if (verdict != Verdict.NONE) {
            return verdict;
        }
        if (Long.compareUnsigned(number, highest) > 0) {
            long gap = number - highest - 1;
            if (Long.compareUnsigned(gap, maxGap) > 0) {
                maxGap = gap;
            }
            moveTo(number);
        }
        if (bits != 0) {
            mark(number);
        }
        return Verdict.NONE;
    }

    private boolean isMarked(long number) {
        return ring.length != 0 && (ring[block(number)] & bit(number)) != 0;
    }

    private void mark(long number) {
        if (ring.length == 0) {
            ring = new long[mask + 1];
        }
        ring[block(number)] |= bit(number);
    }

    private void moveTo(long number) {
        if (ring.length != 0) {
            long from = highest >>> 6;
            long blocks = Math.min((number >>> 6) - from, ring.length);
            for (long i = 1; i <= blocks; i++) {
                ring[(int) (from + i) & mask] = 0;
            }
        }
        highest = number;
    }

    private int block(long number) {
        return (int) (number >>> 6) & mask;
    }

    private static long bit(long number) {
        return 1L << number;
    }

    /**
     * What may not come again, for {@link #restore}: bit b of word w is number {@link #highest} - 64w - b. What lies at or
     * below the floor counts as received, since the floor itself is not kept. Independent of the width of the window
     * that reads it.
     */
    public long[] save() {
        long[] words = new long[(bits + BLOCK_BITS - 1) / BLOCK_BITS];
        for (int back = 0; back < bits && Long.compareUnsigned(back, highest) < 0; back++) {
            long number = highest - back;
            boolean refused = Long.compareUnsigned(number, floor) <= 0;
            if (refused || isMarked(number)) {
                words[back >>> 6] |= 1L << back;
            }
        }
        return words;
    }

    /** Takes over an exact state. What a narrower window did not keep counts as received. */
    public void restore(long savedHighest, long[] saved, long savedMaxGap) {
        Arrays.fill(ring, 0);
        highest = savedHighest;
        maxGap = savedMaxGap;
        for (int back = 0; back < bits && Long.compareUnsigned(back, savedHighest) < 0; back++) {
            int word = back >>> 6;
            if (word >= saved.length || (saved[word] & 1L << back) != 0) {
                mark(savedHighest - back);
            }
        }
    }

    /** Refuses everything up to {@code number}; never lowers. */
    public void refuseUpTo(long number) {
        if (Long.compareUnsigned(number, floor) > 0) {
            floor = number;
        }
        if (Long.compareUnsigned(number, highest) > 0) {
            moveTo(number);
        }
    }
}
