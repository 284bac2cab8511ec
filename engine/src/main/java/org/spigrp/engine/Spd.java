package org.spigrp.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.Selector;
import org.spigrp.wire.Family;
import org.spigrp.wire.Octets;
import org.spigrp.wire.PacketSelector;

/**
 * The outbound security policy database: eroutes, of which the most specific takes a packet.
 *
 * <p>Of all that select it, the first in this order: longer destination prefix; longer source prefix; protocol given
 * before any protocol; fewer pairs of ports (of ICMP type and code); older.
 *
 * <p>The tables follow the order. By family and destination prefix length, longest first, a hash table has the eroutes
 * of each destination network. Few of them are a sorted list; many (all to 0.0.0.0/0, say) are split by source prefix
 * length and protocol into hash tables again, so that a look-up costs a probe for each pair of prefix lengths in use,
 * not for each eroute.
 *
 * <p>Where ports would decide but are in another fragment the answer is {@link Route#UNDECIDED}: a later fragment must
 * never take a wider eroute than its first (RFC 4301 7).
 *
 * <p>Read from the snapshot as a whole. One owner; look-ups allocate nothing.
 */
final class Spd {
    /** Eroutes of one destination network up to which a list is quicker than tables. */
    private static final int LIST_LENGTH = 8;

    private static final long ANY = 256;

    private ByFamily v4 = new ByFamily(Family.INET);
    private ByFamily v6 = new ByFamily(Family.INET6);
    private List<Route> routes = List.of();
    private boolean portsMattered;

    Spd(Iterable<Eroute> eroutes) {
        reload(eroutes, Set.of());
    }

    /**
     * Reads all eroutes anew; those whose selector is not among {@code touched} keep their counts.
     *
     * <p>Costs a pass over all eroutes, whatever has changed.
     */
    void reload(Iterable<Eroute> eroutes, Set<Selector> touched) {
        Map<Selector, Route> before = new HashMap<>(2 * routes.size());
        for (Route route : routes) {
            if (!touched.contains(route.selector())) {
                before.put(route.selector(), route);
            }
        }
        v4 = new ByFamily(Family.INET);
        v6 = new ByFamily(Family.INET6);
        List<Route> fresh = new ArrayList<>();
        for (Eroute eroute : eroutes) {
            var route = new Route(eroute, fresh.size());
            Route old = before.get(eroute.selector());
            if (old != null) {
                route.goOn(old);
            }
            fresh.add(route);
            (eroute.selector().family() == Family.INET ? v4 : v6).add(route);
        }
        v4.finish();
        v6.finish();
        routes = fresh;
    }

    /** SAs or groups have changed: what eroutes lead to is to be looked up again. */
    void forgetPlans() {
        for (Route route : routes) {
            route.planKnown = false;
            route.plan = null;
        }
    }

    List<Route> routes() {
        return routes;
    }

    /** The eroute of a packet, {@link Route#NONE} or {@link Route#UNDECIDED}. */
    Route lookup(Octets packet, PacketSelector offered) {
        portsMattered = false;
        if (routes.isEmpty()) {
            return Route.NONE;
        }
        return (offered.family() == Family.INET ? v4 : v6).lookup(packet, offered);
    }

    /** True if the last look-up met an eroute of the packet's addresses that asks for ports. */
    boolean portsMattered() {
        return portsMattered;
    }

    /** The first of a sorted list that takes the packet, or null. */
    private @Nullable Route choose(
            List<Route> candidates, Octets packet, PacketSelector offered, boolean addressesKnown) {
        for (int i = 0; i < candidates.size(); i++) { // no iterator: this is the packet path
            Route route = candidates.get(i);
            Selector selector = route.selector();
            if (!addressesKnown && !Route.takesAddresses(selector, packet, offered)) {
                continue;
            }
            if (!selector.needsPorts()) {
                return route;
            }
            portsMattered = true;
            if (Route.takesPorts(selector, offered)) {
                return route;
            }
            if (Route.hidesPorts(offered)) {
                return Route.UNDECIDED;
            }
        }
        return null;
    }

    /** High half of a masked address. */
    private static long maskHigh(Family family, long high, int bits) {
        return family == Family.INET || bits == 0 ? 0 : bits >= 64 ? high : high & -1L << (64 - bits);
    }

    /** Low half of a masked address; IPv4 sits in its lower 32 bits. */
    private static long maskLow(Family family, long low, int bits) {
        if (family == Family.INET) {
            return bits == 0 ? 0 : low & 0xffff_ffffL << (32 - bits);
        }
        return bits <= 64 ? 0 : low & -1L << (128 - bits);
    }

