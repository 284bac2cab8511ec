package org.spigrp.store;

import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;

/** One ordered table of octets to octets. MVStore's complaints become {@link StoreTrouble}. */
final class Table {
    static final byte[] NOTHING = new byte[0];

    private final TablesAccess access;
    private final String name;
    private MVMap<byte[], byte[]> map;

    /** Says how a table's map is had, before and after the file had to be opened again. */
    interface TablesAccess {
        MVMap<byte[], byte[]> map(String name);

        StoreTrouble trouble(RuntimeException cause);
    }

    Table(TablesAccess access, String name) {
        this.access = access;
        this.name = name;
        this.map = access.map(name);
    }

    /** After the file was opened again. */
    void reopen() {
        map = access.map(name);
    }

    byte @Nullable [] get(byte[] key) {
        try {
            return map.get(key);
        } catch (MVStoreException e) {
            throw access.trouble(e);
        }
    }

    void put(byte[] key, byte[] value) {
        try {
            map.put(key, value);
        } catch (MVStoreException e) {
            throw access.trouble(e);
        }
    }

    void remove(byte[] key) {
        try {
            map.remove(key);
        } catch (MVStoreException e) {
            throw access.trouble(e);
        }
    }

    void clear() {
        try {
            map.clear();
        } catch (MVStoreException e) {
            throw access.trouble(e);
        }
    }

    int size() {
        return map.size();
    }

    boolean isEmpty() {
        return map.isEmpty();
    }

    /** Rows whose keys begin with {@code prefix}, in order, as they are now. */
    Rows startingWith(byte[] prefix) {
        return new Rows(prefix);
    }

    Rows all() {
        return new Rows(NOTHING);
    }

    /** A walk through rows. */
    final class Rows implements Iterator<byte[]> {
        private final byte[] prefix;
        private final Cursor<byte[], byte[]> cursor;
        private byte @Nullable [] next;
        private byte[] value = NOTHING;
        private byte[] nextValue = NOTHING;

        private Rows(byte[] prefix) {
            this.prefix = prefix;
            try {
                cursor = map.cursor(prefix.length == 0 ? null : prefix);
            } catch (MVStoreException e) {
                throw access.trouble(e);
            }
            advance();
        }

        private void advance() {
            try {
                next = cursor.hasNext() ? cursor.next() : null;
                if (next != null && !startsWith(next, prefix)) {
                    next = null;
                }
                nextValue = next == null ? NOTHING : cursor.getValue();
            } catch (MVStoreException e) {
                throw access.trouble(e);
            }
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        /** The next key. */
        @Override
        public byte[] next() {
            byte[] key = next;
            if (key == null) {
                throw new NoSuchElementException();
            }
            value = nextValue;
            advance();
            return key;
        }

        /** The row of the key last given. */
        byte[] value() {
            return value;
        }
    }

    private static boolean startsWith(byte[] key, byte[] prefix) {
        return prefix.length == 0
                || (key.length >= prefix.length && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length));
    }
}
