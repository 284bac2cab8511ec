package org.spigrp.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.spigrp.wire.Family;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Ipv6Header;
import org.spigrp.wire.Packet;

/**
 * Sends whole IP packets through a raw socket, as many as there are in one system call.
 *
 * <p>What the kernel does to our header: IPv4 total length and checksum are written anew, and an identification of 0 is
 * replaced; nothing else. IPv6 is left alone. What is longer than the MTU of the interface is refused (EMSGSIZE); an
 * ICMP "too big" changes nothing here, as with IP_PMTUDISC_INTERFACE the kernel's path MTU neither limits what we send
 * nor learns from a forged answer to it. Fragments go out as they are.
 */
final class RawSender {
    private static final int SLOTS = 64;
    /** Holds any packet, and some forty of usual length. */
    private static final int OCTETS = 4 * 65_600;

    private static final int IP_HDRINCL = 3;
    private static final int IP_MTU_DISCOVER = 10;
    private static final int IPV6_MTU_DISCOVER = 23;
    private static final int IPV6_HDRINCL = 36;
    static final int PMTUDISC_INTERFACE = 4;

    private final Libc libc;
    private final Family family;
    private final KernelSocket socket;
    private final Messages messages;
    private final MemorySegment octets;
    private final Refusals refusals;
    private int waiting;
    private int used;

    RawSender(Arena arena, Libc libc, Family family, @Nullable String device, Refusals refusals) {
        this.libc = libc;
        this.family = family;
        this.refusals = refusals;
        socket = open(libc, family, device);
        messages = new Messages(arena, SLOTS, 0);
        octets = arena.allocate(OCTETS, 64);
    }

    private static KernelSocket open(Libc libc, Family family, @Nullable String device) {
        boolean v4 = family == Family.INET;
        int domain = v4 ? Layouts.AF_INET : Layouts.AF_INET6;
        String what = "a raw socket for sending IPv" + family.version();
        var socket = KernelSocket.open(libc, domain, Layouts.SOCK_RAW, Layouts.IPPROTO_RAW, what);
        try {
            if (v4) {
                socket.option(Layouts.IPPROTO_IP, IP_HDRINCL, 1, "give whole packets");
            } else {
                socket.option(Layouts.IPPROTO_IPV6, IPV6_HDRINCL, 1, "give whole packets");
            }
            limitByInterfaceOnly(socket, family);
            // It would receive what comes with protocol number 255.
            socket.filter(Bpf.nothing());
            socket.buffers();
            socket.bindToDevice(device);
            return socket;
        } catch (KernelTrouble trouble) {
            socket.close();
            throw trouble;
        }
    }

    static void limitByInterfaceOnly(KernelSocket socket, Family family) {
        if (family == Family.INET) {
            socket.option(Layouts.IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_INTERFACE, "send without path MTU");
        } else {
            socket.option(Layouts.IPPROTO_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_INTERFACE, "send without path MTU");
        }
    }

    void send(Packet[] batch, int count) {
        for (int i = 0; i < count; i++) {
            add(batch[i]);
        }
        flush();
    }

    /** Copies the packet; it is sent by {@link #flush} at the latest. */
    void add(Packet packet) {
        int length = packet.length();
        if (length < family.headerOctets() || packet.u8(0) >>> 4 != family.version() || length > OCTETS) {
            refusals.count(-Errno.EINVAL.number(), 1);
            return;
        }
        if (waiting == SLOTS || length > OCTETS - used) {
            flush();
        }
        MemorySegment.copy(packet.array(), packet.start(), octets, JAVA_BYTE, used, length);
        messages.octets(waiting, octets.address() + used, length);
        address(packet);
        waiting++;
        used += length + 63 & ~63;
    }

    private void address(Packet packet) {
        MemorySegment names = messages.names();
        long at = messages.nameAt(waiting);
        if (family == Family.INET) {
            names.set(JAVA_SHORT, at, (short) Layouts.AF_INET);
            names.set(Layouts.NET_INT, at + Layouts.SOCKADDR_IN_ADDRESS, packet.u32(Ipv4Header.DESTINATION));
            messages.nameLength(waiting, Layouts.SOCKADDR_IN);
        } else {
            long to = at + Layouts.SOCKADDR_IN6_ADDRESS;
            names.set(JAVA_SHORT, at, (short) Layouts.AF_INET6);
            names.set(Layouts.NET_LONG, to, packet.u64(Ipv6Header.DESTINATION));
            names.set(Layouts.NET_LONG, to + 8, packet.u64(Ipv6Header.DESTINATION + 8));
            messages.nameLength(waiting, Layouts.SOCKADDR_IN6);
        }
    }

    void flush() {
        sendAll(libc, socket.fd(), messages, waiting, refusals);
        waiting = 0;
        used = 0;
    }

    /** Sends them in order. One that is refused is counted; when the queue is full, so are all behind it. */
    private static void sendAll(Libc libc, int fd, Messages messages, int count, Refusals refusals) {
        int at = 0;
        while (at < count) {
            int sent = libc.sendmmsg(fd, messages.from(at), count - at, Layouts.MSG_DONTWAIT);
            if (sent > 0) {
                at += sent;
            } else if (Errno.EAGAIN.is(sent)) {
                refusals.count(sent, count - at);
                return;
            } else if (!Errno.EINTR.is(sent)) {
                refusals.count(sent, 1);
                at++;
            }
        }
    }

    void close() {
        socket.close();
    }
}
