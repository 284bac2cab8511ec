package org.spigrp.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Interfaces of the network namespace of the calling thread, asked one by one (netdevice(7)). */
public final class Links {
    /** {@code struct ifreq}: name 0..15 | value 16..39. */
    static final int IFREQ = 40;

    static final int IFREQ_VALUE = 16;

    /** Hardware types (ARPHRD_*) as {@link #hardwareType} gives them. */
    public static final int ETHERNET = 1;

    public static final int LOOPBACK = 772;
    /** No header in front of the IP packet: a TUN device. */
    public static final int NO_HEADER = 0xfffe;

    static final int IFF_UP = 0x1;
    static final int IFF_RUNNING = 0x40;

    private static final int SIOCGIFFLAGS = 0x8913;
    private static final int SIOCSIFFLAGS = 0x8914;
    private static final int SIOCGIFMTU = 0x8921;
    private static final int SIOCSIFMTU = 0x8922;
    private static final int SIOCGIFHWADDR = 0x8927;

    private Links() {}

    /** All of them. */
    public static List<Link> all() {
        List<Link> found = new ArrayList<>();
        try (var netlink = new Netlink(0)) {
            for (NetlinkMessage message : netlink.dump(NetlinkMessage.GET_LINK, NetlinkMessage.NEW_LINK)) {
                Link link = message.link();
                if (link != null) {
                    found.add(link);
                }
            }
        }
        return found;
    }

    /** 0 = there is none. */
    public static int index(String name) {
        if (name.isEmpty() || name.indexOf(0) >= 0) {
            return 0;
        }
        try (var arena = Arena.ofConfined()) {
            return Math.max(0, new Libc(arena).ifNameToIndex(arena.allocateFrom(name)));
        }
    }

    /** Null = there is none. */
    public static @Nullable String name(int index) {
        try (var arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(InterfaceName.MAX_OCTETS + 1, 8);
            return new Libc(arena).ifIndexToName(index, name) ? name.getString(0) : null;
        }
    }

    public static int mtu(String name) {
        return exchange(name, SIOCGIFMTU, 0, "ask for the MTU of");
    }

    public static void setMtu(String name, int mtu) {
        exchange(name, SIOCSIFMTU, mtu, "set MTU " + mtu + " on");
    }

    /** Set up by the administrator. */
    public static boolean isUp(String name) {
        return (flags(name) & IFF_UP) != 0;
    }

    /** Up, and the wire is there; for a TUN: somebody has opened it. */
    public static boolean isRunning(String name) {
        return (flags(name) & IFF_RUNNING) != 0;
    }

    public static void setUp(String name, boolean up) {
        int flags = flags(name);
        exchange(name, SIOCSIFFLAGS, up ? flags | IFF_UP : flags & ~IFF_UP, up ? "set up" : "set down");
    }

    private static int flags(String name) {
        return exchange(name, SIOCGIFFLAGS, 0, "ask for the flags of") & 0xffff;
    }

    /** ARPHRD_*: {@link #ETHERNET}, {@link #LOOPBACK}, {@link #NO_HEADER}, ... */
    public static int hardwareType(String name) {
        return exchange(name, SIOCGIFHWADDR, 0, "ask for the kind of") & 0xffff;
    }

    /** Flags and kind are 16 bits, in the lower half: both hosts are little-endian. */
    private static int exchange(String name, int request, int value, String what) {
        InterfaceName.check(name);
        try (var arena = Arena.ofConfined()) {
            var libc = new Libc(arena);
            var socket = KernelSocket.open(libc, Layouts.AF_INET, Layouts.SOCK_DGRAM, 0, "a socket to ask the kernel");
            MemorySegment ifreq = arena.allocate(IFREQ, 8);
            ifreq.setString(0, name);
            ifreq.set(JAVA_INT, IFREQ_VALUE, value);
            int result = libc.ioctl(socket.fd(), request, ifreq.address());
            socket.close();
            if (result < 0) {
                throw trouble(name, what, result);
            }
            return ifreq.get(JAVA_INT, IFREQ_VALUE);
        }
    }

    private static KernelTrouble trouble(String name, String what, int result) {
        String why = Errno.ENODEV.is(result)
                ? "there is no such interface; see `ip link`"
                : Errno.EPERM.is(result)
                        ? "not permitted: it needs CAP_NET_ADMIN; run as root, or give the process that capability"
                        : Errno.text(-result);
        return new KernelTrouble("cannot " + what + " interface " + name + ": " + why, -result);
    }
}
