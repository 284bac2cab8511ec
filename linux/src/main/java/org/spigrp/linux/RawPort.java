package org.spigrp.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Packet;

/**
 * Protected packets without UDP: ESP, AH, IPComp and IP in IP, whole, over one interface or over all.
 *
 * <pre>
 *   IPv4   one raw socket a protocol: the packet with its header, put together by the kernel if it came in fragments
 *   IPv6   one packet socket: raw ones would hide the header and the extension headers that AH covers. What comes in
 *          fragments comes as fragments. Beside it raw sockets that take nothing, but whose being there keeps the
 *          kernel from answering "unrecognized next header"
 * </pre>
 *
 * Packets of other protocols may be among them on IPv6 (a fragment, or what is behind several extension headers), and
 * packets to an address that is not the caller's: it looks. What GRO merged inside IP in IP without ESP or AH around it
 * comes merged; nobody tells us the length of its segments.
 */
public final class RawPort extends NativePort {
    private static final List<Integer> PROTOCOLS =
            List.of(IpProtocol.ESP, IpProtocol.AH, IpProtocol.IPCOMP, IpProtocol.IPV4, IpProtocol.IPV6);
    private static final List<Integer> EXTENSIONS =
            List.of(IpProtocol.HOP_BY_HOP, IpProtocol.ROUTING, IpProtocol.FRAGMENT, IpProtocol.DESTINATION_OPTIONS);

    private static final int ETH_P_IPV6 = 0x86dd;
    private static final int SOL_PACKET = 263;
    private static final int PACKET_IGNORE_OUTGOING = 23;

    private final List<KernelSocket> sockets = new ArrayList<>();
    private final Epoll epoll = new Epoll();
    private final Receiver receiver = new Receiver(arena, libc, 0, refusals);
    private final RawSender sender;

    private RawPort(Family family, @Nullable String device) {
        sender = new RawSender(arena, libc, family, device, refusals);
        try {
            if (family == Family.INET) {
                for (int protocol : PROTOCOLS) {
                    var socket = raw(family, protocol, device);
                    RawSender.limitByInterfaceOnly(socket, family);
                    socket.buffers();
                    epoll.add(socket.fd());
                }
            } else {
                epoll.add(packetSocket(device).fd());
                for (int protocol : PROTOCOLS) {
                    var socket = raw(family, protocol, device);
                    RawSender.limitByInterfaceOnly(socket, family);
                    socket.filter(Bpf.nothing());
                }
            }
        } catch (KernelTrouble trouble) {
            close();
            throw trouble;
        }
    }

    /**
     * @param device the packets come and go by this interface only; null = by any
     * @throws KernelTrouble what is wrong, and how to mend it
     */
    public static RawPort open(Family family, @Nullable String device) {
        return new RawPort(family, device);
    }

    private KernelSocket raw(Family family, int protocol, @Nullable String device) {
        int domain = family == Family.INET ? Layouts.AF_INET : Layouts.AF_INET6;
        String what = "a raw socket for IPv" + family.version() + " protocol " + protocol;
        var socket = KernelSocket.open(libc, domain, Layouts.SOCK_RAW, protocol, what);
        sockets.add(socket);
        socket.bindToDevice(device);
        return socket;
    }

    private KernelSocket packetSocket(@Nullable String device) {
        // With protocol 0 nothing comes in before the filter is there and the socket is bound.
        var socket = KernelSocket.open(libc, Layouts.AF_PACKET, Layouts.SOCK_DGRAM, 0, "a packet socket for IPv6");
        sockets.add(socket);
        socket.filter(Bpf.ipv6(PROTOCOLS, EXTENSIONS));
        socket.option(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1, "leave out what we send");
        socket.buffers();
        int index = 0;
        if (device != null) {
            index = Links.index(device);
            if (index == 0) {
                throw new KernelTrouble(
                        "a packet socket for IPv6 cannot be bound to interface " + device
                                + ": there is no such interface; see `ip link`",
                        Errno.ENODEV.number());
            }
        }
        try (var scratch = Arena.ofConfined()) {
            MemorySegment address = scratch.allocate(20, 8); // sockaddr_ll: family 0..1 | protocol 2..3 | index 4..7
            address.set(JAVA_SHORT, 0, (short) Layouts.AF_PACKET);
            address.set(Layouts.NET_SHORT, 2, (short) ETH_P_IPV6);
            address.set(JAVA_INT, 4, index);
            int result = socket.bind(address);
            if (result < 0) {
                throw new KernelTrouble(
                        "a packet socket for IPv6 cannot be bound" + (device == null ? "" : " to interface " + device)
                                + ": " + Errno.text(-result),
                        -result);
            }
        }
        return socket;
    }

    /** An epoll over all sockets of the port. */
    @Override
    public int descriptor() {
        return epoll.descriptor();
    }

    @Override
    public synchronized int receive(Packet[] batch) {
        if (isClosed()) {
            return -1;
        }
        int count = 0;
        int ready = epoll.readable(libc);
        for (int i = 0; i < ready && count < batch.length; i++) {
            count = drain(epoll.ready(i), batch, count);
        }
        return count;
    }

    private int drain(int fd, Packet[] batch, int from) {
        int count = from;
        while (count < batch.length) {
            int wanted = Math.min(batch.length - count, Receiver.SLOTS);
            int got = receiver.receive(fd, wanted);
            for (int i = 0; i < got; i++) {
                Packet packet = batch[count];
                packet.reset(Packet.DEFAULT_HEADROOM);
                count += receiver.append(i, 0, receiver.length(i), packet) ? 1 : 0;
            }
            if (got < wanted) {
                break;
            }
        }
        return count;
    }

    @Override
    public synchronized void send(Packet[] batch, int count) {
        if (!isClosed()) {
            sender.send(batch, count);
        }
    }

    @Override
    void release() {
        epoll.close();
        sockets.forEach(KernelSocket::close);
        sender.close();
    }
}
