package org.spigrp.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The arguments of sendmmsg(2) and recvmmsg(2): a row of messages, each with a place for an address, for control data,
 * and one run of octets.
 *
 * <pre>
 *   mmsghdr  0 name | 8 name length | 16 iovec | 24 count | 32 control | 40 control length | 48 flags | 56 length | 64
 *   iovec    0 base | 8 length | 16
 * </pre>
 */
final class Messages {
    private static final int MMSGHDR = 64;
    private static final int NAME = 0;
    private static final int NAME_LENGTH = 8;
    private static final int IOVEC = 16;
    private static final int IOVEC_COUNT = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;
    private static final int LENGTH = 56;
    private static final int IOVEC_OCTETS = 16;

    private final int nameSlot;
    private final int controlSlot;
    private final MemorySegment headers;
    private final MemorySegment iovecs;
    private final MemorySegment names;
    private final MemorySegment controls;

    /** @param controlOctets of each message, 0 = none */
    Messages(Arena arena, int slots, int controlOctets) {
        nameSlot = 32; // room for any sockaddr that we use
        controlSlot = controlOctets + 7 & ~7;
        headers = arena.allocate((long) slots * MMSGHDR, 8);
        iovecs = arena.allocate((long) slots * IOVEC_OCTETS, 8);
        names = arena.allocate((long) slots * nameSlot, 8);
        controls = arena.allocate(Math.max(8, (long) slots * controlSlot), 8);
        for (int i = 0; i < slots; i++) {
            long at = (long) i * MMSGHDR;
            headers.set(JAVA_LONG, at + NAME, names.address() + nameAt(i));
            headers.set(JAVA_LONG, at + IOVEC, iovecs.address() + (long) i * IOVEC_OCTETS);
            headers.set(JAVA_LONG, at + IOVEC_COUNT, 1);
            headers.set(JAVA_LONG, at + CONTROL, controlOctets == 0 ? 0 : controls.address() + controlAt(i));
        }
    }

    /** Address of the row from message {@code i} on. */
    long from(int i) {
        return headers.address() + (long) i * MMSGHDR;
    }

    /** The octets of message {@code i}. */
    void octets(int i, long base, long length) {
        long at = (long) i * IOVEC_OCTETS;
        iovecs.set(JAVA_LONG, at, base);
        iovecs.set(JAVA_LONG, at + 8, length);
    }

    void nameLength(int i, int length) {
        headers.set(JAVA_INT, (long) i * MMSGHDR + NAME_LENGTH, length);
    }

    void controlLength(int i, int length) {
        headers.set(JAVA_LONG, (long) i * MMSGHDR + CONTROL_LENGTH, length);
    }

    int controlLength(int i) {
        return (int) headers.get(JAVA_LONG, (long) i * MMSGHDR + CONTROL_LENGTH);
    }

    /** Before the first {@code count} receive: the whole room of address and control data may be used. */
    void clear(int count) {
        for (int i = 0; i < count; i++) {
            nameLength(i, nameSlot);
            controlLength(i, controlSlot);
        }
    }

    /** What was received. */
    int length(int i) {
        return headers.get(JAVA_INT, (long) i * MMSGHDR + LENGTH);
    }

    /** Of the address of message {@code i}. */
    int port(int i) {
        return names.get(Layouts.NET_SHORT, nameAt(i) + Layouts.SOCKADDR_PORT) & 0xffff;
    }

    MemorySegment names() {
        return names;
    }

    long nameAt(int i) {
        return (long) i * nameSlot;
    }

    MemorySegment controls() {
        return controls;
    }

    long controlAt(int i) {
        return (long) i * controlSlot;
    }
}
