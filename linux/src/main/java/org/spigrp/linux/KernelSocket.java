package org.spigrp.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.spigrp.linux.Layouts.SOCK_CLOEXEC;
import static org.spigrp.linux.Layouts.SOCK_NONBLOCK;
import static org.spigrp.linux.Layouts.SOL_SOCKET;
import static org.spigrp.linux.Layouts.SO_ATTACH_FILTER;
import static org.spigrp.linux.Layouts.SO_BINDTODEVICE;
import static org.spigrp.linux.Layouts.SO_MARK;
import static org.spigrp.linux.Layouts.SO_RCVBUF;
import static org.spigrp.linux.Layouts.SO_RCVBUFFORCE;
import static org.spigrp.linux.Layouts.SO_SNDBUF;
import static org.spigrp.linux.Layouts.SO_SNDBUFFORCE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.spigrp.wire.Family;

/** A socket while it is set up: every refusal becomes a message for people. Closed with {@link #close} only. */
final class KernelSocket {
    /** What may wait in a socket until we read it: a burst of some ten milliseconds at line rate. */
    static final int RECEIVE_BUFFER_OCTETS = 8 << 20;

    static final int SEND_BUFFER_OCTETS = 4 << 20;

    private final Libc libc;
    private final int fd;
    private final String what;

    private KernelSocket(Libc libc, int fd, String what) {
        this.libc = libc;
        this.fd = fd;
        this.what = what;
    }

    /** @param what for messages: "a raw socket for ESP" */
    static KernelSocket open(Libc libc, int domain, int type, int protocol, String what) {
        int fd = libc.socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
        if (fd < 0) {
            throw cannotOpen(what, fd);
        }
        return new KernelSocket(libc, fd, what);
    }

    private static KernelTrouble cannotOpen(String what, int result) {
        String why;
        if (Errno.EPERM.is(result) || Errno.EACCES.is(result)) {
            why = "not permitted: it needs CAP_NET_RAW; run as root, or give the process that capability";
        } else if (Errno.EAFNOSUPPORT.is(result)) {
            why = "this kernel does not have the address family";
        } else if (Errno.EMFILE.is(result)) {
            why = "too many files are open in this process; raise its limit (ulimit -n, LimitNOFILE=)";
        } else {
            why = Errno.text(-result);
        }
        return new KernelTrouble("cannot open " + what + ": " + why, -result);
    }

    int fd() {
        return fd;
    }

    void close() {
        libc.close(fd);
    }

    /** 0, or -errno. */
    int tryOption(int level, int name, int value) {
        try (var arena = Arena.ofConfined()) {
            return libc.setsockopt(
                    fd, level, name, arena.allocateFrom(JAVA_INT, value).address(), 4);
        }
    }

    /** @param meaning for the message */
    void option(int level, int name, int value, String meaning) {
        int result = tryOption(level, name, value);
        if (result < 0) {
            throw new KernelTrouble(what + ": cannot " + meaning + ": " + Errno.text(-result), -result);
        }
    }

    void option(int level, int name, byte[] value, String meaning) {
        try (var arena = Arena.ofConfined()) {
            MemorySegment octets = arena.allocateFrom(JAVA_BYTE, value);
            int result = libc.setsockopt(fd, level, name, octets.address(), value.length);
            if (result < 0) {
                throw new KernelTrouble(what + ": cannot " + meaning + ": " + Errno.text(-result), -result);
            }
        }
    }

    /** As much as the kernel lets us: beyond its limits with CAP_NET_ADMIN, else up to them. */
    void buffers() {
        if (tryOption(SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER_OCTETS) < 0) {
            tryOption(SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER_OCTETS);
        }
        if (tryOption(SOL_SOCKET, SO_SNDBUFFORCE, SEND_BUFFER_OCTETS) < 0) {
            tryOption(SOL_SOCKET, SO_SNDBUF, SEND_BUFFER_OCTETS);
        }
    }

    /** Nothing arrives by another interface, and nothing leaves by one, whatever the routes say. */
    void bindToDevice(@Nullable String device) {
        if (device == null) {
            return;
        }
        tryOption(SOL_SOCKET, SO_MARK, HostRoutes.MARK); // without the right to, hosts cannot be guarded either
        try (var arena = Arena.ofConfined()) {
            byte[] name = device.getBytes(StandardCharsets.UTF_8);
            int result = libc.setsockopt(
                    fd, SOL_SOCKET, SO_BINDTODEVICE, arena.allocateFrom(device).address(), name.length + 1);
            if (result < 0) {
                String why = Errno.ENODEV.is(result)
                        ? "there is no such interface; see `ip link`"
                        : Errno.EPERM.is(result) ? "not permitted: it needs CAP_NET_RAW" : Errno.text(-result);
                throw new KernelTrouble(what + " cannot be bound to interface " + device + ": " + why, -result);
            }
        }
    }

    /** Of {@code bind(2)}: 0, or -errno. */
    int bind(MemorySegment address) {
        return libc.bind(fd, address);
    }

    /** Any address and this port. */
    int bind(Family family, int port) {
        try (var arena = Arena.ofConfined()) {
            boolean v4 = family == Family.INET;
            MemorySegment address = arena.allocate(v4 ? Layouts.SOCKADDR_IN : Layouts.SOCKADDR_IN6, 8);
            address.set(JAVA_SHORT, 0, (short) (v4 ? Layouts.AF_INET : Layouts.AF_INET6));
            address.set(Layouts.NET_SHORT, Layouts.SOCKADDR_PORT, (short) port);
            return libc.bind(fd, address);
        }
    }

    /** The port that bind(2) gave. */
    int port() {
        try (var arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(Layouts.SOCKADDR_IN6, 8);
            MemorySegment length = arena.allocateFrom(JAVA_INT, Layouts.SOCKADDR_IN6);
            int result = libc.getsockname(fd, address.address(), length.address());
            if (result < 0) {
                throw new KernelTrouble(what + " does not tell its port: " + Errno.text(-result), -result);
            }
            return address.get(Layouts.NET_SHORT, Layouts.SOCKADDR_PORT) & 0xffff;
        }
    }

    /** A program of classic BPF that says which packets may come in. */
    void filter(long... instructions) {
        try (var arena = Arena.ofConfined()) {
            MemorySegment code = arena.allocateFrom(JAVA_LONG, instructions);
            MemorySegment program = arena.allocate(16, 8); // sock_fprog: count 0..1 | pointer 8..15
            program.set(JAVA_SHORT, 0, (short) instructions.length);
            program.set(JAVA_LONG, 8, code.address());
            int result = libc.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, program.address(), 16);
            if (result < 0) {
                throw new KernelTrouble(what + ": the packet filter is refused: " + Errno.text(-result), -result);
            }
        }
    }
}
