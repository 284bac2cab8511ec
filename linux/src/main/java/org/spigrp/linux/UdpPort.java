package org.spigrp.linux;

import org.jspecify.annotations.Nullable;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Packet;
import org.spigrp.wire.UdpHeader;

/**
 * Packets in UDP (RFC 3948), through a socket that has the port, so that nobody else gets what comes to it and the
 * kernel answers nothing.
 *
 * <p>What came in is given whole: IP and UDP header are written anew from what the kernel tells. Addresses, ports,
 * lengths, traffic class and hop limit are those of the wire; identification, DF, flow label, options and extension
 * headers are lost, and the UDP checksum, which the kernel has checked, is 0 ("none"), over IPv6 too. Datagrams of one peer that
 * GRO joined are cut again. What came in fragments is whole.
 *
 * <p>What goes out: see {@code UdpSender}.
 */
public final class UdpPort extends NativePort {
    static final int SOL_UDP = 17;

    private static final int IPV6_V6ONLY = 26;

    private final Receiver receiver = new Receiver(arena, libc, Ancillary.OCTETS, refusals);
    private final Ancillary ancillary;
    private final KernelSocket socket;
    private final int headers;
    private final int port;
    private final UdpSender sender;

    /** Of the last messages received: how many, the one that is given now, and how much of it was given already. */
    private int received;

    private int message;
    private int given;
    private long joined;

    private UdpPort(Family family, @Nullable String device, int port) {
        ancillary = new Ancillary(family);
        headers = family.headerOctets() + UdpHeader.LENGTH;
        int domain = family == Family.INET ? Layouts.AF_INET : Layouts.AF_INET6;
        socket = KernelSocket.open(libc, domain, Layouts.SOCK_DGRAM, 0, "a UDP socket for IPv" + family.version());
        try {
            if (family == Family.INET6) {
                // Leaves the port free for a socket of IPv4.
                socket.option(Layouts.IPPROTO_IPV6, IPV6_V6ONLY, 1, "take IPv6 only");
            }
            socket.bindToDevice(device);
            socket.buffers();
            Ancillary.askFor(socket, family);
            // Not on kernels before 5.0: then nothing is joined.
            socket.tryOption(SOL_UDP, Ancillary.UDP_GRO, 1);
            int result = socket.bind(family, port);
            if (result < 0) {
                throw cannotBind(port, result);
            }
            this.port = socket.port();
            sender = new UdpSender(arena, libc, family, device, socket, this.port, refusals);
        } catch (KernelTrouble trouble) {
            socket.close();
            throw trouble;
        }
    }

    /**
     * @param device the packets come and go by this interface only; null = by any
     * @param port of ours; 0 = any that is free
     * @throws KernelTrouble what is wrong, and how to mend it; a port that is taken: by whom
     */
    public static UdpPort open(Family family, @Nullable String device, int port) {
        return new UdpPort(family, device, port);
    }

    private static KernelTrouble cannotBind(int port, int result) {
        String why;
        if (Errno.EADDRINUSE.is(result)) {
            String holder = Holder.ofUdpPort(port);
            why = "it is in use by " + (holder.isEmpty() ? "another process" : holder)
                    + "; stop that, or give another port";
        } else if (Errno.EACCES.is(result) || Errno.EPERM.is(result)) {
            why = "not permitted: ports below 1024 need CAP_NET_BIND_SERVICE; give a higher port, or run as root";
        } else {
            why = Errno.text(-result);
        }
        return new KernelTrouble("cannot take UDP port " + port + ": " + why, -result);
    }

    /** The local port. */
    public int port() {
        return port;
    }

    @Override
    public int descriptor() {
        return socket.fd();
    }

    @Override
    public boolean isPending() {
        return message < received;
    }

    @Override
    public synchronized int receive(Packet[] batch) {
        if (isClosed()) {
            return -1;
        }
        int count = 0;
        while (count < batch.length) {
            if (message == received && !more()) {
                break;
            }
            count += give(batch[count]) ? 1 : 0;
        }
        return count;
    }

    private boolean more() {
        received = receiver.receive(socket.fd(), Receiver.SLOTS);
        message = 0;
        begin();
        return received > 0;
    }

    private void begin() {
        given = 0;
        if (message < received) {
            ancillary.read(receiver.messages(), message);
            boolean several = ancillary.segment() > 0 && ancillary.segment() < receiver.length(message);
            joined += several ? 1 : 0;
        }
    }

    /** The next datagram of the current message; false if it did not fit. */
    private boolean give(Packet packet) {
        int left = receiver.length(message) - given;
        int count = ancillary.segment() > 0 ? Math.min(left, ancillary.segment()) : left;
        packet.reset(Packet.DEFAULT_HEADROOM);
        boolean fits = packet.append(headers) && receiver.append(message, given, count, packet);
        if (fits) {
            int udpAt = headers - UdpHeader.LENGTH;
            int length = UdpHeader.LENGTH + count;
            ancillary.writeHeader(packet, receiver.messages(), message, IpProtocol.UDP, length);
            UdpHeader.sourcePort(packet, udpAt, receiver.messages().port(message));
            UdpHeader.destinationPort(packet, udpAt, port);
            UdpHeader.length(packet, udpAt, length);
            UdpHeader.checksum(packet, udpAt, 0);
        }
        given += count;
        if (given >= receiver.length(message)) {
            message++;
            begin();
        }
        return fits;
    }

    @Override
    public synchronized void send(Packet[] batch, int count) {
        if (!isClosed()) {
            sender.send(batch, count);
        }
    }

    /** How many messages came with more than one datagram inside. */
    public long joinedReads() {
        return joined;
    }

    /** How many messages were sent with more than one datagram inside. */
    public long joinedWrites() {
        return sender.joined();
    }

    @Override
    void release() {
        sender.close();
        socket.close();
    }
}
