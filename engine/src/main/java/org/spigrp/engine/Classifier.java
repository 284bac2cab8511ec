package org.spigrp.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.spigrp.engine.EngineOptions.Only;
import org.spigrp.engine.EngineOptions.Unmatched;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.Said;
import org.spigrp.sa.Selector;
import org.spigrp.wire.AhHeader;
import org.spigrp.wire.EspHeader;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.IpCompHeader;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Packet;
import org.spigrp.wire.PacketSelector;
import org.spigrp.wire.PlainV4;
import org.spigrp.wire.UdpHeader;
import org.spigrp.wire.Verdict;

/**
 * Says what is to become of a packet: which SA it came for, which eroute takes it. Changes no packet; answers that take
 * more than one word are read from it until the next question.
 *
 * <p>A packet came for us if its first IPsec header names an SA that there is. ESP, AH or IPComp for an SA that there is
 * not goes on like any packet, for it may be somebody else's in the capture; only where it is addressed to one of this
 * host's own addresses does it end in NO_SA.
 */
final class Classifier {
    private final Spd spd;
    private final Flows flows = new Flows();
    private final Sad sad;
    private final EngineOptions options;
    private KeyTable<Boolean> local = new KeyTable<>();
    private final Enclosed enclosed = new Enclosed();
    private final PacketSelector carried = new PacketSelector();
    private Only only;
    private Side side = Side.CAPTURE;
    private @Nullable SaEntry found;
    private int layer;
    private boolean wantsWhole;
    private boolean mustFollow;

    Classifier(Spd spd, Sad sad, EngineOptions options) {
        this.spd = spd;
        this.sad = sad;
        this.options = options;
        this.only = options.only();
        local(options.local());
    }

    /** Where packets come from. */
    enum Side {
        /** Both kinds, as in a capture. */
        CAPTURE,
        /** This host, in clear: to be protected. */
        CLEAR,
        /** The wire: to be peeled; what is for no SA goes nowhere. */
        WIRE
    }

    /** From here on packets come from there. */
    void side(Side newSide) {
        side = newSide;
        only = switch (newSide) {
            case CAPTURE -> options.only();
            case CLEAR -> Only.PROTECT;
            case WIRE -> Only.PEEL;
        };
    }

    /** Which half of the work is done for packets of this side. */
    Only only() {
        return only;
    }

    /** This host has these addresses now. */
    void local(Iterable<IpAddress> addresses) {
        var table = new KeyTable<Boolean>();
        for (IpAddress address : addresses) {
            table.put(address.high(), address.low(), address.family().version(), true);
        }
        local = table;
        flows.clear();
    }

    private boolean isLocal(Octets packet, Family family, int at) {
        if (local.size() == 0) {
            return false;
        }
        return family == Family.INET
                ? local.get(0, Integer.toUnsignedLong(packet.u32(at)), 4) != null
                : local.get(packet.u64(at), packet.u64(at + 8), 6) != null;
    }

    // Arriving

    /**
     * Looks for the SA that a whole packet came for. If there is one {@link #found} has it.
     *
     * @return NONE, or how the packet ends: NO_SA, TOO_SHORT, KEEPALIVE
     */
    Verdict peel(Octets packet, PacketSelector seen) {
        found = null;
        int at = seen.upperAt();
        int room = seen.end() - at;
        return switch (seen.protocol()) {
            case IpProtocol.ESP ->
                room < EspHeader.LENGTH
                        ? ours(packet, seen, Verdict.TOO_SHORT)
                        : find(SaProtocol.ESP, EspHeader.spi(packet, at), packet, seen);
            case IpProtocol.AH ->
                room < AhHeader.FIXED_LENGTH
                        ? ours(packet, seen, Verdict.TOO_SHORT)
                        : find(SaProtocol.AH, AhHeader.spi(packet, at), packet, seen);
            case IpProtocol.IPCOMP ->
                room < IpCompHeader.LENGTH
                        ? ours(packet, seen, Verdict.TOO_SHORT)
                        : find(SaProtocol.COMP, IpCompHeader.cpi(packet, at), packet, seen);
            case IpProtocol.IPV4, IpProtocol.IPV6 -> {
                found = bareTunnel(packet, seen);
                yield Verdict.NONE;
            }
            case IpProtocol.UDP -> udp(packet, seen);
            default -> Verdict.NONE;
        };
    }

