package org.spigrp.linux;

import java.lang.foreign.MemorySegment;
import org.spigrp.engine.CryptoJob;

/*
 * The part of a packet's array that begins with the body, as native code wants it.
 *
 * Making one for each packet is free only where the compiler sees through four classes of the JDK, and it does not always.
 * So each job keeps the one it had last, for each direction: slabs are used again, and their packets begin at the same
 * place nearly always.
 */
final class HeapView {
    private final byte[] array;
    private final int at;
    final MemorySegment segment;

    private HeapView(byte[] array, int at) {
        this.array = array;
        this.at = at;
        segment = MemorySegment.ofArray(array).asSlice(at);
    }

    @SuppressWarnings("ReferenceEquality") // of this very array
    private boolean is(byte[] other, int place) {
        return array == other && at == place;
    }

    /** From the body of the job to the end of its array. */
    static MemorySegment sealing(CryptoJob job) {
        if (job.sealingView instanceof HeapView view && view.is(job.array, job.body)) {
            return view.segment;
        }
        var fresh = new HeapView(job.array, job.body);
        job.sealingView = fresh;
        return fresh.segment;
    }

    /** The same of a packet that came. */
    static MemorySegment opening(CryptoJob job) {
        if (job.openingView instanceof HeapView view && view.is(job.array, job.body)) {
            return view.segment;
        }
        var fresh = new HeapView(job.array, job.body);
        job.openingView = fresh;
        return fresh.segment;
    }
}
