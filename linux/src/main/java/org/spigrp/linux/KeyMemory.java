package org.spigrp.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/*
 * Keys outside the heap, in slots of one size that begin at a multiple of 64 octets.
 *
 * There may be a million SAs, so a slot is no allocation of its own: it is cut from a chunk, and a chunk is memory that
 * the kernel is asked to give in huge pages, as keys that are used at random would miss the TLB each time. The first
 * chunk is small; most hosts never need a second.
 *
 * A slot that was given back is zeros, and is the next to be given out. Chunks go when the arena goes, with the engine.
 * Not thread-safe: owned by the worker that owns its engine.
 */
final class KeyMemory {
    private static final int ALIGNMENT = 64;
    private static final long FIRST_OCTETS = 1 << 16;
    private static final long HUGE_PAGE = 1 << 21;

    private final Arena arena;
    private final int slotOctets;
    private final List<MemorySegment> chunks = new ArrayList<>();
    /** The rest of the last chunk. */
    private long next;

    private long end;
    private long[] free = new long[16];
    private int freeCount;

    KeyMemory(Arena arena, int octets) {
        this.arena = arena;
        this.slotOctets = slotOctets(octets);
    }

    /** The size of a slot for so many octets. */
    static int slotOctets(int octets) {
        return (octets + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** The address of a slot of zeros. */
    long take() {
        if (freeCount > 0) {
            return free[--freeCount];
        }
        if (next + slotOctets > end) {
            MemorySegment chunk =
                    chunks.isEmpty() ? arena.allocate(FIRST_OCTETS, ALIGNMENT) : HugePages.allocate(arena, HUGE_PAGE);
            chunks.add(chunk);
            next = chunk.address();
            end = next + chunk.byteSize();
        }
        long slot = next;
        next += slotOctets;
        return slot;
    }

    /** Overwrites it first. */
    void giveBack(long slot) {
        RawMemory.clear(slot, slotOctets);
        if (freeCount == free.length) {
            free = Arrays.copyOf(free, 2 * freeCount);
        }
        free[freeCount++] = slot;
    }
}