    private @Nullable SaEntry bareTunnel(Octets packet, PacketSelector seen) {
        return sad.findBareTunnel(packet, seen.family(), seen.sourceAt(), seen.destinationAt());
    }

    private Verdict find(SaProtocol protocol, int spi, Octets packet, PacketSelector seen) {
        found = sad.find(protocol, spi, packet, seen.family(), seen.destinationAt());
        return found == null ? ours(packet, seen, Verdict.NO_SA) : Verdict.NONE;
    }

    /** The verdict where the packet was sent to this host, else NONE. */
    private Verdict ours(Octets packet, PacketSelector seen, Verdict verdict) {
        return isLocal(packet, seen.family(), seen.destinationAt()) ? verdict : Verdict.NONE;
    }

    /** RFC 3948 2: ESP, IKE or keepalive. What is not ESP of ours goes on as the UDP that it is. */
    private Verdict udp(Octets packet, PacketSelector seen) {
        int at = seen.upperAt();
        if (seen.portsCutOff()
                || !sad.isNatPort(packet, seen.family(), seen.destinationAt(), seen.destinationPort())
                || UdpHeader.check(packet, at, seen.end() - at) != Verdict.NONE) {
            return Verdict.NONE;
        }
        if (UdpHeader.isKeepalive(packet, at)) {
            return Verdict.KEEPALIVE;
        }
        int offset = UdpEncapsulation.espOffset(packet, at);
        if (offset != 0) {
            found = sad.find(SaProtocol.ESP, packet.u32(at + offset), packet, seen.family(), seen.destinationAt());
        }
        return Verdict.NONE;
    }

    /** The SA of the last {@link #peel}, or null. */
    @Nullable
    SaEntry found() {
        return found;
    }

    /** NONE if packets whose first header names this SA may come in; else {@link #layer} says where not. */
    Verdict mayReceive(SaEntry entry) {
        GroupPlan plan = entry.plan;
        layer = entry.index;
        if (!entry.sa.direction().mayReceive()) {
            return Verdict.WRONG_DIRECTION;
        }
        for (int i = entry.index + 1; i < plan.members.length; i++) {
            if (!plan.members[i].isComp) { // a sender may leave IPComp out
                return Verdict.SA_NOT_FIRST;
            }
        }
        if (plan.notForReceiving >= 0) {
            layer = plan.notForReceiving;
            return Verdict.WRONG_DIRECTION;
        }
        return unprotected(plan);
    }

    private Verdict unprotected(GroupPlan plan) {
        if (plan.unprotected >= 0) {
            layer = plan.unprotected;
            return Verdict.UNPROTECTED_ESP;
        }
        return Verdict.NONE;
    }

    /** The member that the last {@link #mayReceive} or {@link #maySend} stumbled over. */
    int layer() {
        return layer;
    }

    // Leaving

    /** The eroute of a packet, or one of the constants of {@link Route}. */
    Route route(Octets packet, PacketSelector seen) {
        Route route = only == Only.PEEL ? Route.NONE : lookup(packet, seen);
        if (route == Route.UNDECIDED || local.size() == 0 || !mayBeOwn(seen.protocol())) {
            return route;
        }
        if (!isLocal(packet, seen.family(), seen.sourceAt()) || !goesToPeer(route, packet, seen)) {
            return route;
        }
        if (seen.protocol() != IpProtocol.UDP) {
            return Route.OWN;
        }
        if (seen.isLaterFragment()) {
            return Route.UNDECIDED;
        }
        boolean ike = seen.sourcePort() == UdpHeader.IKE_PORT || seen.sourcePort() == UdpHeader.NAT_T_PORT;
        return ike ? Route.OWN : route;
    }

