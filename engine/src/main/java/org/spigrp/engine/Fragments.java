package org.spigrp.engine;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.spigrp.wire.Family;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Packet;
import org.spigrp.wire.PacketSelector;
import org.spigrp.wire.Verdict;

/**
 * The datagrams of which some fragments have come and others have not (RFC 4301 7). Bounded in number, memory and time
 * by the constants; what does not fit pushes out the oldest. Time is that of the packets.
 *
 * <p>Fragments are kept as copies of their own length: this is the one part of the packet path that allocates.
 */
final class Fragments {
    static final int MAX_DATAGRAMS = 1024;
    static final int MAX_HELD_OCTETS = 4 << 20;
    /** RFC 1122 3.3.2 wants 60 to 120 s, RFC 8200 60 s; half of that is what stacks do. */
    static final long TIMEOUT_NANOS = 30_000_000_000L;
    /** What a datagram costs by itself, added for each kept fragment so that tiny ones do not come free. */
    private static final int PIECE_OVERHEAD = 64;

    /** Takes kept fragments that nothing will come of. */
    interface Discard {
        void discard(Datagram datagram, Verdict why);
    }

    /** Scope, addresses, identification, and for IPv4 the protocol (RFC 791 3.2, RFC 8200 4.5). */
    private static final class Key {
        private long sourceHigh;
        private long sourceLow;
        private long destinationHigh;
        private long destinationLow;
        private long rest;
        private int scope;

        private Key() {}

        private Key(Key other) {
            sourceHigh = other.sourceHigh;
            sourceLow = other.sourceLow;
            destinationHigh = other.destinationHigh;
            destinationLow = other.destinationLow;
            rest = other.rest;
            scope = other.scope;
        }

        private void set(Octets packet, PacketSelector seen, int newScope) {
            scope = newScope;
            int source = seen.sourceAt();
            int destination = seen.destinationAt();
            if (seen.family() == Family.INET) {
                sourceHigh = 0;
                sourceLow = Integer.toUnsignedLong(packet.u32(source));
                destinationHigh = 0;
                destinationLow = Integer.toUnsignedLong(packet.u32(destination));
                rest = 4L << 40 | (long) seen.protocol() << 32 | Ipv4Header.identification(packet, seen.at());
            } else {
                sourceHigh = packet.u64(source);
                sourceLow = packet.u64(source + 8);
                destinationHigh = packet.u64(destination);
                destinationLow = packet.u64(destination + 8);
                rest = 6L << 40 | Integer.toUnsignedLong(seen.chain().fragmentIdentification(packet));
            }
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key that
                    && sourceHigh == that.sourceHigh
                    && sourceLow == that.sourceLow
                    && destinationHigh == that.destinationHigh
                    && destinationLow == that.destinationLow
                    && rest == that.rest
                    && scope == that.scope;
        }

        @Override
        public int hashCode() {
            return KeyTable.hash(sourceHigh + sourceLow, destinationHigh + destinationLow, rest + 31L * scope);
        }
    }

    private final Discard discard;
    /** Oldest first. */
    private final Map<Key, Datagram> datagrams = new LinkedHashMap<>();

    private final Key probe = new Key();
    private long heldOctets;
    private long nowNanos = Long.MIN_VALUE;

    Fragments(Discard discard) {
        this.discard = discard;
    }

    /** True for packets that are part of a datagram; the "atomic fragments" of RFC 6946 are whole. */
    static boolean isPart(Octets packet, PacketSelector seen) {
        return seen.isFragment() && (seen.isLaterFragment() || Datagram.more(packet, seen));
    }

    /** The time of the packet at hand; it never goes back. Gives up what is too old. */
    void now(long nanos) {
        nowNanos = Math.max(nowNanos, nanos);
        while (!datagrams.isEmpty()) {
            Datagram oldest = datagrams.values().iterator().next();
            if (nowNanos - oldest.bornNanos <= TIMEOUT_NANOS) {
                return;
            }
            giveUpOldest(Verdict.FRAGMENT_TIMEOUT);
        }
    }

    /** Fragments that are kept: packets that have no verdict yet. */
    int waiting() {
        int count = 0;
        for (Datagram datagram : datagrams.values()) {
            count += datagram.held().size();
        }
        return count;
    }

    boolean isEmpty() {
        return datagrams.isEmpty();
    }

    /**
     * The datagram that the fragment belongs to, or null.
     *
     * @param scope 0 = outside of all tunnels, else the tunnel that it came through
     */
    @Nullable
    Datagram find(Octets packet, PacketSelector seen, int scope) {
        if (datagrams.isEmpty()) {
            return null;
        }
        probe.set(packet, seen, scope);
        return datagrams.get(probe);
    }

    /** Begins a new datagram; {@link #find} has found none. */
    Datagram begin(Octets packet, PacketSelector seen, int scope) {
        if (datagrams.size() == MAX_DATAGRAMS) {
            giveUpOldest(Verdict.FRAGMENT_LIMIT);
        }
        probe.set(packet, seen, scope);
        var datagram = new Datagram(nowNanos);
        datagrams.put(new Key(probe), datagram);
        return datagram;
    }

    /** Keeps a fragment; what is oldest may have to go for it, this very datagram too. */
    void hold(Datagram datagram, Packet packet, PacketSelector seen) {
        int before = cost(datagram);
        datagram.hold(packet, seen);
        heldOctets += cost(datagram) - before;
        while (heldOctets > MAX_HELD_OCTETS) {
            giveUpOldest(Verdict.FRAGMENT_LIMIT);
        }
    }

    /** Drops all kept fragments of the datagram, but goes on knowing it. */
    void release(Datagram datagram) {
        heldOctets -= cost(datagram);
        datagram.forgetHeld();
    }

    /** Forgets the datagram that the fragment belongs to; what it has kept is no longer counted here. */
    void forget(Octets packet, PacketSelector seen, int scope) {
        probe.set(packet, seen, scope);
        Datagram datagram = datagrams.remove(probe);
        if (datagram != null) {
            heldOctets -= cost(datagram);
        }
    }

    /** Gives up everything: no more packets will come. */
    void giveUpAll() {
        while (!datagrams.isEmpty()) {
            giveUpOldest(Verdict.FRAGMENT_TIMEOUT);
        }
    }

    private void giveUpOldest(Verdict why) {
        Iterator<Datagram> oldest = datagrams.values().iterator();
        Datagram datagram = oldest.next();
        oldest.remove();
        heldOctets -= cost(datagram);
        discard.discard(datagram, why);
        datagram.forgetHeld();
    }

    private static int cost(Datagram datagram) {
        return datagram.heldOctets() + PIECE_OVERHEAD * datagram.held().size();
    }
}
