package org.spigrp.engine;

import org.spigrp.sa.Selector;
import org.spigrp.wire.Family;
import org.spigrp.wire.Octets;
import org.spigrp.wire.PacketSelector;

/**
 * A selector as packets are compared with it: its numbers side by side in one object, where the {@link Selector} itself
 * is a dozen of them, each in another line of the cache.
 *
 * <p>An address is two longs, as in {@link org.spigrp.wire.IpAddress}; for a prefix stands how many of its last bits do
 * not count. Then one comparison serves both families.
 */
class Match extends Changes.Item {
    final long sourceHigh;
    final long sourceLow;
    final long destinationHigh;
    final long destinationLow;
    private final char firstSourcePort;
    private final char lastSourcePort;
    private final char firstDestinationPort;
    private final char lastDestinationPort;
    /** Last bits of the source that do not count. */
    final short sourceRest;

    final short destinationRest;
    final short protocol;
    final boolean v6;
    final boolean needsPorts;

    Match(Selector selector) {
        sourceHigh = selector.source().base().high();
        sourceLow = selector.source().base().low();
        destinationHigh = selector.destination().base().high();
        destinationLow = selector.destination().base().low();
        firstSourcePort = (char) selector.sourcePorts().first();
        lastSourcePort = (char) selector.sourcePorts().last();
        firstDestinationPort = (char) selector.destinationPorts().first();
        lastDestinationPort = (char) selector.destinationPorts().last();
        sourceRest = (short) rest(selector.family(), selector.source().bits());
        destinationRest = (short) rest(selector.family(), selector.destination().bits());
        protocol = (short) selector.protocol();
        v6 = selector.family() == Family.INET6;
        needsPorts = selector.needsPorts();
    }

    static int rest(Family family, int bits) {
        return family.bits() - bits;
    }

    /** High half of an address whose last bits are cleared. */
    static long maskHigh(long high, int rest) {
        return rest <= 64 ? high : rest == 128 ? 0 : high & -1L << (rest - 64);
    }

    /** Low half; IPv4 sits in its lower 32 bits. */
    static long maskLow(long low, int rest) {
        return rest >= 64 ? 0 : low & -1L << rest;
    }

    /** High half of an address in a packet. */
    static long high(Family family, Octets packet, int at) {
        return family == Family.INET ? 0 : packet.u64(at);
    }

    static long low(Family family, Octets packet, int at) {
        return family == Family.INET ? Integer.toUnsignedLong(packet.u32(at)) : packet.u64(at + 8);
    }

    /** True if nothing differs but the last bits. */
    private static boolean same(long highDifference, long lowDifference, int rest) {
        return rest < 64
                ? (highDifference | lowDifference >>> rest) == 0
                : rest == 128 || highDifference >>> (rest - 64) == 0;
    }

    final boolean takesSource(long high, long low) {
        return same(high ^ sourceHigh, low ^ sourceLow, sourceRest);
    }

    final boolean takesProtocol(int offered) {
        return protocol == offered || protocol == Selector.ANY_PROTOCOL;
    }

    /** True if addresses and protocol are the selector's. */
    final boolean takesAddresses(Octets packet, PacketSelector offered) {
        Family family = offered.family();
        if (v6 != (family == Family.INET6) || !takesProtocol(offered.protocol())) {
            return false;
        }
        int destinationAt = offered.destinationAt();
        return takesSource(high(family, packet, offered.sourceAt()), low(family, packet, offered.sourceAt()))
                && same(
                        high(family, packet, destinationAt) ^ destinationHigh,
                        low(family, packet, destinationAt) ^ destinationLow,
                        destinationRest);
    }

    /** True if the ports are shown, and are the selector's. */
    final boolean takesPorts(PacketSelector offered) {
        int source = offered.sourcePort();
        int destination = offered.destinationPort();
        return source != PacketSelector.OPAQUE
                && firstSourcePort <= source
                && source <= lastSourcePort
                && firstDestinationPort <= destination
                && destination <= lastDestinationPort;
    }

    /** Pairs of ports, or of ICMP type and code, that the selector takes. */
    final long width() {
        return (lastSourcePort - firstSourcePort + 1L) * (lastDestinationPort - firstDestinationPort + 1L);
    }

    /** True if it is the same selector. */
    final boolean isSame(Match other) {
        return sourceHigh == other.sourceHigh
                && sourceLow == other.sourceLow
                && destinationHigh == other.destinationHigh
                && destinationLow == other.destinationLow
                && sourceRest == other.sourceRest
                && destinationRest == other.destinationRest
                && protocol == other.protocol
                && v6 == other.v6
                && firstSourcePort == other.firstSourcePort
                && lastSourcePort == other.lastSourcePort
                && firstDestinationPort == other.firstDestinationPort
                && lastDestinationPort == other.lastDestinationPort;
    }
}