    /**
     * The eroute of a packet that nobody has looked at, where {@link #peel}, {@link #isLoop}, {@link #route} and
     * {@link #withoutGroup} could say nothing else: a plain packet with ports, neither ESP nor this host's own, whose eroute
     * leads to a group and has its program. Null = they must be asked.
     *
     * @param likely see {@link Spd#lookupPlain}
     */
    @Nullable
    Route plainRoute(Packet packet, @Nullable Route likely) {
        if (only == Only.PEEL || !PlainV4.is(packet)) {
            return null;
        }
        int protocol = Ipv4Header.protocol(packet, 0);
        if (!IpProtocol.hasPorts(protocol) || (protocol == IpProtocol.UDP && mayBeOurs(packet))) {
            return null;
        }
        Route route = spd.lookupPlain(packet, protocol, likely);
        return route.hasEroute() && sad.programOf(route) != null ? route : null;
    }

    /** Whether UDP may be ESP of ours, or IKE of this host. */
    private boolean mayBeOurs(Packet packet) {
        return isLocal(packet, Family.INET, Ipv4Header.SOURCE)
                || sad.isNatPort(
                        packet,
                        Family.INET,
                        Ipv4Header.DESTINATION,
                        UdpHeader.destinationPort(packet, Ipv4Header.MIN_LENGTH));
    }

    private Route lookupFlow(Octets packet, PacketSelector seen) {
        if (!seen.isPlainV4()) {
            return spd.lookup(packet, seen);
        }
        Flows.Flow flow = flows.get(seen);
        if (flow != null && flow.untunnel() == null) {
            return flow.route();
        }
        Route route = spd.lookup(packet, seen);
        flows.put(seen, route, null);
        return route;
    }

    /** The flow of a packet that nobody has looked at, or null. */
    Flows.@Nullable Flow flow(Packet packet) {
        return flows.get(packet);
    }

    /** The packet's flow is peeled by this program. */
    void remember(EspUntunnel program, Packet packet, PacketSelector seen) {
        if (seen.isPlainV4() && program.takes(packet)) {
            flows.put(seen, program);
        }
    }

    /**
     * The packet's flow goes through this program. Whatever {@link #peel}, {@link #isLoop} and {@link #maySend} said of
     * this packet they will say of all that follow, but for UDP that may be ESP of ours.
     */
    void remember(Encapsulation program, Route route, Octets packet, PacketSelector seen) {
        boolean mayBeEsp = seen.protocol() == IpProtocol.UDP
                && sad.isNatPort(packet, seen.family(), seen.destinationAt(), seen.destinationPort());
        if (seen.isPlainV4() && IpProtocol.hasPorts(seen.protocol()) && !mayBeEsp) {
            flows.put(seen, route, program);
        }
    }

    /** The same of a packet that {@link #plainRoute} was asked about. */
    void remember(Encapsulation program, Route route, Packet packet) {
        flows.put(PlainV4.addresses(packet, 0), PlainV4.upper(packet, 0), route, program);
    }

    /** Eroutes, SAs or groups have changed. */
    void forgetFlows() {
        flows.clear();
    }

    /** An ICMP error that no eroute takes goes with the packet it quotes (RFC 4301 6.1). */
    private Route lookup(Octets packet, PacketSelector seen) {
        Route route = lookupFlow(packet, seen);
        if (route == Route.NONE && side == Side.CLEAR) {
            Packet quoted = enclosed.turnedRound(packet, seen);
            if (quoted != null) {
                return spd.lookup(quoted, enclosed.seen());
            }
        }
        return route;
    }

