package org.spigrp.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.spigrp.wire.PacketSelector;

/**
 * The eroutes of flows seen lately: what {@link Spd#lookup} said about their addresses, protocol and ports. Most packets
 * are followed by others of their flow; one multiplication and two comparisons are then what the eroutes cost, however
 * many there are and in however many lengths of prefix.
 *
 * <p>For plain IPv4 packets. A newer flow takes an older one's place; {@link #clear} when an eroute has changed. Small
 * enough to stay in a core's own cache.
 */
final class RouteCache {
    /** A power of two. */
    private static final int SLOTS = 512;

    private static final long MIX = 0x9e37_79b9_7f4a_7c15L;

    /** Addresses and what is behind them, side by side. */
    private final long[] keys = new long[2 * SLOTS];

    private final @Nullable Route[] routes = new @Nullable Route[SLOTS];

    private static int slot(PacketSelector seen) {
        long hash = (seen.addresses() ^ Long.rotateLeft(seen.upper(), 17)) * MIX;
        return (int) (hash >>> 40) & SLOTS - 1;
    }

    /** The eroute of the packet's flow, or null if it is not here. */
    @Nullable
    Route get(PacketSelector seen) {
        int slot = slot(seen);
        return keys[2 * slot] == seen.addresses() && keys[2 * slot + 1] == seen.upper() ? routes[slot] : null;
    }

    void put(PacketSelector seen, Route route) {
        int slot = slot(seen);
        keys[2 * slot] = seen.addresses();
        keys[2 * slot + 1] = seen.upper();
        routes[slot] = route;
    }

    void clear() {
        Arrays.fill(routes, null);
    }
}
