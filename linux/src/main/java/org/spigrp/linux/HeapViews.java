package org.spigrp.linux;

import java.lang.foreign.MemorySegment;
import org.spigrp.engine.CryptoJob;
import org.spigrp.sa.Group;

/*
 * The parts of a packet's array from the bodies on, as native code wants them.
 *
 * Making one for each packet is free only where the compiler sees through four classes of the JDK, and it does not always.
 * So each job keeps those that it has met: slabs are used again, and their packets have bodies at the same places nearly
 * always, one for each member of the group that they go through.
 */
final class HeapViews {
    /** Members of a group, out and in. Beyond that the oldest makes room. */
    static final int MOST = 2 * Group.MAX_MEMBERS;

    private byte[] array = {};
    private final int[] places = new int[MOST];
    private final MemorySegment[] segments = new MemorySegment[MOST];
    private int count;
    private int oldest;

    /** From the body of the job to the end of its array. */
    static MemorySegment of(CryptoJob job) {
        if (job.view instanceof HeapViews views) {
            return views.at(job.array, job.body);
        }
        var views = new HeapViews();
        job.view = views;
        return views.at(job.array, job.body);
    }

    @SuppressWarnings("ReferenceEquality") // of this very array
    private MemorySegment at(byte[] of, int place) {
        if (array != of) {
            array = of;
            count = 0;
        }
        for (int i = 0; i < count; i++) {
            if (places[i] == place) {
                return segments[i];
            }
        }
        return add(place);
    }

    private MemorySegment add(int place) {
        int slot = count;
        if (count < MOST) {
            count++;
        } else {
            slot = oldest;
            oldest = (oldest + 1) % MOST;
        }
        places[slot] = place;
        segments[slot] = MemorySegment.ofArray(array).asSlice(place);
        return segments[slot];
    }
}
