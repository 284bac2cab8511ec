package org.spigrp.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.spigrp.wire.Quote;

/**
 * How a TUN device is opened, made and taken away (linux/if_tun.h).
 *
 * @param joinsUdp UDP datagrams, too, come and go several in one
 */
record TunDevice(int fd, boolean joinsUdp) {
    private static final String PATH = "/dev/net/tun";
    private static final int O_RDWR = 2;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_CLOEXEC = 0x80000;

    private static final int TUNSETIFF = 0x400454ca;
    private static final int TUNSETPERSIST = 0x400454cb;
    private static final int TUNSETOFFLOAD = 0x400454d0;
    private static final int TUNSETVNETHDRSZ = 0x400454d8;

    private static final int IFF_TUN = 0x0001;
    private static final int IFF_NO_PI = 0x1000;
    private static final int IFF_VNET_HDR = 0x4000;

    private static final int CSUM = 0x01;
    private static final int TSO4 = 0x02;
    private static final int TSO6 = 0x04;
    private static final int TSO_ECN = 0x08;
    /** Since Linux 6.2. */
    private static final int USO4 = 0x20;

    private static final int USO6 = 0x40;
    private static final int TCP_OFFLOADS = CSUM | TSO4 | TSO6 | TSO_ECN;

    /** Ready for packets. */
    static TunDevice open(String name, boolean persistent, int headerOctets) {
        InterfaceName.check(name);
        try (var arena = Arena.ofConfined()) {
            var libc = new Libc(arena);
            int fd = attach(libc, arena, name);
            try {
                int result = libc.ioctl(
                        fd,
                        TUNSETVNETHDRSZ,
                        arena.allocateFrom(JAVA_INT, headerOctets).address());
                boolean joinsUdp = libc.ioctl(fd, TUNSETOFFLOAD, TCP_OFFLOADS | USO4 | USO6) >= 0;
                if (result >= 0 && !joinsUdp) {
                    result = libc.ioctl(fd, TUNSETOFFLOAD, TCP_OFFLOADS);
                }
                if (result >= 0) {
                    result = libc.ioctl(fd, TUNSETPERSIST, persistent ? 1 : 0);
                }
                if (result < 0) {
                    throw new KernelTrouble("cannot set up TUN device " + name + ": " + Errno.text(-result), -result);
                }
                return new TunDevice(fd, joinsUdp);
            } catch (KernelTrouble trouble) {
                libc.close(fd);
                throw trouble;
            }
        }
    }

    static boolean remove(String name) {
        InterfaceName.check(name);
        if (Links.index(name) == 0) {
            return false;
        }
        try (var arena = Arena.ofConfined()) {
            var libc = new Libc(arena);
            int fd = attach(libc, arena, name);
            int result = libc.ioctl(fd, TUNSETPERSIST, 0);
            libc.close(fd);
            if (result < 0) {
                throw new KernelTrouble("cannot remove TUN device " + name + ": " + Errno.text(-result), -result);
            }
            return true;
        }
    }

    private static int attach(Libc libc, Arena arena, String name) {
        int fd = libc.open(arena.allocateFrom(PATH), O_RDWR | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0) {
            throw cannotOpen(fd);
        }
        MemorySegment request = arena.allocate(Links.IFREQ, 8);
        request.setString(0, name);
        request.set(JAVA_SHORT, Links.IFREQ_VALUE, (short) (IFF_TUN | IFF_NO_PI | IFF_VNET_HDR));
        int result = libc.ioctl(fd, TUNSETIFF, request.address());
        if (result < 0) {
            libc.close(fd);
            throw cannotAttach(name, result);
        }
        return fd;
    }

    private static KernelTrouble cannotOpen(int result) {
        String why;
        if (Errno.ENOENT.is(result) || Errno.ENODEV.is(result) || Errno.ENXIO.is(result)) {
            why = "this host has no TUN; load the module (modprobe tun), or give the device to this container";
        } else if (Errno.EACCES.is(result) || Errno.EPERM.is(result)) {
            why = "not permitted; run as root, or let this user read and write the device (mode 0666 is usual: what"
                    + " may be done with it is decided by CAP_NET_ADMIN)";
        } else {
            why = Errno.text(-result);
        }
        return new KernelTrouble("cannot open " + PATH + ": " + why, -result);
    }

    private static KernelTrouble cannotAttach(String name, int result) {
        String why;
        if (Errno.EPERM.is(result)) {
            why = "not permitted: it needs CAP_NET_ADMIN; run as root, or give the process that capability";
        } else if (Errno.EBUSY.is(result)) {
            String holder = Holder.ofTun(name);
            why = "it is in use by " + (holder.isEmpty() ? "another process" : holder)
                    + "; stop that, or choose another name";
        } else if (Errno.EINVAL.is(result)) {
            why = "an interface of that name is there already and is no TUN device of ours; choose another name";
        } else {
            why = Errno.text(-result);
        }
        return new KernelTrouble("cannot take TUN device " + Quote.of(name) + ": " + why, -result);
    }
}
