package org.spigrp.linux;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.spigrp.wire.Family;
import org.spigrp.wire.Prefix;

/**
 * Routes of the network namespace of the calling thread.
 *
 * <p>An unreachable route answers "no route to host" where another one is missing: it is what keeps clear text from
 * leaving by a default route when the route into a TUN device does not count. Ours have the mark
 * {@link KernelRoute#OURS}, and only those are taken away again.
 */
public final class Routes {
    private static final int SCOPE_NOWHERE = 255;

    private Routes() {}

    /** Of both families and all tables. */
    public static List<KernelRoute> all() {
        List<KernelRoute> found = new ArrayList<>();
        try (var netlink = new Netlink(0)) {
            for (NetlinkMessage message : netlink.dump(NetlinkMessage.GET_ROUTE, NetlinkMessage.NEW_ROUTE)) {
                found.addAll(message.routes());
            }
        }
        return found;
    }

    /** Those that lead out by an interface, of both families and all tables. */
    public static List<KernelRoute> of(int interfaceIndex) {
        return all().stream()
                .filter(route -> route.interfaceIndex() == interfaceIndex)
                .toList();
    }

    /** Our own unreachable routes. */
    public static List<KernelRoute> unreachable() {
        return all().stream()
                .filter(route -> route.type() == KernelRoute.UNREACHABLE && route.protocol() == KernelRoute.OURS)
                .toList();
    }

    /**
     * Adds one to the main table. If it is there already, nothing is done.
     *
     * @param metric more than that of the route that it stands behind; 1..4294967295
     */
    public static void addUnreachable(Prefix destination, long metric) {
        try (var netlink = new Netlink(0)) {
            int flags = Netlink.CREATE | Netlink.EXCL;
            int result = netlink.change(request(destination, metric, 0), NetlinkMessage.NEW_ROUTE, flags);
            if (result < 0 && !(Errno.EEXIST.is(result) && isOurs(destination, metric))) {
                throw trouble("make", destination, metric, result);
            }
        }
    }

    private static boolean isOurs(Prefix destination, long metric) {
        return unreachable().stream()
                .anyMatch(route -> route.destination().equals(destination) && route.metric() == metric);
    }

    /** Takes one of ours away; false if there was none. */
    public static boolean removeUnreachable(Prefix destination, long metric) {
        try (var netlink = new Netlink(0)) {
            ByteBuffer request = request(destination, metric, SCOPE_NOWHERE);
            int result = netlink.change(request, NetlinkMessage.DEL_ROUTE, 0);
            if (result < 0 && !Errno.ESRCH.is(result)) {
                throw trouble("take away", destination, metric, result);
            }
            return result >= 0;
        }
    }

    private static ByteBuffer request(Prefix destination, long metric, int scope) {
        if (metric < 1 || metric > 0xffff_ffffL) {
            throw new IllegalArgumentException("metric " + metric + " is not in 1..4294967295");
        }
        ByteBuffer request = Netlink.request();
        request.put((byte) (destination.family() == Family.INET ? Layouts.AF_INET : Layouts.AF_INET6));
        request.put((byte) destination.bits()).put((byte) 0).put((byte) 0);
        request.put((byte) KernelRoute.MAIN_TABLE).put((byte) KernelRoute.OURS).put((byte) scope);
        request.put((byte) KernelRoute.UNREACHABLE).putInt(0);
        Netlink.attribute(request, NetlinkMessage.RTA_DST, destination.base().toBytes());
        Netlink.attribute(request, NetlinkMessage.RTA_PRIORITY, (int) metric);
        return request;
    }

    private static KernelTrouble trouble(String what, Prefix destination, long metric, int result) {
        String why;
        if (Errno.EPERM.is(result)) {
            why = "not permitted: it needs CAP_NET_ADMIN; run as root, or give the process that capability";
        } else if (Errno.EEXIST.is(result)) {
            why = "another route to the same destination has this metric; see `ip route`";
        } else {
            why = Errno.text(-result);
        }
        return new KernelTrouble(
                "cannot " + what + " the unreachable route to " + destination + " with metric " + metric + ": " + why,
                -result);
    }
}
