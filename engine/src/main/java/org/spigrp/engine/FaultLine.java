package org.spigrp.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.random.RandomGenerator;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

/**
 * One direction of a {@link FaultPort}: packets go in, and come out when they are due, in the order in which they are.
 *
 * <pre>
 *   taken + duplicated = lost + given + held
 * </pre>
 */
final class FaultLine {
    /** Packets that wait; when there are more, the one that is due first goes on at once. */
    static final int MAX_HELD = 4096;
    /** Octets of packets that wait, with the same rule. */
    static final int MAX_HELD_OCTETS = 16 << 20;
    /** A reordered packet is overtaken by 1 to so many later ones ... */
    static final int MAX_OVERTAKING = 8;
    /** ... unless they do not come in this time. */
    static final long MAX_ASIDE_NANOS = 10_000_000;

    /** Arrays of this size are kept for the next packets; others are made and forgotten. */
    private static final int USUAL_OCTETS = 2048;

    /** A packet's copy. */
    private static final class Waiting {
        byte[] octets = new byte[USUAL_OCTETS];
        int length;
        long timestamp;
        int tag;
        Verdict verdict = Verdict.NONE;
        int layer;
        long due;
        /** Among those due at the same time the smaller goes first. */
        long turn;
        /** Reordered: how many still overtake it. */
        int overtaking;
    }

    private final Faults faults;
    private final RandomGenerator random;
    private final long delayNanos;
    private final long jitterNanos;
    private final PriorityQueue<Waiting> waiting = new PriorityQueue<>(
            Comparator.<Waiting>comparingLong(one -> one.due).thenComparingLong(one -> one.turn));
    /** Reordered ones that are still to be overtaken. */
    private final List<Waiting> aside = new ArrayList<>();

    private final Queue<Waiting> free = new ArrayDeque<>();
    private long turns;
    private long heldOctets;

    long taken;
    long given;
    long lost;
    long duplicated;
    long reordered;
    long corrupted;
    long delayed;

    FaultLine(Faults faults, RandomGenerator random) {
        this.faults = faults;
        this.random = random;
        delayNanos = faults.delay().toNanos();
        jitterNanos = faults.jitter().toNanos();
    }

    int held() {
        return waiting.size() + aside.size();
    }

    /** Copies a packet that comes at {@code now}, or loses it. */
    void take(Packet packet, long now) {
        taken++;
        if (happens(faults.loss())) {
            lost++;
            return;
        }
        boolean twice = happens(faults.duplicate());
        takeOne(packet, now);
        if (twice) {
            duplicated++;
            takeOne(packet, now);
        }
    }

    private boolean happens(double rate) {
        return rate > 0 && random.nextDouble() < rate;
    }

    private void takeOne(Packet packet, long now) {
        Waiting copy = copy(packet);
        if (copy.length > 0 && happens(faults.corrupt())) {
            corrupted++;
            copy.octets[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
        }
        boolean later = happens(faults.reorder());
        copy.due = now + delayNanos + (jitterNanos == 0 ? 0 : random.nextLong(jitterNanos + 1));
        delayed += copy.due > now ? 1 : 0;
        copy.turn = turns++;
        overtake(copy.due);
        if (later) {
            reordered++;
            copy.overtaking = 1 + random.nextInt(MAX_OVERTAKING);
            copy.due += MAX_ASIDE_NANOS;
            aside.add(copy);
        } else {
            waiting.add(copy);
        }
    }

    /** A packet that is due at {@code due} overtakes all that are aside. */
    private void overtake(long due) {
        for (Iterator<Waiting> it = aside.iterator(); it.hasNext(); ) {
            Waiting one = it.next();
            if (--one.overtaking == 0) {
                it.remove();
                one.due = due;
                one.turn = turns++;
                waiting.add(one);
            }
        }
    }

    private Waiting copy(Packet packet) {
        Waiting copy = free.poll();
        if (copy == null) {
            copy = new Waiting();
        }
        copy.length = packet.length();
        if (copy.length > copy.octets.length) {
            copy.octets = new byte[copy.length];
        }
        packet.get(0, copy.octets, 0, copy.length);
        copy.timestamp = packet.timestamp();
        copy.tag = packet.tag();
        copy.verdict = packet.verdict();
        copy.layer = packet.layer();
        heldOctets += copy.length;
        return copy;
    }

    /** True if more waits than may wait. */
    boolean isOverfull() {
        return held() > MAX_HELD || heldOctets > MAX_HELD_OCTETS;
    }

    /** Fills {@code batch} from index 0 with what is due at {@code now}, and with what no longer fits; how many. */
    int give(Packet[] batch, long now) {
        endAside(now);
        int count = 0;
        while (count < batch.length) {
            Waiting first = waiting.peek();
            if (first == null || (first.due > now && !isOverfull())) {
                break;
            }
            waiting.remove();
            paste(first, batch[count++]);
        }
        return count;
    }

    /** Those that nobody overtook in time; all of them, if there is no other way to make room. */
    private void endAside(long now) {
        boolean all = isOverfull() && waiting.isEmpty();
        for (Iterator<Waiting> it = aside.iterator(); it.hasNext(); ) {
            Waiting one = it.next();
            if (all || one.due <= now) {
                it.remove();
                waiting.add(one);
            }
        }
    }

    private void paste(Waiting one, Packet packet) {
        packet.reset(Packet.DEFAULT_HEADROOM);
        if (!packet.append(one.length)) {
            throw new IllegalArgumentException("packet of " + one.length + " octets, slab of " + packet.array().length);
        }
        packet.put(0, one.octets, 0, one.length);
        packet.timestamp(one.timestamp);
        packet.tag(one.tag);
        packet.verdict(one.verdict, one.layer);
        given++;
        heldOctets -= one.length;
        if (one.octets.length == USUAL_OCTETS && free.size() < MAX_HELD) {
            free.add(one);
        }
    }

    /** When {@link #give} has something to give, in the time of {@link #take}; Long.MAX_VALUE = nothing waits. */
    long nextDue() {
        if (isOverfull()) {
            return Long.MIN_VALUE;
        }
        Waiting first = waiting.peek();
        long next = first == null ? Long.MAX_VALUE : first.due;
        for (int i = 0; i < aside.size(); i++) {
            next = Math.min(next, aside.get(i).due);
        }
        return next;
    }
}
