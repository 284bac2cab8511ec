package org.spigrp.engine;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Snapshot;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.ErouteUse;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Selector.PortRange;
import org.spigrp.sa.Shunt;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Octets;
import org.spigrp.wire.PacketSelector;

/** An eroute at work: its rank among others, what it leads to once that was looked up, and its use. */
final class Route {
    /** No eroute selects the packet. */
    static final Route NONE = new Route(null, 0);
    /** The ports decide, and this packet does not show them. */
    static final Route UNDECIDED = new Route(null, 0);
    /** The host's own IKE, ESP and AH. */
    static final Route OWN = new Route(null, 0);

    /** The best of several that select a packet comes first; see {@link Spd}. */
    static final Comparator<Route> BEST_FIRST = Comparator.comparingInt(
                    (Route r) -> -r.selector().destination().bits())
            .thenComparingInt(r -> -r.selector().source().bits())
            .thenComparing(r -> r.selector().protocol() == Selector.ANY_PROTOCOL)
            .thenComparingLong(r -> width(r.selector()))
            .thenComparingInt(r -> r.order);

    private final @Nullable Eroute eroute;
    private final int order;
    final @Nullable Shunt shunt;

    /** The group that it leads to; null before {@link Sad#planOf} was asked, and where there is no such SA. */
    @Nullable
    GroupPlan plan;

    boolean planKnown;
    private @Nullable ErouteUse before;
    private long packets;
    private long lastUsedSeconds;

    Route(@Nullable Eroute eroute, int order) {
        this.eroute = eroute;
        this.order = order;
        this.shunt = eroute == null ? null : eroute.shunt();
    }

    /** Pairs of ports, or of ICMP type and code, that the selector takes. */
    private static long width(Selector selector) {
        return width(selector.sourcePorts()) * width(selector.destinationPorts());
    }

    private static long width(PortRange range) {
        return range.last() - range.first() + 1L;
    }

    /** False for the constants. */
    boolean hasEroute() {
        return eroute != null;
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

    /** Takes over the counts of the route that stood here before the eroutes were read again. */
    void goOn(Route old) {
        before = old.before;
        packets = old.packets;
        lastUsedSeconds = old.lastUsedSeconds;
    }

    void countUse(long nowSeconds) {
        packets++;
        lastUsedSeconds = nowSeconds;
    }

    boolean wasUsed() {
        return packets != 0;
    }

    /** Use of this run on top of what the tables had when it was asked for first. */
    ErouteUse use(Snapshot snapshot) {
        if (before == null) {
            before = snapshot.erouteUse(selector());
        }
        return new ErouteUse(before.packets() + packets, lastUsedSeconds);
    }
}
