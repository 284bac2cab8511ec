package org.spigrp.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Memory outside the heap by its address, in the order of octets of this machine. Nothing checks an address: whoever calls
 * has the memory from an arena that he holds, and knows its size.
 */
@SuppressWarnings("restricted") // reaching all memory is what it is for
final class RawMemory {
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private RawMemory() {}

    static long getLong(long address) {
        return ALL.get(JAVA_LONG_UNALIGNED, address);
    }

    static void putLong(long address, long value) {
        ALL.set(JAVA_LONG_UNALIGNED, address, value);
    }

    static int getInt(long address) {
        return ALL.get(JAVA_INT_UNALIGNED, address);
    }

    static void putInt(long address, int value) {
        ALL.set(JAVA_INT_UNALIGNED, address, value);
    }

    /** In network order. */
    static void putInt32(long address, int value) {
        putInt(address, LITTLE ? Integer.reverseBytes(value) : value);
    }

    static byte getByte(long address) {
        return ALL.get(JAVA_BYTE, address);
    }

    static void putByte(long address, byte value) {
        ALL.set(JAVA_BYTE, address, value);
    }

    static void put(long address, byte[] from, int at, int count) {
        MemorySegment.copy(from, at, ALL, JAVA_BYTE, address, count);
    }

    static void get(long address, byte[] to, int at, int count) {
        MemorySegment.copy(ALL, JAVA_BYTE, address, to, at, count);
    }

    /** Whether so many octets are the same; in a time that tells nothing about where they differ. */
    static boolean isSame(long address, byte[] array, int at, int count) {
        long difference = 0;
        int i = 0;
        for (; i <= count - Long.BYTES; i += Long.BYTES) {
            difference |= getLong(address + i) ^ (long) LONG.get(array, at + i);
        }
        for (; i < count; i++) {
            difference |= getByte(address + i) ^ array[at + i];
        }
        return difference == 0;
    }

    static void copy(long from, long to, long count) {
        MemorySegment.copy(ALL, from, ALL, to, count);
    }

    static void clear(long address, long count) {
        ALL.asSlice(address, count).fill((byte) 0);
    }
}
