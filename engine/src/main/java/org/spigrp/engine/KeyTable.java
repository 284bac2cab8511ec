package org.spigrp.engine;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A hash table whose keys are three longs, so that an address and what goes with it are looked up as they stand in a
 * packet, without an object for the key. Open addressing, at most half full. One owner.
 */
final class KeyTable<V> {
    private static final int FIRST_SLOTS = 4;

    private long[] keys = new long[3 * FIRST_SLOTS];
    private @Nullable Object[] values = new @Nullable Object[FIRST_SLOTS];
    private int size;

    @Nullable
    V get(long a, long b, long c) {
        @SuppressWarnings("unchecked") // put() is the only one that writes
        V value = (V) values[slot(a, b, c)];
        return value;
    }

    void put(long a, long b, long c, V value) {
        int slot = slot(a, b, c);
        if (values[slot] == null) {
            if (2 * (size + 1) > values.length) {
                grow();
                slot = slot(a, b, c);
            }
            size++;
        }
        set(slot, a, b, c, value);
    }

    /** Takes a key out; what stood behind it moves up, so that no look-up meets a gap. */
    void remove(long a, long b, long c) {
        int gap = slot(a, b, c);
        if (values[gap] == null) {
            return;
        }
        size--;
        int mask = values.length - 1;
        for (int next = gap + 1 & mask; values[next] != null; next = next + 1 & mask) {
            int home = hash(keys[3 * next], keys[3 * next + 1], keys[3 * next + 2]) & mask;
            boolean reachable = gap <= next ? gap < home && home <= next : gap < home || home <= next;
            if (!reachable) {
                set(gap, keys[3 * next], keys[3 * next + 1], keys[3 * next + 2], values[next]);
                gap = next;
            }
        }
        values[gap] = null;
    }

    int size() {
        return size;
    }

    void forEach(Consumer<V> action) {
        for (@Nullable Object value : values) {
            if (value != null) {
                @SuppressWarnings("unchecked")
                V typed = (V) value;
                action.accept(typed);
            }
        }
    }

    private void set(int slot, long a, long b, long c, @Nullable Object value) {
        keys[3 * slot] = a;
        keys[3 * slot + 1] = b;
        keys[3 * slot + 2] = c;
        values[slot] = value;
    }

    /** Where the key is, or the free slot where it would go. */
    private int slot(long a, long b, long c) {
        int mask = values.length - 1;
        int slot = hash(a, b, c) & mask;
        while (values[slot] != null && (keys[3 * slot] != a || keys[3 * slot + 1] != b || keys[3 * slot + 2] != c)) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private void grow() {
        long[] oldKeys = keys;
        @Nullable Object[] oldValues = values;
        keys = new long[2 * oldKeys.length];
        values = new @Nullable Object[2 * oldValues.length];
        for (int i = 0; i < oldValues.length; i++) {
            Object old = oldValues[i];
            if (old != null) {
                long a = oldKeys[3 * i];
                long b = oldKeys[3 * i + 1];
                long c = oldKeys[3 * i + 2];
                set(slot(a, b, c), a, b, c, old);
            }
        }
    }

    /** Mixes all bits into all bits: SPIs and addresses mostly differ in a few low ones. */
    static int hash(long a, long b, long c) {
        long h = (a ^ Long.rotateLeft(b, 23)) * 0x9e37_79b9_7f4a_7c15L;
        h = (h ^ c ^ h >>> 32) * 0xd6e8_feb8_6659_fd93L;
        return (int) (h ^ h >>> 32);
    }
}
