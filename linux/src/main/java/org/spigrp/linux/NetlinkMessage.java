package org.spigrp.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Prefix;

/**
 * One message of rtnetlink(7), read.
 *
 * <pre>
 *   nlmsghdr   length 0..3 | type 4..5 | flags 6..7 | sequence 8..11 | port 12..15
 *   ifinfomsg  family 16 | - | kind 18..19 | index 20..23 | flags 24..27 | change 28..31
 *   ifaddrmsg  family 16 | prefix 17 | flags 18 | scope 19 | index 20..23
 *   rtmsg      family 16 | destination's bits 17 | source's bits 18 | tos 19 | table 20 | protocol 21 | scope 22 | type 23 | flags 24..27
 *   then attributes: length 0..1 | type 2..3 | value, padded to 4
 * </pre>
 *
 * @param octets the whole message, from 0, in the order of the host
 */
record NetlinkMessage(ByteBuffer octets) {
    static final int HEADER = 16;

    static final int ERROR = 2;
    static final int DONE = 3;
    static final int NEW_LINK = 16;
    static final int DEL_LINK = 17;
    static final int GET_LINK = 18;
    static final int NEW_ADDRESS = 20;
    static final int DEL_ADDRESS = 21;
    static final int GET_ADDRESS = 22;
    static final int NEW_ROUTE = 24;
    static final int DEL_ROUTE = 25;
    static final int GET_ROUTE = 26;

    static final int RTA_DST = 1;
    static final int RTA_PRIORITY = 6;
    static final int RTA_PREFSRC = 7;

    private static final int RTA_OIF = 4;
    private static final int RTA_MULTIPATH = 9;
    private static final int RTA_TABLE = 15;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;

    private static final int DUMP_INTERRUPTED = 0x10;
    private static final int ATTRIBUTE_TYPE = 0x3fff;
    private static final int LINK_BODY = 16;
    private static final int ADDRESS_BODY = 8;
    private static final int ROUTE_BODY = 12;
    /** A route that was made for one destination's sake (RTM_F_CLONED): an entry of a cache. */
    private static final int CLONED = 0x200;

    private static final int NEXT_HOP = 8;

    int type() {
        return octets.getShort(4) & 0xffff;
    }

    int sequence() {
        return octets.getInt(8);
    }

    /** The tables changed while they were listed. */
    boolean isInterrupted() {
        return (octets.getShort(6) & DUMP_INTERRUPTED) != 0;
    }

    /** Of ERROR (0 = done as asked) and DONE: 0 or -errno. */
    int result() {
        return octets.limit() >= HEADER + 4 ? octets.getInt(HEADER) : 0;
    }

    /** Null: this is not about the interface itself but, say, about a port of a bridge. */
    @Nullable
    Link link() {
        if (octets.limit() < HEADER + LINK_BODY || octets.get(HEADER) != 0) {
            return null;
        }
        ByteBuffer name = attribute(LINK_BODY, IFLA_IFNAME);
        ByteBuffer mtu = attribute(LINK_BODY, IFLA_MTU);
        if (name == null || name.limit() == 0) {
            return null;
        }
        byte[] text = new byte[name.limit() - 1]; // a zero octet is at the end
        name.get(0, text);
        int flags = octets.getInt(HEADER + 8);
        return new Link(
                octets.getInt(HEADER + 4),
                new String(text, StandardCharsets.UTF_8),
                (flags & Links.IFF_UP) != 0,
                (flags & Links.IFF_RUNNING) != 0,
                mtu == null || mtu.limit() < 4 ? 0 : mtu.getInt(0));
    }

    @Nullable
    LocalAddress address() {
        Family family = octets.limit() < HEADER + ADDRESS_BODY ? null : family();
        if (family == null) {
            return null;
        }
        // On a point-to-point link ADDRESS is the other end.
        ByteBuffer value = attribute(ADDRESS_BODY, IFA_LOCAL);
        if (value == null) {
            value = attribute(ADDRESS_BODY, IFA_ADDRESS);
        }
        IpAddress address = value == null ? null : address(family, value);
        return address == null ? null : new LocalAddress(octets.getInt(HEADER + 4), address);
    }

    /** Of one message: none if it is nothing that we know, several if the route has several next hops. */
    List<KernelRoute> routes() {
        Family family = octets.limit() < HEADER + ROUTE_BODY ? null : family();
        if (family == null || (octets.getInt(HEADER + 8) & CLONED) != 0) {
            return List.of();
        }
        ByteBuffer to = attribute(ROUTE_BODY, RTA_DST);
        IpAddress base = to == null ? IpAddress.any(family) : address(family, to);
        int bits = octets.get(HEADER + 1) & 0xff;
        if (base == null || bits > family.bits()) {
            return List.of();
        }
        var destination = new Prefix(base, bits);
        List<KernelRoute> routes = new ArrayList<>();
        ByteBuffer hops = attribute(ROUTE_BODY, RTA_MULTIPATH);
        if (hops == null) {
            routes.add(route(destination, number(RTA_OIF, 0)));
        } else {
            // rtnexthop: length 0..1 | flags 2 | hops 3 | index 4..7 | attributes
            int at = 0;
            while (at + NEXT_HOP <= hops.limit()) {
                routes.add(route(destination, hops.getInt(at + 4)));
                at += Math.max(NEXT_HOP, (hops.getShort(at) & 0xffff) + 3 & ~3);
            }
        }
        return routes;
    }

    private KernelRoute route(Prefix destination, int interfaceIndex) {
        ByteBuffer source = attribute(ROUTE_BODY, RTA_PREFSRC);
        return new KernelRoute(
                destination,
                interfaceIndex,
                number(RTA_TABLE, octets.get(HEADER + 4) & 0xff),
                Integer.toUnsignedLong(number(RTA_PRIORITY, 0)),
                octets.get(HEADER + 7) & 0xff,
                octets.get(HEADER + 5) & 0xff,
                source == null ? null : address(destination.family(), source));
    }

    private int number(int type, int otherwise) {
        ByteBuffer value = attribute(ROUTE_BODY, type);
        return value == null || value.limit() < 4 ? otherwise : value.getInt(0);
    }

    private @Nullable Family family() {
        return switch (octets.get(HEADER)) {
            case Layouts.AF_INET -> Family.INET;
            case Layouts.AF_INET6 -> Family.INET6;
            default -> null;
        };
    }

    private static @Nullable IpAddress address(Family family, ByteBuffer value) {
        if (value.limit() != family.octets()) {
            return null;
        }
        byte[] octets = new byte[value.limit()];
        value.get(0, octets);
        return IpAddress.of(octets);
    }

    private @Nullable ByteBuffer attribute(int body, int type) {
        int at = HEADER + body;
        while (at + 4 <= octets.limit()) {
            int length = octets.getShort(at) & 0xffff;
            if (length < 4 || at + length > octets.limit()) {
                return null;
            }
            if ((octets.getShort(at + 2) & ATTRIBUTE_TYPE) == type) {
                return octets.slice(at + 4, length - 4).order(ByteOrder.nativeOrder());
            }
            at += length + 3 & ~3;
        }
        return null;
    }
}