    private static long high(Family family, Octets packet, int at) {
        return family == Family.INET ? 0 : packet.u64(at);
    }

    private static long low(Family family, Octets packet, int at) {
        return family == Family.INET ? Integer.toUnsignedLong(packet.u32(at)) : packet.u64(at + 8);
    }

    private final class ByFamily {
        private final Family family;
        private final KeyTable<Destination> destinations = new KeyTable<>();
        private final boolean[] lengthUsed;
        private int[] lengths = {};
        private boolean protocolGiven;

        ByFamily(Family family) {
            this.family = family;
            this.lengthUsed = new boolean[family.bits() + 1];
        }

        void add(Route route) {
            var network = route.selector().destination();
            lengthUsed[network.bits()] = true;
            protocolGiven |= route.selector().protocol() != Selector.ANY_PROTOCOL;
            long high = network.base().high();
            long low = network.base().low();
            Destination destination = destinations.get(high, low, network.bits());
            if (destination == null) {
                destination = new Destination(family);
                destinations.put(high, low, network.bits(), destination);
            }
            destination.building.add(route);
        }

        void finish() {
            destinations.forEach(Destination::finish);
            lengths = longestFirst(lengthUsed);
        }

        Route lookup(Octets packet, PacketSelector offered) {
            if (protocolGiven && !Route.protocolKnown(offered)) {
                portsMattered = true;
                return Route.UNDECIDED; // rare; so no table need be searched without a protocol
            }
            long high = high(family, packet, offered.destinationAt());
            long low = low(family, packet, offered.destinationAt());
            for (int bits : lengths) {
                Destination destination =
                        destinations.get(maskHigh(family, high, bits), maskLow(family, low, bits), bits);
                if (destination != null) {
                    Route route = destination.lookup(packet, offered);
                    if (route != null) {
                        return route;
                    }
                }
            }
            return Route.NONE;
        }
    }

    private static int[] longestFirst(boolean[] used) {
        int count = 0;
        int[] lengths = new int[used.length];
        for (int bits = used.length - 1; bits >= 0; bits--) {
            if (used[bits]) {
                lengths[count++] = bits;
            }
        }
        return Arrays.copyOf(lengths, count);
    }

    /** The eroutes of one destination network. */
    private final class Destination {
        private final Family family;
        private List<Route> building = new ArrayList<>(1);
        private List<Route> list = List.of();
        private @Nullable KeyTable<List<Route>> bySource;
        private int[] lengths = {};

        Destination(Family family) {
            this.family = family;
        }

        void finish() {
            building.sort(Route.BEST_FIRST);
            if (building.size() <= LIST_LENGTH) {
                list = building;
            } else {
                split(building);
            }
            building = List.of();
        }

        private void split(List<Route> sorted) {
            var table = new KeyTable<List<Route>>();
            boolean[] lengthUsed = new boolean[family.bits() + 1];
            for (Route route : sorted) {
                Selector selector = route.selector();
                int bits = selector.source().bits();
                lengthUsed[bits] = true;
                long high = selector.source().base().high();
                long low = selector.source().base().low();
                long rest = rest(bits, selector.protocol() == Selector.ANY_PROTOCOL ? ANY : selector.protocol());
                List<Route> sameTuple = table.get(high, low, rest);
                if (sameTuple == null) {
                    sameTuple = new ArrayList<>(1);
                    table.put(high, low, rest, sameTuple);
                }
                sameTuple.add(route);
            }
            lengths = longestFirst(lengthUsed);
            bySource = table;
        }

        private static long rest(int bits, long protocol) {
            return (long) bits << 16 | protocol;
        }

        @Nullable
        Route lookup(Octets packet, PacketSelector offered) {
            KeyTable<List<Route>> table = bySource;
            if (table == null) {
                return choose(list, packet, offered, false);
            }
            long high = high(family, packet, offered.sourceAt());
            long low = low(family, packet, offered.sourceAt());
            for (int bits : lengths) {
                long maskedHigh = maskHigh(family, high, bits);
                long maskedLow = maskLow(family, low, bits);
                Route route = fromTable(table, maskedHigh, maskedLow, rest(bits, offered.protocol()), packet, offered);
                if (route == null) {
                    route = fromTable(table, maskedHigh, maskedLow, rest(bits, ANY), packet, offered);
                }
                if (route != null) {
                    return route;
                }
            }
            return null;
        }

        private @Nullable Route fromTable(
                KeyTable<List<Route>> table, long high, long low, long rest, Octets packet, PacketSelector offered) {
            List<Route> candidates = table.get(high, low, rest);
            return candidates == null ? null : choose(candidates, packet, offered, true);
        }
    }
}
