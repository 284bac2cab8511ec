package org.spigrp.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Numbers in network order in arrays of our own; packets are read and written by {@code Octets}. */
final class BigEndian {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private BigEndian() {}

    static void put32(byte[] array, int at, int value) {
        INT.set(array, at, value);
    }

    /** {@code to[toAt..] ^= from[fromAt..]}, for a count of 8 or 16. */
    static void xor(byte[] to, int toAt, byte[] from, int fromAt, int count) {
        for (int i = 0; i < count; i += Long.BYTES) {
            LONG.set(to, toAt + i, (long) LONG.get(to, toAt + i) ^ (long) LONG.get(from, fromAt + i));
        }
    }
}
