package org.spigrp.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * A run of octets in an array: the only class that reads numbers out of bytes. All numbers are in network order.
 *
 * <p>Positions are relative to the run's first octet and are checked against its length. Header classes
 * ({@link Ipv4Header}, {@link EspHeader}, ...) are static accessors over an {@code Octets} and a position, so that
 * looking at a packet makes no garbage whatever the compiler does.
 */
public class Octets {
    private static final VarHandle U16 = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    /** U32 and U64 also for headers of this package that have checked a whole run of octets. */
    static final VarHandle U32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    static final VarHandle U64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    byte[] array;
    int start;
    int length;

    /** All of {@code array}. */
    public Octets(byte[] array) {
        this(array, 0, array.length);
    }

    /** {@code length} octets of {@code array} from {@code start}. */
    public Octets(byte[] array, int start, int length) {
        Objects.checkFromIndexSize(start, length, array.length);
        this.array = array;
        this.start = start;
        this.length = length;
    }

    /** The array behind the run; position p of the run is {@code array()[start() + p]}. */
    public final byte[] array() {
        return array;
    }

    public final int start() {
        return start;
    }

    public final int length() {
        return length;
    }

    public final int u8(int at) {
        return array[check(at, 1)] & 0xff;
    }

    public final int u16(int at) {
        return (short) U16.get(array, check(at, 2)) & 0xffff;
    }

    /** 32 bits as they are; use {@link Integer#toUnsignedLong} where the sign matters. */
    public final int u32(int at) {
        return (int) U32.get(array, check(at, 4));
    }

    public final long u64(int at) {
        return (long) U64.get(array, check(at, 8));
    }

    public final void putU8(int at, int value) {
        array[check(at, 1)] = (byte) value;
    }

    public final void putU16(int at, int value) {
        U16.set(array, check(at, 2), (short) value);
    }

    public final void putU32(int at, int value) {
        U32.set(array, check(at, 4), value);
    }

    public final void putU64(int at, long value) {
        U64.set(array, check(at, 8), value);
    }

    /** Copies {@code count} octets from position {@code at} into {@code into}. */
    public final void get(int at, byte[] into, int intoStart, int count) {
        System.arraycopy(array, check(at, count), into, intoStart, count);
    }

    /** Copies {@code count} octets of {@code from} to position {@code at}. */
    public final void put(int at, byte[] from, int fromStart, int count) {
        System.arraycopy(from, fromStart, array, check(at, count), count);
    }

    /** A copy of all octets. */
    public final byte[] toBytes() {
        byte[] copy = new byte[length];
        System.arraycopy(array, start, copy, 0, length);
        return copy;
    }

    /** The index in {@link #array()} of position {@code at}, when {@code count} octets are there. */
    public final int check(int at, int count) {
        if ((at | count) < 0 || at > length - count) {
            throw outside(at, count);
        }
        return start + at;
    }

    /** Apart, so that the check itself is small enough to be inlined everywhere. */
    private IndexOutOfBoundsException outside(int at, int count) {
        return new IndexOutOfBoundsException("octets " + at + "+" + count + " of " + length);
    }
}
