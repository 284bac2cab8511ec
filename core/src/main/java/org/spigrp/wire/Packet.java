package org.spigrp.wire;

import java.util.Objects;

/**
 * One IP packet in a slab with room before and behind, so that a layer is added or removed without a copy.
 *
 * <pre>
 *   slab   |  headroom   |  packet: IP header, payload  |  tailroom  |
 *          0             start                          start+length  capacity
 * </pre>
 *
 * A slab is used for many packets one after another; {@link #reset} makes it empty again. Owned by one thread.
 */
public final class Packet extends Octets {
    /** Room for 16 layers: IPv6 header 40, AH 12+32+4 or ESP 8+16, NAT-T 8, each. */
    public static final int DEFAULT_HEADROOM = 1024;
    /** Largest IP packet plus {@link #DEFAULT_HEADROOM} and as much behind. */
    public static final int DEFAULT_CAPACITY = 2 * DEFAULT_HEADROOM + 65_576;

    private Verdict verdict = Verdict.NONE;
    private int layer;
    private long timestamp;
    private int tag;

    /** An empty packet in a new slab. */
    public Packet(int capacity, int headroom) {
        super(new byte[capacity], headroom, 0);
    }

    /** A packet that holds a copy of {@code octets}, with the default room. For tests and slow paths. */
    public static Packet of(byte... octets) {
        var packet = new Packet(Math.max(DEFAULT_CAPACITY, octets.length + 2 * DEFAULT_HEADROOM), DEFAULT_HEADROOM);
        packet.append(octets.length);
        packet.put(0, octets, 0, octets.length);
        return packet;
    }

    /** Empties the slab and forgets verdict, layer, time and tag. */
    public void reset(int headroom) {
        Objects.checkIndex(headroom, array.length + 1);
        start = headroom;
        length = 0;
        verdict = Verdict.NONE;
        layer = 0;
        timestamp = 0;
        tag = 0;
    }

    /** Makes {@code count} octets of headroom part of the packet; false (nothing done) if there is no such room. */
    public boolean prepend(int count) {
        if (count < 0 || count > start) {
            return false;
        }
        start -= count;
        length += count;
        return true;
    }

    /** Makes {@code count} octets of tailroom part of the packet; false (nothing done) if there is no such room. */
    public boolean append(int count) {
        if (count < 0 || count > tailroom()) {
            return false;
        }
        length += count;
        return true;
    }

    /** {@link #prepend} and {@link #append} at once; false (nothing done) if there is no room for one of them. */
    public boolean surround(int front, int back) {
        if ((front | back) < 0 || front > start || back > array.length - start - length) {
            return false;
        }
        start -= front;
        length += front + back;
        return true;
    }

    /** Takes {@code count} octets off the front. */
    public void trimFront(int count) {
        Objects.checkIndex(count, length + 1);
        start += count;
        length -= count;
    }

    /** Takes {@code count} octets off the front, and leaves {@code newLength} of those behind them. */
    public void narrow(int count, int newLength) {
        Objects.checkFromIndexSize(count, newLength, length);
        start += count;
        length = newLength;
    }

    /** Cuts the packet down to its first {@code newLength} octets. */
    public void truncate(int newLength) {
        Objects.checkIndex(newLength, length + 1);
        length = newLength;
    }

    public int headroom() {
        return start;
    }

    public int tailroom() {
        return array.length - start - length;
    }

    public Verdict verdict() {
        return verdict;
    }

    /** The member of the group (0 = innermost) at which the verdict fell; 0 where no group was involved. */
    public int layer() {
        return layer;
    }

    public void verdict(Verdict verdict, int layer) {
        this.verdict = verdict;
        this.layer = layer;
    }

    /** When the packet was captured or received: nanoseconds since 1970, 0 = unknown. */
    public long timestamp() {
        return timestamp;
    }

    public void timestamp(long nanos) {
        timestamp = nanos;
    }

    /** A number of the owner's that travels with the packet (a record's index, a queue). */
    public int tag() {
        return tag;
    }

    public void tag(int tag) {
        this.tag = tag;
    }
}
