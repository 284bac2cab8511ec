package org.spigrp.engine;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Snapshot;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.ErouteUse;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Shunt;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Octets;
import org.spigrp.wire.PacketSelector;
import org.spigrp.wire.Prefix;

/**
 * An eroute at work: its rank among others, what it leads to once that was looked up, and its use. What a packet needs
 * of it stands in it, and not in the records that the administrator sees.
 */
final class Route extends Match {
    /** No eroute selects the packet. */
    static final Route NONE = new Route();
    /** The ports decide, and this packet does not show them. */
    static final Route UNDECIDED = new Route();
    /** The host's own IKE, ESP and AH. */
    static final Route OWN = new Route();

    /** The best of several that select a packet comes first; see {@link Spd}. */
    static final Comparator<Route> BEST_FIRST = Comparator.comparingInt((Route r) -> r.destinationRest)
            .thenComparingInt(r -> r.sourceRest)
            .thenComparing(r -> r.protocol == Selector.ANY_PROTOCOL)
            .thenComparingLong(Match::width)
            .thenComparingLong(r -> r.age);

    private final @Nullable Eroute eroute;
    /**
     * False for the constants. Not {@code eroute != null}: as the JVM compiled it, that took 140 ns a packet among 100,000
     * eroutes, as long as to fetch the eroute itself, which no packet needs.
     */
    private final boolean hasEroute;

    final @Nullable Shunt shunt;
    private final Changes<Route> uses;

    /** The group that it leads to, as {@link Sad#planOf} said last; null where there is no such SA. */
    @Nullable
    GroupPlan plan;

    /** The program by which its packets may leave at once; null where there is none. */
    @Nullable
    Encapsulation program;

    /** Which epoch of {@link Sad} it was that these two are good for; 0 = they were never asked for. */
    int planEpoch;

    /** Smaller is older. */
    long age;

    private long packets;
    private long lastUsedSeconds;
    private boolean used;
    /** It was removed or replaced; a datagram of which fragments are waited for may still know it. */
    boolean isGone;

    private boolean beforeCounted;

    Route(Eroute eroute, long age, Changes<Route> uses) {
        super(eroute.selector());
        this.eroute = eroute;
        hasEroute = true;
        this.age = age;
        this.uses = uses;
        shunt = eroute.shunt();
    }

    private Route() {
        super(Selector.between(Prefix.all(Family.INET), Prefix.all(Family.INET)));
        eroute = null;
        hasEroute = false;
        uses = new Changes<>();
        shunt = null;
    }

    boolean hasEroute() {
        return hasEroute;
    }

    /** Of one that has one. */
    Eroute eroute() {
        if (eroute == null) {
            throw new IllegalStateException("no eroute");
        }
        return eroute;
    }

    Selector selector() {
        return eroute().selector();
    }

    /** True if addresses and protocol are the selector's. */
    static boolean takesAddresses(Selector selector, Octets packet, PacketSelector offered) {
        return selector.family() == offered.family()
                && (selector.protocol() == Selector.ANY_PROTOCOL || selector.protocol() == offered.protocol())
                && selector.source().containsAt(packet, offered.sourceAt())
                && selector.destination().containsAt(packet, offered.destinationAt());
    }

    /** True if the ports are shown, and are the selector's. */
    static boolean takesPorts(Selector selector, PacketSelector offered) {
        return offered.sourcePort() != PacketSelector.OPAQUE
                && selector.sourcePorts().contains(offered.sourcePort())
                && selector.destinationPorts().contains(offered.destinationPort());
    }

    /** True where the packet has ports (or type and code) that cannot be seen here: a later fragment, a cut header. */
    static boolean hidesPorts(PacketSelector offered) {
        return offered.portsCutOff() || (offered.isLaterFragment() && mayHavePorts(offered));
    }

    private static boolean mayHavePorts(PacketSelector offered) {
        int icmp = offered.family() == Family.INET ? IpProtocol.ICMP : IpProtocol.ICMPV6;
        return IpProtocol.hasPorts(offered.protocol()) || offered.protocol() == icmp;
    }

    /** False for later IPv6 fragments whose first begins with another extension header (RFC 8200 4.5). */
    static boolean protocolKnown(PacketSelector offered) {
        if (!offered.isLaterFragment() || offered.family() == Family.INET) {
            return true;
        }
        return switch (offered.protocol()) {
            case IpProtocol.DESTINATION_OPTIONS,
                    IpProtocol.ROUTING,
                    IpProtocol.HOP_BY_HOP,
                    IpProtocol.MOBILITY,
                    IpProtocol.HIP,
                    IpProtocol.SHIM6 -> false;
            default -> true;
        };
    }

    /** Reads each line of it; see {@link Lookahead}. */
    int touch() {
        return (int) (sourceHigh + destinationLow + lastUsedSeconds) + planEpoch;
    }

    void countUse(int ofPackets, long nowSeconds) {
        packets += ofPackets;
        used = true;
        lastUsedSeconds = nowSeconds;
        uses.note(this);
    }

    boolean wasUsed() {
        return used;
    }

    /** Use of this run on top of what the tables had when it was asked for first. */
    ErouteUse use(Snapshot snapshot) {
        if (!beforeCounted) {
            beforeCounted = true;
            packets += snapshot.erouteUse(selector()).packets();
        }
        return new ErouteUse(packets, lastUsedSeconds);
    }
}
