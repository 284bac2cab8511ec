package org.spigrp.engine;

/**
 * An array that grows to the largest packet seen and is then used again and again; one for each engine and purpose.
 *
 * <p>JCE ciphers that are told to work in place copy their input into a new array first. Output into another array and a
 * copy back is what they do best: nothing is allocated, and a packet with a wrong ICV stays as it came.
 */
final class Scratch {
    private static final int FIRST = 2048;

    private byte[] array = new byte[FIRST];

    /** At least {@code count} octets; what they hold is left from before. Grows only for a larger packet than any before. */
    byte[] atLeast(int count) {
        if (count > array.length) array = new byte[Math.max(count, Integer.highestOneBit(count) * 2)];
        return array;
    }

    /** The same, and the first {@code kept} octets are still there when it had to grow. */
    byte[] keeping(int kept, int count) {
        byte[] before = array;
        if (count <= before.length) return before;
        byte[] larger = atLeast(count);
        System.arraycopy(before, 0, larger, 0, kept);
        return larger;
    }
}
