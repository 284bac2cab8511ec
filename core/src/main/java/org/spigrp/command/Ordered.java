package org.spigrp.command;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A map in order of insertion. Unlike a LinkedHashMap it can put a removed row back where it stood, which a roll-back
 * needs. Rows never change: {@link #put} makes a new one at the old place.
 */
final class Ordered<K, V> implements Iterable<V> {
    private final Map<K, Row<K, V>> byKey = new HashMap<>();
    private final TreeMap<Long, Row<K, V>> byPlace = new TreeMap<>();
    private long nextPlace;

    Ordered() {}

    /** An empty one that takes the place of {@code before}, and gives none of its places again. */
    Ordered(Ordered<K, V> before) {
        nextPlace = before.nextPlace;
    }

    record Row<K, V>(long place, K key, V value) {}

    @Nullable
    V get(K key) {
        Row<K, V> row = byKey.get(key);
        return row == null ? null : row.value;
    }

    @Nullable
    Row<K, V> row(K key) {
        return byKey.get(key);
    }

    /** -1 if there is no such row. */
    long place(K key) {
        Row<K, V> row = byKey.get(key);
        return row == null ? -1 : row.place;
    }

    Row<K, V> put(K key, V value) {
        Row<K, V> old = byKey.get(key);
        var row = new Row<>(old == null ? nextPlace++ : old.place, key, value);
        set(key, row);
        return row;
    }

    /** Makes {@code row} the row of {@code key}, at its own place; null removes. */
    void set(K key, @Nullable Row<K, V> row) {
        Row<K, V> old = row == null ? byKey.remove(key) : byKey.put(key, row);
        if (old != null && (row == null || row.place != old.place)) {
            byPlace.remove(old.place);
        }
        if (row != null) {
            byPlace.put(row.place, row);
        }
    }

    int size() {
        return byKey.size();
    }

    @Override
    public Iterator<V> iterator() {
        Iterator<Row<K, V>> rows = byPlace.values().iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            @Override
            public V next() {
                return rows.next().value;
            }
        };
    }
}
