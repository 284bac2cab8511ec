package org.spigrp.linux;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Prefix;

/**
 * Routes to single hosts that must not be reached in clear, where the host may be the very peer that protected packets go
 * to (transport mode). An unreachable route in the main table would stop those as well, for it counts whatever interface a
 * socket is bound to. So both routes stand in a table of their own, which our sockets ({@link #MARK}) do not ask:
 *
 * <pre>
 *   rule     not fwmark 0x1a7: table 183, before the main table
 *   table    host dev ipsec0; unreachable host, of a larger metric
 * </pre>
 *
 * The copy of the route goes with its interface, by the kernel; what makes the host unreachable stays.
 */
public final class HostRoutes {
    /** Of sockets whose packets are protected already. */
    static final int MARK = 0x1a7;

    static final int TABLE = 183;
    /** Before the main table's 32766. */
    private static final int PREFERENCE = 32_700;

    private static final int NEW_RULE = 32;
    private static final int TO_TABLE = 1;
    private static final int INVERT = 2;
    private static final int FRA_PRIORITY = 6;
    private static final int FRA_FWMARK = 10;
    private static final int FRA_PROTOCOL = 21;
    private static final int RTA_OIF = 4;
    private static final int SCOPE_LINK = 253;
    private static final int SCOPE_NOWHERE = 255;

    private HostRoutes() {}

    /**
     * Makes the host reachable by that interface only, and unreachable without it. Done already: done again.
     *
     * @param source that the route which is copied prefers; null = none
     */
    public static void guard(Prefix host, int interfaceIndex, @Nullable IpAddress source, long metric) {
        try (var netlink = new Netlink(0)) {
            rule(netlink, host.family());
            add(netlink, route(host, metric, KernelRoute.UNREACHABLE, 0), host, Netlink.EXCL);
            ByteBuffer copy = route(host, 0, KernelRoute.UNICAST, SCOPE_LINK);
            Netlink.attribute(copy, RTA_OIF, interfaceIndex);
            if (source != null) {
                Netlink.attribute(copy, NetlinkMessage.RTA_PREFSRC, source.toBytes());
            }
            add(netlink, copy, host, Netlink.REPLACE);
        }
    }

    /** Takes both routes away. */
    public static void release(Prefix host, long metric) {
        try (var netlink = new Netlink(0)) {
            netlink.change(route(host, 0, KernelRoute.UNICAST, SCOPE_NOWHERE), NetlinkMessage.DEL_ROUTE, 0);
            netlink.change(route(host, metric, KernelRoute.UNREACHABLE, SCOPE_NOWHERE), NetlinkMessage.DEL_ROUTE, 0);
        }
    }

    private static void rule(Netlink netlink, Family family) {
        ByteBuffer request = Netlink.request();
        request.put(family(family)).put((byte) 0).put((byte) 0).put((byte) 0);
        request.put((byte) TABLE)
                .put((byte) 0)
                .put((byte) 0)
                .put((byte) TO_TABLE)
                .putInt(INVERT);
        Netlink.attribute(request, FRA_PRIORITY, PREFERENCE);
        Netlink.attribute(request, FRA_FWMARK, MARK);
        Netlink.attribute(request, FRA_PROTOCOL, new byte[] {(byte) KernelRoute.OURS});
        done(netlink.change(request, NEW_RULE, Netlink.CREATE | Netlink.EXCL), "the rule for routes to hosts");
    }

    private static void add(Netlink netlink, ByteBuffer route, Prefix host, int how) {
        done(
                netlink.change(route, NetlinkMessage.NEW_ROUTE, Netlink.CREATE | how),
                "the route to " + host + " in table " + TABLE);
    }

    private static ByteBuffer route(Prefix host, long metric, int type, int scope) {
        ByteBuffer request = Netlink.request();
        request.put(family(host.family())).put((byte) host.bits()).put((byte) 0).put((byte) 0);
        request.put((byte) TABLE)
                .put((byte) KernelRoute.OURS)
                .put((byte) scope)
                .put((byte) type)
                .putInt(0);
        Netlink.attribute(request, NetlinkMessage.RTA_DST, host.base().toBytes());
        if (metric != 0) {
            Netlink.attribute(request, NetlinkMessage.RTA_PRIORITY, (int) metric);
        }
        return request;
    }

    private static byte family(Family family) {
        return (byte) (family == Family.INET ? Layouts.AF_INET : Layouts.AF_INET6);
    }

    private static void done(int result, String what) {
        if (result < 0 && !Errno.EEXIST.is(result)) {
            String why = Errno.EPERM.is(result) ? "not permitted: it needs CAP_NET_ADMIN" : Errno.text(-result);
            throw new KernelTrouble("cannot make " + what + ": " + why, -result);
        }
    }
}
