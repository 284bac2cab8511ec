package org.spigrp.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Snapshot;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.Selector;
import org.spigrp.wire.Family;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Packet;
import org.spigrp.wire.PacketSelector;

/**
 * The outbound security policy database: eroutes, of which the most specific takes a packet.
 *
 * <p>Of all that select it, the first in this order: longer destination prefix; longer source prefix; protocol given
 * before any protocol; fewer pairs of ports (of ICMP type and code); older.
 *
 * <p>The tables follow the order. By family and destination prefix length, longest first, a hash table has the eroutes
 * of each destination network. A single one, as it mostly is, stands in the table itself, so that a look-up that ends in
 * it touches two slots and the {@link Route}. Several are a {@link Destination}: a sorted list, or split by source prefix
 * and protocol into a hash table again, so that a look-up costs a probe for each pair of prefix lengths in use, not for
 * each eroute.
 *
 * <p>Where ports would decide but are in another fragment the answer is {@link Route#UNDECIDED}: a later fragment must
 * never take a wider eroute than its first (RFC 4301 7).
 *
 * <p>Why tuples and not a trie: measured on two shared cores of an AMD EPYC (Zen 5), 1 M random IPv4 destinations, each
 * figure with that of a {@code HashMap<Long, …>} of the same entries in the same run, ns for a look-up:
 *
 * <pre>
 *                                       1 length       8 lengths      20 lengths
 *   path-compressed trie, in int[]     996 / 58       963 / 56        674 / 46
 *   hash table for each length          43 / 58       303 / 56        290 / 46
 *   these tables, source looked at too 180 / 101      334 / 101       602 / 96   (1, 64 and 400 pairs of lengths)
 *   the same without {@link LengthGroup}   165 / 105      380 / 105       728 / 102
 * </pre>
 *
 * A trie walks twenty nodes, each of which waits for the one before. A table by the first 24 bits would take a block of
 * 256 for nearly each of a million scattered hosts.
 *
 * <p>When other work lies between two packets their look-ups cannot overlap. Then passes over a batch pay that do no more
 * than touch ({@link Lookahead}). From the packet to the counters of both SAs of a group tun+esp, ns for a packet, one
 * after another / touched before by 64, that included, when it was chosen:
 *
 * <pre>
 *   groups                 1       10 k      100 k        1 M
 *   out               17 / 28   134 / 96   566 / 304   814 / 470
 *   in                14 / 26    74 / 78   441 / 280   655 / 382
 * </pre>
 *
 * <p>Memory: 105 octets for an eroute of its own destination, 110 with 64 pairs of lengths.
 *
 * <p>Read from the snapshot once, and then told what was touched: a change costs as much as what it changes. One owner;
 * look-ups allocate nothing.
 */
final class Spd {
    private static final int LARGE = 1 << 13;

    private final Networks v4 = new Networks(Family.INET);
    private final Networks v6 = new Networks(Family.INET6);
    private final Changes<Route> uses = new Changes<>();
    private int size;
    private long nextAge;
    /** {@link Snapshot#place} of the youngest. */
    private long lastPlace = -1;

    private boolean portsMattered;

    Spd(Snapshot snapshot) {
        Eroute youngest = null;
        for (Eroute eroute : snapshot.eroutes()) {
            add(new Route(eroute, nextAge++, uses));
            youngest = eroute;
        }
        if (youngest != null) {
            lastPlace = snapshot.place(youngest.selector());
        }
    }

    private record Fresh(Eroute eroute, long place) {}

    /**
     * The snapshot has changed in these selectors, and in no other. They count their use anew; those that were replaced
     * keep their age, as they keep their place in the snapshot.
     */
    void refresh(Snapshot snapshot, Set<Selector> touched) {
        List<Fresh> fresh = new ArrayList<>();
        for (Selector selector : touched) {
            Route old = find(selector);
            if (old != null) {
                remove(old);
            }
            Eroute eroute = snapshot.eroute(selector);
            if (eroute == null) {
                continue;
            }
            long place = snapshot.place(selector);
            if (old != null && place <= lastPlace) {
                add(new Route(eroute, old.age, uses));
            } else {
                fresh.add(new Fresh(eroute, place));
            }
        }
        fresh.sort(Comparator.comparingLong(Fresh::place));
        for (Fresh each : fresh) {
            add(new Route(each.eroute, nextAge++, uses));
            lastPlace = each.place;
        }
    }

    private void add(Route route) {
        size++;
        networks(route).add(route);
    }

    private void remove(Route route) {
        size--;
        route.isGone = true;
        networks(route).remove(route);
    }

    private Networks networks(Match selector) {
        return selector.v6 ? v6 : v4;
    }

    private @Nullable Route find(Selector selector) {
        var match = new Match(selector);
        return networks(match).find(match);
    }