    /** True if what is to go out is what went out already: the outer packet was routed back to the virtual interface. */
    boolean isLoop(Octets packet, PacketSelector seen) {
        if (side != Side.CLEAR || !mayBeOwn(seen.protocol())) {
            return false;
        }
        Verdict verdict = peel(packet, seen);
        SaEntry entry = found;
        return verdict == Verdict.NONE
                && entry != null
                && entry == entry.plan.outermost()
                && entry.sa.direction().maySend()
                && entry.comesFrom(packet, seen.family(), seen.sourceAt())
                && isLocal(packet, seen.family(), seen.sourceAt());
    }

    /** How a packet from the wire ends that is for no SA; {@link #found} has the tunnel that it should have come by. */
    private Verdict unwanted(Octets packet, PacketSelector seen) {
        found = null;
        if (seen.protocol() == IpProtocol.UDP
                && sad.isNatPort(packet, seen.family(), seen.destinationAt(), seen.destinationPort())) {
            boolean esp = UdpHeader.check(packet, seen.upperAt(), seen.end() - seen.upperAt()) == Verdict.NONE
                    && UdpEncapsulation.espOffset(packet, seen.upperAt()) != 0;
            return esp ? Verdict.NO_SA : Verdict.NOT_ESP;
        }
        boolean tunnel = seen.protocol() == IpProtocol.IPV4 || seen.protocol() == IpProtocol.IPV6;
        if (tunnel && !seen.isLaterFragment()) {
            Verdict verdict = carried.parse(packet, seen.upperAt(), seen.end() - seen.upperAt());
            return verdict == Verdict.NONE && isProtected(packet, carried)
                    ? Verdict.CLEAR_BUT_PROTECTED
                    : Verdict.NO_SA;
        }
        boolean clear = seen.protocol() != IpProtocol.ESP
                && seen.protocol() != IpProtocol.AH
                && seen.protocol() != IpProtocol.IPCOMP;
        return clear && isProtected(packet, seen) ? Verdict.CLEAR_BUT_PROTECTED : Verdict.NO_SA;
    }

    /** True if an inbound policy wants such packets protected (RFC 4301 5.2). */
    boolean isProtected(Octets packet, PacketSelector seen) {
        List<Sad.Policy> policies = sad.policies();
        for (int i = 0; i < policies.size(); i++) {
            Selector selector = policies.get(i).selector();
            if (Route.takesAddresses(selector, packet, seen)
                    && (!selector.needsPorts() || Route.takesPorts(selector, seen))) {
                found = sad.find(policies.get(i).tunnel());
                return true;
            }
        }
        return false;
    }

    private static boolean mayBeOwn(int protocol) {
        return protocol == IpProtocol.ESP || protocol == IpProtocol.AH || protocol == IpProtocol.UDP;
    }

    /** The built-in bypass (specification 6.1.3) is for what goes to the very peer of the eroute, or to no eroute. */
    private static boolean goesToPeer(Route route, Octets packet, PacketSelector seen) {
        if (!route.hasEroute()) {
            return true;
        }
        Said said = route.eroute().said();
        IpAddress peer = said.destination();
        return peer.isAny() || (peer.family() == seen.family() && peer.isAt(packet, seen.destinationAt()));
    }

    /**
     * The route of a fragment of which nothing is known yet; UNDECIDED where the first fragment must say. Otherwise
     * {@link #wantsWhole} and {@link #mustFollow} say how the datagram's other fragments are treated.
     */
    Route routeOfPart(Octets packet, PacketSelector seen) {
        wantsWhole = false;
        mustFollow = false;
        if (only != Only.PROTECT && mayBeForSa(packet, seen)) {
            if (seen.isLaterFragment()) {
                return Route.UNDECIDED;
            }
            mustFollow = true;
            if (isForSa(packet, seen)) {
                wantsWhole = true;
                return Route.NONE;
            }
        }
        Route route = route(packet, seen);
        mustFollow |= only != Only.PEEL && spd.portsMattered();
        mustFollow |= local.size() != 0 && seen.protocol() == IpProtocol.UDP;
        if (route.hasEroute() && route.shunt == null) {
            GroupPlan plan = sad.planOf(route);
            wantsWhole = plan != null && !plan.tunnelFirst;
        }
        return route;
    }

