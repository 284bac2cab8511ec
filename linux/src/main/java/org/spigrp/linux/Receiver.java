package org.spigrp.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.spigrp.wire.Packet;

/** Receives several messages in one system call into memory of its own. */
final class Receiver {
    static final int SLOTS = 32;
    /** Any message; and not a power of two, lest the first octets of all fall into the same lines of the cache. */
    private static final int SLOT_OCTETS = 65_536 + 192;

    private final Libc libc;
    private final Refusals refusals;
    private final Messages messages;
    private final MemorySegment octets;

    Receiver(Arena arena, Libc libc, int controlOctets, Refusals refusals) {
        this.libc = libc;
        this.refusals = refusals;
        messages = new Messages(arena, SLOTS, controlOctets);
        octets = arena.allocate((long) SLOTS * SLOT_OCTETS, 64);
        for (int i = 0; i < SLOTS; i++) {
            messages.octets(i, octets.address() + at(i), SLOT_OCTETS);
        }
    }

    private static long at(int i) {
        return (long) i * SLOT_OCTETS;
    }

    /** How many came, 0 = none now. An error that waited in the socket (an interface went down) is counted and gone. */
    int receive(int fd, int wanted) {
        messages.clear(wanted);
        int got;
        do {
            got = libc.recvmmsg(fd, messages.from(0), wanted, Layouts.MSG_DONTWAIT);
        } while (Errno.EINTR.is(got));
        if (got < 0 && !Errno.EAGAIN.is(got)) {
            refusals.count(got, 0);
        }
        return Math.max(0, got);
    }

    Messages messages() {
        return messages;
    }

    int length(int i) {
        return messages.length(i);
    }

    /** Appends a part of message {@code i}; false if the packet has no such room, which is counted. */
    boolean append(int i, int from, int count, Packet packet) {
        int to = packet.length();
        if (!packet.append(count)) {
            refusals.count(-Errno.EMSGSIZE.number(), 1);
            return false;
        }
        MemorySegment.copy(octets, JAVA_BYTE, at(i) + from, packet.array(), packet.start() + to, count);
        return true;
    }
}
