package org.spigrp.engine;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A hash table whose values know their own keys. Beside each reference stands the hash of its key, so that what is not
 * there is told without a look at any value, and a look-up that finds touches a line of hashes, a line of references and
 * the value. Made for a million entries and more, where each line is one that is in no cache. Open addressing, at most
 * half full: 16 to 32 octets for an entry. One owner; look-ups allocate nothing.
 */
abstract class TagTable<V> {
    private static final int FIRST_SLOTS = 16;

    /** Hashes, 0 = the slot is free. */
    private int[] tags = new int[FIRST_SLOTS];

    private @Nullable Object[] values = new @Nullable Object[FIRST_SLOTS];
    private int size;

    /** True if this is the value's key. */
    abstract boolean is(V value, long a, long b, long c);

    /** By which a key is looked for: never 0. */
    static int tag(long a, long b, long c) {
        int hash = KeyTable.hash(a, b, c);
        return hash == 0 ? 1 : hash;
    }

    @Nullable
    final V get(long a, long b, long c) {
        int tag = tag(a, b, c);
        int mask = tags.length - 1;
        for (int slot = tag & mask; tags[slot] != 0; slot = slot + 1 & mask) {
            if (tags[slot] == tag && is(value(slot), a, b, c)) {
                return value(slot);
            }
        }
        return null;
    }

    /** Brings the first lines of a look-up into the cache. The result is to be used somehow, lest it be left out. */
    final int touch(int tag) {
        int slot = tag & tags.length - 1;
        return values[slot] == null ? tag : tags[slot];
    }

    /** What a look-up will find, if no other key has the same tag. Reads nothing of it. */
    @Nullable
    final V likely(int tag) {
        int mask = tags.length - 1;
        int slot = tag & mask;
        while (tags[slot] != tag && tags[slot] != 0) {
            slot = slot + 1 & mask;
        }
        return value(slot);
    }

    @SuppressWarnings("unchecked") // set() is the only one that writes
    private V value(int slot) {
        return (V) values[slot];
    }

    /** Puts the value of a key that it has, in place of the one that was there. */
    final void put(long a, long b, long c, V value) {
        if (2 * (size + 1) > tags.length) {
            grow();
        }
        int tag = tag(a, b, c);
        int mask = tags.length - 1;
        int slot = tag & mask;
        while (tags[slot] != 0 && !(tags[slot] == tag && is(value(slot), a, b, c))) {
            slot = slot + 1 & mask;
        }
        if (tags[slot] == 0) {
            size++;
        }
        set(slot, tag, value);
    }

    /** Takes a key out; what stood behind it moves up, so that no look-up meets a gap. */
    final void remove(long a, long b, long c) {
        int tag = tag(a, b, c);
        int mask = tags.length - 1;
        int gap = tag & mask;
        while (tags[gap] != tag || !is(value(gap), a, b, c)) {
            if (tags[gap] == 0) {
                return;
            }
            gap = gap + 1 & mask;
        }
        size--;
        for (int next = gap + 1 & mask; tags[next] != 0; next = next + 1 & mask) {
            int home = tags[next] & mask;
            boolean reachable = gap <= next ? gap < home && home <= next : gap < home || home <= next;
            if (!reachable) {
                set(gap, tags[next], values[next]);
                gap = next;
            }
        }
        set(gap, 0, null);
    }

    final int size() {
        return size;
    }

    final void forEach(Consumer<? super V> action) {
        for (int slot = 0; slot < tags.length; slot++) {
            if (tags[slot] != 0) {
                action.accept(value(slot));
            }
        }
    }

    private void set(int slot, int tag, @Nullable Object value) {
        tags[slot] = tag;
        values[slot] = value;
    }

    private void grow() {
        int[] oldTags = tags;
        @Nullable Object[] oldValues = values;
        tags = new int[2 * oldTags.length];
        values = new @Nullable Object[tags.length];
        int mask = tags.length - 1;
        for (int i = 0; i < oldTags.length; i++) {
            if (oldTags[i] != 0) {
                int slot = oldTags[i] & mask;
                while (tags[slot] != 0) {
                    slot = slot + 1 & mask;
                }
                set(slot, oldTags[i], oldValues[i]);
            }
        }
    }
}