    /** True if fragments like this one must be held until the first has shown its SPI. */
    private boolean mayBeForSa(Octets packet, PacketSelector seen) {
        return switch (seen.protocol()) {
            case IpProtocol.ESP, IpProtocol.AH, IpProtocol.IPCOMP -> true;
            case IpProtocol.IPV4, IpProtocol.IPV6 -> bareTunnel(packet, seen) != null;
            case IpProtocol.UDP -> sad.isNatDestination(packet, seen.family(), seen.destinationAt());
            default -> !Route.protocolKnown(seen);
        };
    }

    /** Of a first fragment; one that shows too little is taken for ours, the whole will tell. */
    private boolean isForSa(Octets packet, PacketSelector seen) {
        int at = seen.upperAt();
        int room = seen.end() - at;
        return switch (seen.protocol()) {
            case IpProtocol.AH ->
                room < AhHeader.SPI + 4 || isForSa(SaProtocol.AH, AhHeader.spi(packet, at), packet, seen);
            case IpProtocol.UDP -> {
                if (seen.portsCutOff()
                        || !sad.isNatPort(packet, seen.family(), seen.destinationAt(), seen.destinationPort())) {
                    yield false;
                }
                if (room < UdpHeader.LENGTH + 16) {
                    yield true;
                }
                int offset = UdpEncapsulation.espOffset(packet, at);
                yield offset != 0 && isForSa(SaProtocol.ESP, packet.u32(at + offset), packet, seen);
            }
            default -> peel(packet, seen) != Verdict.NONE || found != null;
        };
    }

    private boolean isForSa(SaProtocol protocol, int spi, Octets packet, PacketSelector seen) {
        return find(protocol, spi, packet, seen) != Verdict.NONE || found != null;
    }

    /** True if the datagram of the last {@link #routeOfPart} is to be put together first. */
    boolean wantsWhole() {
        return wantsWhole;
    }

    /** True if its later fragments cannot be judged by themselves, and must go the way of the first. */
    boolean mustFollow() {
        return mustFollow;
    }

    /** How packets on this route end if no group is behind it; NONE if one is. */
    Verdict withoutGroup(Route route, Octets packet, PacketSelector seen) {
        if (route == Route.OWN) {
            return Verdict.PASSED_OWN;
        }
        if (side == Side.WIRE) {
            return unwanted(packet, seen);
        }
        if (!route.hasEroute()) {
            return options.unmatched() == Unmatched.PASS ? Verdict.PASSED : Verdict.NO_EROUTE;
        }
        if (route.shunt == null) {
            return sad.planOf(route) == null ? Verdict.NO_SA : Verdict.NONE;
        }
        return switch (route.shunt) {
            case PASS -> Verdict.PASSED_BY_SHUNT;
            case DROP -> Verdict.DROPPED_BY_SHUNT;
            case REJECT -> Verdict.REJECTED_BY_SHUNT;
            case HOLD -> Verdict.HELD_BY_SHUNT;
            case TRAP, TRAPSUBNET -> Verdict.TRAPPED_BY_SHUNT;
        };
    }

    /** NONE if the packet may go through the group; else {@link #layer} says where not. */
    Verdict maySend(GroupPlan plan, Octets packet, PacketSelector seen) {
        layer = 0;
        if (plan.notForSending >= 0) {
            layer = plan.notForSending;
            return Verdict.WRONG_DIRECTION;
        }
        if (!plan.tunnelFirst && Fragments.isPart(packet, seen)) {
            return Verdict.FRAGMENT_IN_TRANSPORT;
        }
        return unprotected(plan);
    }

    /** Of the IP header with what a transport layer leaves in front. */
    static int headerLength(PacketSelector seen) {
        return seen.family() == Family.INET
                ? seen.upperAt() - seen.at()
                : seen.chain().transportAt() - seen.at();
    }
}