    /** Those that have selected a packet, oldest first. */
    List<Route> used() {
        List<Route> used = new ArrayList<>();
        v4.forEachUsed(used);
        v6.forEachUsed(used);
        used.sort(Comparator.comparingLong(route -> route.age));
        return used;
    }

    /** Who of them was used since it was told last. */
    Changes<Route> uses() {
        return uses;
    }

    /** The eroute of a packet, {@link Route#NONE} or {@link Route#UNDECIDED}. */
    Route lookup(Octets packet, PacketSelector offered) {
        portsMattered = false;
        if (size == 0) {
            return Route.NONE;
        }
        return (offered.family() == Family.INET ? v4 : v6).lookup(packet, offered);
    }

    /**
     * The same of a plain packet that nobody has parsed; UNDECIDED also where an eroute asks for ports: {@link #lookup} must
     * say.
     *
     * @param likely what {@link #table} has for the packet's {@link #tag}, or any other that is in it; null = nothing
     */
    Route lookupPlain(Packet packet, int protocol, @Nullable Route likely) {
        long destination = Integer.toUnsignedLong(packet.u32(Ipv4Header.DESTINATION));
        long source = Integer.toUnsignedLong(packet.u32(Ipv4Header.SOURCE));
        if (likely != null && v4.isFirst(likely, destination)) {
            Route chosen = choose(likely, 0, source, protocol, null);
            if (chosen != null) {
                return chosen;
            }
        }
        return v4.lookup(0, destination, 0, source, protocol, null);
    }

    /** True if there are so many that {@link Lookahead} gains more than it costs. */
    boolean isLarge() {
        return size >= LARGE;
    }

    /** Where {@link #lookup} looks first for packets of a family. For {@link Lookahead}, as {@link #tag}. */
    TagTable<Match> table(Family family) {
        return (family == Family.INET ? v4 : v6).networks;
    }

    /** For what it looks there; 0 = nowhere. */
    int tag(Octets packet, Family family, int destinationAt) {
        return (family == Family.INET ? v4 : v6).tag(packet, destinationAt);
    }

    /** True if the last look-up met an eroute of the packet's addresses that asks for ports. */
    boolean portsMattered() {
        return portsMattered;
    }

    /** The route if it takes a packet of this source, UNDECIDED if ports are missing, else null. */
    private @Nullable Route choose(Route route, long high, long low, int protocol, @Nullable PacketSelector offered) {
        if (!route.takesSource(high, low) || !route.takesProtocol(protocol)) {
            return null;
        }
        return route.needsPorts ? chooseByPorts(route, offered) : route;
    }

    private @Nullable Route chooseByPorts(Route route, @Nullable PacketSelector offered) {
        if (offered == null) {
            return Route.UNDECIDED;
        }
        portsMattered = true;
        if (route.takesPorts(offered)) {
            return route;
        }
        return Route.hidesPorts(offered) ? Route.UNDECIDED : null;
    }

    private @Nullable Route choose(
            RouteList list, long high, long low, int protocol, @Nullable PacketSelector offered) {
        for (int i = 0; i < list.size(); i++) {
            Route route = choose(list.get(i), high, low, protocol, offered);
            if (route != null) {
                return route;
            }
        }
        return null;
    }

    private @Nullable Route choose(
            @Nullable Match found, long high, long low, int protocol, @Nullable PacketSelector offered) {
        if (found == null) {
            return null;
        }
        return found instanceof Route route
                ? choose(route, high, low, protocol, offered)
                : choose(((Destination.Tuple) found).list, high, low, protocol, offered);
    }

    private @Nullable Route choose(
            Destination destination, long high, long low, int protocol, @Nullable PacketSelector offered) {
        Destination.BySource table = destination.bySource();
        if (table == null) {
            return choose(destination.list(), high, low, protocol, offered);
        }
        for (int rest : destination.sourceRests()) {
            long maskedHigh = Match.maskHigh(high, rest);
            long maskedLow = Match.maskLow(low, rest);
            long given = Destination.BySource.rest(rest, protocol);
            Route route = choose(table.get(maskedHigh, maskedLow, given), high, low, protocol, offered);
            if (route == null) {
                long any = Destination.BySource.rest(rest, Selector.ANY_PROTOCOL);
                route = choose(table.get(maskedHigh, maskedLow, any), high, low, protocol, offered);
            }
            if (route != null) {
                return route;
            }
        }
        return null;
    }

    private static final class ByDestination extends TagTable<Match> {
        @Override
        boolean is(Match value, long high, long low, long rest) {
            return value.destinationLow == low && value.destinationHigh == high && value.destinationRest == rest;
        }
    }

    /** The destination networks of one family. */
    private final class Networks {
        private final Family family;
        private final ByDestination networks = new ByDestination();
        /** By {@link LengthGroup#number}. */
        private final LengthGroup[] all;

