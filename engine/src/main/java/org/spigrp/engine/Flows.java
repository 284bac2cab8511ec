package org.spigrp.engine;

import org.jspecify.annotations.Nullable;
import org.spigrp.wire.Packet;
import org.spigrp.wire.PacketSelector;
import org.spigrp.wire.PlainV4;

/**
 * What became of flows seen lately: their eroute, and the program of its group where nothing else need be asked; or, of
 * those that come, the program that peels them. Most packets are followed by others of their flow; one multiplication
 * and two comparisons are then what eroutes and checks cost, however many eroutes there are and in however many lengths
 * of prefix.
 *
 * <p>A table of its own has the inner flows that inbound policies have let in: {@link #hasLetIn}.
 *
 * <p>For plain IPv4 packets (no options, no fragments). A newer flow takes an older one's place. {@link #clear} when
 * anything has changed that an answer hangs on: eroutes, SAs, groups, this host's addresses. Small enough to stay in a
 * core's own cache, and never grown or replaced, so that it makes no garbage.
 */
final class Flows {
    /** A power of two. */
    private static final int SLOTS = 512;

    private static final long MIX = 0x9e37_79b9_7f4a_7c15L;

    /** A flow, its eroute, and the program that takes its packets; null where they must be looked at one by one. */
    final class Flow {
        private long addresses;
        private long upper;
        private boolean known;
        private Route route = Route.NONE;
        private @Nullable Encapsulation program;
        private @Nullable EspUntunnel untunnel;

        /** The same for packets of an SA that come. */
        @Nullable
        EspUntunnel untunnel() {
            return untunnel;
        }

        /** Whether a packet that nobody has looked at goes the same way. */
        boolean takes(Packet packet) {
            return PlainV4.is(packet) && takesPlain(packet);
        }

        /** The same of one that is known to be a plain one: it is of this flow, or of another that goes the same way. */
        boolean takesPlain(Packet packet) {
            long itsAddresses = PlainV4.addresses(packet, 0);
            long itsUpper = PlainV4.upper(packet, 0);
            return (addresses == itsAddresses && upper == itsUpper) || isLike(get(itsAddresses, itsUpper));
        }

        @SuppressWarnings("ReferenceEquality") // the very same route and program
        private boolean isLike(@Nullable Flow other) {
            return other != null && other.route == route && other.program == program && other.untunnel == untunnel;
        }

        Route route() {
            return route;
        }

        @Nullable
        Encapsulation program() {
            return program;
        }
    }

    private final Flow[] flows = new Flow[SLOTS];

    Flows() {
        for (int i = 0; i < SLOTS; i++) {
            flows[i] = new Flow();
        }
    }

    private Flow slot(long addresses, long upper) {
        long hash = (addresses ^ Long.rotateLeft(upper, 17)) * MIX;
        return flows[(int) (hash >>> 40) & SLOTS - 1];
    }

    private @Nullable Flow get(long addresses, long upper) {
        Flow flow = slot(addresses, upper);
        return flow.addresses == addresses && flow.upper == upper && flow.known ? flow : null;
    }

    /** The packet's flow, or null if it is not here. */
    @Nullable
    Flow get(PacketSelector seen) {
        return get(seen.addresses(), seen.upper());
    }

    /** The same of a packet that nobody has looked at, if it is a plain one. */
    @Nullable
    Flow get(Packet packet) {
        return PlainV4.is(packet) ? get(PlainV4.addresses(packet, 0), PlainV4.upper(packet, 0)) : null;
    }

    void put(PacketSelector seen, Route route, @Nullable Encapsulation program) {
        put(seen.addresses(), seen.upper(), route, program, null);
    }

    void put(long addresses, long upper, Route route, @Nullable Encapsulation program) {
        put(addresses, upper, route, program, null);
    }

    /** Of packets that are peeled. */
    void put(PacketSelector seen, EspUntunnel untunnel) {
        put(seen.addresses(), seen.upper(), Route.NONE, null, untunnel);
    }

    private void put(
            long addresses, long upper, Route route, @Nullable Encapsulation program, @Nullable EspUntunnel untunnel) {
        Flow flow = slot(addresses, upper);
        flow.addresses = addresses;
        flow.upper = upper;
        flow.route = route;
        flow.program = program;
        flow.untunnel = untunnel;
        flow.known = true;
    }

    /** Whether the policy of this program's group was asked about an inner flow, and let it in. */
    boolean hasLetIn(EspUntunnel program, long addresses, long upper) {
        Flow flow = slot(addresses, upper);
        return flow.addresses == addresses && flow.upper == upper && program.equals(flow.untunnel);
    }

    void clear() {
        for (Flow flow : flows) {
            flow.known = false;
            flow.route = Route.NONE;
            flow.program = null;
            flow.untunnel = null;
        }
    }
}
