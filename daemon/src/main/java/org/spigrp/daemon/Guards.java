package org.spigrp.daemon;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.spigrp.command.Event;
import org.spigrp.wire.Prefix;

/**
 * Sees to it that nothing meant for a group ever leaves in clear. Beside each route to a virtual interface stands one of
 * ours that makes the same network unreachable, of the largest metric: as long as the interface is there it is never
 * used; when the interface goes (or counts for nothing while nobody is behind it, as {@code ignore_routes_with_linkdown}
 * wants), packets do not fall through to the default route.
 *
 * <pre>
 *   10.2.0.0/16 dev ipsec0                              used while ipsec0 is there
 *   unreachable 10.2.0.0/16 metric 4294967295           else this
 *   default via 192.0.2.254 dev eth0                    never, for 10.2.0.0/16
 * </pre>
 *
 * The main table would stop protected packets to a host that is itself behind such a route, as in transport mode: guards
 * of single hosts stand where the stack's own sockets do not look.
 *
 * A guard goes with its route when somebody takes the route away while the interface is up, for that is meant. It stays
 * when the interface goes down or away, when this process ends or is killed.
 */
final class Guards {
    private final Machine machine;
    private final Events events;
    private final Set<Prefix> standing = new HashSet<>();
    /** Guards that could not be had, and the interface that each is for. */
    private final Map<Prefix, String> missing = new LinkedHashMap<>();

    /** Those of an earlier run stand still, and are ours. */
    Guards(Machine machine, Events events) {
        this.machine = machine;
        this.events = events;
        standing.addAll(machine.guards());
    }

    private void tryTo(Runnable change) {
        try {
            change.run();
        } catch (Machine.Trouble trouble) {
            events.tell(Event.Kind.STACK, null, trouble.say());
        }
    }

    /** Looks at all routes to the interface. */
    void cover(String virtual) {
        for (Prefix network : machine.routesTo(virtual)) {
            came(network, virtual);
        }
    }

    void came(Prefix network, String virtual) {
        if (isGuarded(network)) {
            standing.add(network);
            add(network, virtual); // also where it stands: a host's has a copy of the route beside it
        }
    }

    /** One that cannot be had is told, and tried again; traffic goes on as long as the interface is there. */
    private void add(Prefix network, String virtual) {
        try {
            machine.addGuard(network, virtual);
            missing.remove(network);
        } catch (Machine.Trouble trouble) {
            if (missing.put(network, virtual) == null) {
                events.tell(Event.Kind.STACK, null, trouble.say());
            }
        }
    }

    /** Once a second: what could not be had then may be had now, but for rights that do not come. */
    void addMissing() {
        if (machine.may(Machine.Right.NET_ADMIN)) {
            Map.copyOf(missing).forEach(this::add);
        }
    }

    /** @param deviceUp somebody took the route away, not the end of its interface */
    void gone(Prefix network, boolean deviceUp) {
        if (deviceUp && standing.remove(network)) {
            missing.remove(network);
            tryTo(() -> machine.removeGuard(network));
        }
    }

    /** Clear text may leave from now on. */
    void open() {
        for (Prefix network : standing) {
            tryTo(() -> machine.removeGuard(network));
        }
        standing.clear();
        missing.clear();
    }

    Set<Prefix> standing() {
        return Set.copyOf(standing);
    }

    /** Link-local and multicast routes are every interface's own. */
    private static boolean isGuarded(Prefix network) {
        return switch (network.family()) {
            case INET -> network.base().low() >>> 24 < 224;
            case INET6 ->
                network.base().high() >>> 54 != 0x3fa && network.base().high() >>> 56 != 0xff;
        };
    }
}