        /** Those of them that have networks, longest prefixes first. */
        private LengthGroup[] groups = {};

        /** Eroutes that ask for a protocol. */
        private int protocolsGiven;

        Networks(Family family) {
            this.family = family;
            all = new LengthGroup[LengthGroup.number(family.bits()) + 1];
            Arrays.setAll(all, number -> new LengthGroup(number, family));
        }

        private @Nullable Match network(Match of) {
            return networks.get(of.destinationHigh, of.destinationLow, of.destinationRest);
        }

        private void put(Match network) {
            networks.put(network.destinationHigh, network.destinationLow, network.destinationRest, network);
        }

        private LengthGroup group(Match network) {
            return all[LengthGroup.number(network.destinationRest)];
        }

        private void listGroups() {
            groups = Arrays.stream(all).filter(group -> !group.isEmpty()).toArray(LengthGroup[]::new);
        }

        void add(Route route) {
            if (route.protocol != Selector.ANY_PROTOCOL) {
                protocolsGiven++;
            }
            Match there = network(route);
            if (there instanceof Destination destination) {
                destination.add(route);
            } else if (there instanceof Route other) {
                var destination = new Destination(route.selector());
                destination.add(other);
                destination.add(route);
                put(destination);
            } else {
                put(route);
                LengthGroup group = group(route);
                boolean first = group.isEmpty();
                group.add(route, networks::forEach);
                if (first) {
                    listGroups();
                }
            }
        }

        void remove(Route route) {
            if (route.protocol != Selector.ANY_PROTOCOL) {
                protocolsGiven--;
            }
            if (network(route) instanceof Destination destination && destination.size() > 1) {
                destination.remove(route);
            } else {
                networks.remove(route.destinationHigh, route.destinationLow, route.destinationRest);
                group(route).remove(route);
                if (group(route).isEmpty()) {
                    listGroups();
                }
            }
        }

        @Nullable
        Route find(Match selector) {
            Match there = network(selector);
            if (there instanceof Destination destination) {
                return destination.same(selector);
            }
            return there instanceof Route route && route.isSame(selector) ? route : null;
        }

        void forEachUsed(List<Route> used) {
            networks.forEach(each -> {
                if (each instanceof Destination destination) {
                    destination.forEach(route -> addUsed(route, used));
                } else {
                    addUsed((Route) each, used);
                }
            });
        }

        private static void addUsed(Route route, List<Route> used) {
            if (route.wasUsed()) {
                used.add(route);
            }
        }

        int tag(Octets packet, int destinationAt) {
            long high = Match.high(family, packet, destinationAt);
            long low = Match.low(family, packet, destinationAt);
            int rest = firstRest(high, low);
            return rest < 0 ? 0 : TagTable.tag(Match.maskHigh(high, rest), Match.maskLow(low, rest), rest);
        }

        /** Of the longest prefix that may take the address; -1 = none. */
        private int firstRest(long high, long low) {
            for (LengthGroup group : groups) {
                int present = group.present(high, low);
                for (int rest : group.rests()) {
                    if (LengthGroup.has(present, rest)) {
                        return rest;
                    }
                }
            }
            return -1;
        }

        /** True if a look-up for this IPv4 address meets that eroute before all others. */
        boolean isFirst(Route route, long address) {
            int rest = firstRest(0, address);
            return route.destinationRest == rest && route.destinationLow == Match.maskLow(address, rest);
        }

        Route lookup(Octets packet, PacketSelector offered) {
            if (protocolsGiven != 0 && !Route.protocolKnown(offered)) {
                portsMattered = true;
                return Route.UNDECIDED; // rare; so no table need be searched without a protocol
            }
            return lookup(
                    Match.high(family, packet, offered.destinationAt()),
                    Match.low(family, packet, offered.destinationAt()),
                    Match.high(family, packet, offered.sourceAt()),
                    Match.low(family, packet, offered.sourceAt()),
                    offered.protocol(),
                    offered);
        }

        /** @param offered the packet; null = nobody has parsed it, and its ports are not known */
        Route lookup(
                long high, long low, long sourceHigh, long sourceLow, int protocol, @Nullable PacketSelector offered) {
            for (LengthGroup group : groups) {
                int present = group.present(high, low);
                if (present == 0) {
                    continue;
                }
                for (int rest : group.rests()) {
                    Match found = LengthGroup.has(present, rest)
                            ? networks.get(Match.maskHigh(high, rest), Match.maskLow(low, rest), rest)
                            : null;
                    if (found != null) {
                        Route route = found instanceof Route one
                                ? choose(one, sourceHigh, sourceLow, protocol, offered)
                                : choose((Destination) found, sourceHigh, sourceLow, protocol, offered);
                        if (route != null) {
                            return route;
                        }
                    }
                }
            }
            return Route.NONE;
        }
    }
}
