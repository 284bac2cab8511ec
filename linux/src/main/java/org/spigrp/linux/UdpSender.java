package org.spigrp.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Ipv6Header;
import org.spigrp.wire.Packet;
import org.spigrp.wire.UdpHeader;

/**
 * Sends whole packets through a UDP socket: headers off, and what they said told to the kernel beside the payload.
 *
 * <pre>
 *   packets    A 1400 | A 1400 | A 900 | B 80 | A 1400        to the same peer, one behind the other, of one length
 *   messages   A 3700, cut by 1400     | B 80 | A 1400        and perhaps a shorter one: one message (UDP_SEGMENT)
 * </pre>
 *
 * Addresses, ports, traffic class, hop limit and (IPv4) DF are the packet's; identification, flow label and checksum are
 * the kernel's. DF is an option of the socket and is changed between runs of packets only. What the path MTU limits is
 * decided by the caller: with DF the kernel looks at the interface's MTU only (IP_PMTUDISC_PROBE), without it, it
 * cuts what is longer (IP_PMTUDISC_OMIT).
 *
 * <p>A fragment, or a packet from another port, cannot go through the socket and takes a raw one. Where that is not
 * permitted, it is refused with EPERM.
 */
final class UdpSender {
    private static final int SLOTS = 64;
    private static final int OCTETS = 4 * 65_600;
    /** UDP_MAX_SEGMENTS of the kernels before 6.9. */
    private static final int MAX_SEGMENTS = 64;

    private static final int MAX_PAYLOAD = 65_535 - 20 - 8;

    private static final int UDP_SEGMENT = 103;
    private static final int IP_MTU_DISCOVER = 10;
    private static final int IPV6_MTU_DISCOVER = 23;
    private static final int PMTUDISC_PROBE = 3;
    private static final int PMTUDISC_OMIT = 5;

    private final Libc libc;
    private final Family family;
    private final KernelSocket socket;
    private final int port;
    private final Refusals refusals;
    private final @Nullable RawSender raw;
    private final Messages messages;
    private final MemorySegment octets;
    private final MemorySegment option;
    private final int udpAt;
    private final int payloadAt;
    private boolean segmentation;
    private boolean dontFragment;
    private long joined;

    /** Messages that wait, and the octets they use. */
    private int waiting;

    private int used;

    /** Of each message: its octets, how many datagrams it has, and the length of the first. */
    private final int[] starts = new int[SLOTS];

    private final int[] lengths = new int[SLOTS];
    private final int[] datagrams = new int[SLOTS];
    private final int[] segments = new int[SLOTS];
    /** The last message may take more: its last datagram is as long as the first. */
    private boolean open;

    UdpSender(
            Arena arena,
            Libc libc,
            Family family,
            @Nullable String device,
            KernelSocket socket,
            int port,
            Refusals refusals) {
        this.libc = libc;
        this.family = family;
        this.socket = socket;
        this.port = port;
        this.refusals = refusals;
        udpAt = family.headerOctets();
        payloadAt = udpAt + UdpHeader.LENGTH;
        messages = new Messages(arena, SLOTS, Ancillary.OCTETS);
        octets = arena.allocate(OCTETS, 64);
        option = arena.allocate(4, 4);
        segmentation = socket.tryOption(UdpPort.SOL_UDP, UDP_SEGMENT, 0) >= 0;
        raw = rawIfPermitted(arena, libc, family, device, refusals);
        if (family == Family.INET6) {
            socket.option(Layouts.IPPROTO_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_PROBE, "send without path MTU");
        } else {
            socket.option(Layouts.IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_OMIT, "send without path MTU");
        }
    }

    private static @Nullable RawSender rawIfPermitted(
            Arena arena, Libc libc, Family family, @Nullable String device, Refusals refusals) {
        try {
            return new RawSender(arena, libc, family, device, refusals);
        } catch (KernelTrouble trouble) {
            if (trouble.errno() == Errno.EPERM.number() || trouble.errno() == Errno.EACCES.number()) {
                return null;
            }
            throw trouble;
        }
    }

    void send(Packet[] batch, int count) {
        for (int i = 0; i < count; i++) {
            Packet packet = batch[i];
            if (isForSocket(packet)) {
                add(packet);
            } else if (raw != null) {
                flush(); // what is in front of it stays in front of it
                raw.add(packet);
                raw.flush();
            } else {
                refusals.count(-Errno.EPERM.number(), 1);
            }
        }
        flush();
    }

    private boolean isForSocket(Packet packet) {
        if (packet.length() < payloadAt || packet.u8(0) >>> 4 != family.version()) {
            return false;
        }
        boolean plain = family == Family.INET
                ? packet.u8(0) == 0x45
                        && Ipv4Header.protocol(packet, 0) == IpProtocol.UDP
                        && !Ipv4Header.isFragment(packet, 0)
                : packet.u8(Ipv6Header.NEXT_HEADER) == IpProtocol.UDP;
        return plain && UdpHeader.sourcePort(packet, udpAt) == port;
    }

    private void add(Packet packet) {
        int length = packet.length() - payloadAt;
        if (length > MAX_PAYLOAD) {
            refusals.count(-Errno.EMSGSIZE.number(), 1);
            return;
        }
        boolean df = family == Family.INET && Ipv4Header.dontFragment(packet, 0);
        if (df != dontFragment && family == Family.INET) {
            flush();
            dontFragment(df);
        }
        if (length > OCTETS - used) {
            flush();
        }
        if (!join(packet, length)) {
            begin(packet, length);
        }
        MemorySegment.copy(packet.array(), packet.start() + payloadAt, octets, JAVA_BYTE, used, length);
        used += length;
    }

    private void dontFragment(boolean df) {
        option.set(JAVA_INT, 0, df ? PMTUDISC_PROBE : PMTUDISC_OMIT);
        libc.setsockopt(socket.fd(), Layouts.IPPROTO_IP, IP_MTU_DISCOVER, option.address(), 4);
        dontFragment = df;
    }

    /** True if the packet goes on in the last message. */
    private boolean join(Packet packet, int length) {
        int last = waiting - 1;
        if (!open
                || last < 0
                || length == 0
                || length > segments[last]
                || datagrams[last] == MAX_SEGMENTS
                || lengths[last] + length > MAX_PAYLOAD
                || !isSamePeer(packet, last)) {
            return false;
        }
        lengths[last] += length;
        datagrams[last]++;
        open = length == segments[last];
        return true;
    }

    private void begin(Packet packet, int length) {
        if (waiting == SLOTS) {
            flush();
        }
        starts[waiting] = used;
        lengths[waiting] = length;
        datagrams[waiting] = 1;
        segments[waiting] = length;
        open = segmentation;
        writeName(packet);
        writeControl(packet);
        waiting++;
    }

    private void writeName(Packet packet) {
        MemorySegment names = messages.names();
        long name = messages.nameAt(waiting);
        names.set(Layouts.NET_SHORT, name + Layouts.SOCKADDR_PORT, (short) UdpHeader.destinationPort(packet, udpAt));
        if (family == Family.INET) {
            names.set(JAVA_SHORT, name, (short) Layouts.AF_INET);
            names.set(Layouts.NET_INT, name + Layouts.SOCKADDR_IN_ADDRESS, packet.u32(Ipv4Header.DESTINATION));
            messages.nameLength(waiting, Layouts.SOCKADDR_IN);
        } else {
            long address = name + Layouts.SOCKADDR_IN6_ADDRESS;
            names.set(JAVA_SHORT, name, (short) Layouts.AF_INET6);
            names.set(Layouts.NET_LONG, address, packet.u64(Ipv6Header.DESTINATION));
            names.set(Layouts.NET_LONG, address + 8, packet.u64(Ipv6Header.DESTINATION + 8));
            messages.nameLength(waiting, Layouts.SOCKADDR_IN6);
        }
    }

    /*
     * Traffic class at 0, hop limit at 24, packet info at 48 (32 octets, or 40), and behind it the segment length, which
     * is written when it is known.
     */
    private void writeControl(Packet packet) {
        MemorySegment controls = messages.controls();
        long at = messages.controlAt(waiting);
        boolean v4 = family == Family.INET;
        int level = v4 ? Layouts.IPPROTO_IP : Layouts.IPPROTO_IPV6;
        int hopLimit = v4 ? Ipv4Header.ttl(packet, 0) : packet.u8(Ipv6Header.HOP_LIMIT);
        header(at, 4, level, v4 ? Ancillary.IP_TOS : Ancillary.IPV6_TCLASS);
        controls.set(JAVA_INT, at + 16, trafficClass(packet));
        header(at + 24, 4, level, v4 ? Ancillary.IP_TTL : Ancillary.IPV6_HOPLIMIT);
        controls.set(JAVA_INT, at + 40, Math.max(1, hopLimit));
        long info = at + 48;
        if (v4) {
            header(info, 12, level, Ancillary.IP_PKTINFO);
            controls.set(JAVA_INT, info + 16, 0);
            controls.set(Layouts.NET_INT, info + 20, packet.u32(Ipv4Header.SOURCE));
            controls.set(JAVA_INT, info + 24, 0);
        } else {
            header(info, 20, level, Ancillary.IPV6_PKTINFO);
            controls.set(Layouts.NET_LONG, info + 16, packet.u64(Ipv6Header.SOURCE));
            controls.set(Layouts.NET_LONG, info + 24, packet.u64(Ipv6Header.SOURCE + 8));
            controls.set(JAVA_INT, info + 32, 0);
        }
    }

    private int trafficClass(Packet packet) {
        return family == Family.INET ? Ipv4Header.trafficClass(packet, 0) : Ipv6Header.trafficClass(packet, 0);
    }

    private void header(long at, int data, int level, int type) {
        MemorySegment controls = messages.controls();
        controls.set(JAVA_LONG, at, Layouts.CMSG_HEADER + data);
        controls.set(JAVA_INT, at + 8, level);
        controls.set(JAVA_INT, at + 12, type);
    }

    private int fixedControl() {
        return 48 + Layouts.cmsgSpace(family == Family.INET ? 12 : 20);
    }

    /** True if the packet has the addresses, destination port, traffic class and hop limit of message {@code i}. */
    private boolean isSamePeer(Packet packet, int i) {
        MemorySegment names = messages.names();
        MemorySegment controls = messages.controls();
        long name = messages.nameAt(i);
        long control = messages.controlAt(i);
        long info = control + 48;
        if (messages.port(i) != UdpHeader.destinationPort(packet, udpAt)
                || controls.get(JAVA_INT, control + 16) != trafficClass(packet)) {
            return false;
        }
        if (family == Family.INET) {
            return controls.get(JAVA_INT, control + 40) == Math.max(1, Ipv4Header.ttl(packet, 0))
                    && names.get(Layouts.NET_INT, name + Layouts.SOCKADDR_IN_ADDRESS)
                            == packet.u32(Ipv4Header.DESTINATION)
                    && controls.get(Layouts.NET_INT, info + 20) == packet.u32(Ipv4Header.SOURCE);
        }
        long address = name + Layouts.SOCKADDR_IN6_ADDRESS;
        return controls.get(JAVA_INT, control + 40) == Math.max(1, packet.u8(Ipv6Header.HOP_LIMIT))
                && names.get(Layouts.NET_LONG, address) == packet.u64(Ipv6Header.DESTINATION)
                && names.get(Layouts.NET_LONG, address + 8) == packet.u64(Ipv6Header.DESTINATION + 8)
                && controls.get(Layouts.NET_LONG, info + 16) == packet.u64(Ipv6Header.SOURCE)
                && controls.get(Layouts.NET_LONG, info + 24) == packet.u64(Ipv6Header.SOURCE + 8);
    }

    private void flush() {
        for (int i = 0; i < waiting; i++) {
            finish(i);
        }
        int at = 0;
        while (at < waiting) {
            int sent = libc.sendmmsg(socket.fd(), messages.from(at), waiting - at, Layouts.MSG_DONTWAIT);
            if (sent > 0) {
                for (int i = at; i < at + sent; i++) {
                    joined += datagrams[i] > 1 ? 1 : 0;
                }
                at += sent;
            } else if (Errno.EAGAIN.is(sent)) {
                while (at < waiting) {
                    refusals.count(sent, datagrams[at++]);
                }
            } else if (!Errno.EINTR.is(sent)) {
                refused(at, sent);
                at++;
            }
        }
        waiting = 0;
        used = 0;
        open = false;
    }

    private void finish(int i) {
        messages.octets(i, octets.address() + starts[i], lengths[i]);
        int control = fixedControl();
        if (datagrams[i] > 1) {
            long at = messages.controlAt(i) + control;
            header(at, 2, UdpPort.SOL_UDP, UDP_SEGMENT);
            messages.controls().set(JAVA_SHORT, at + Layouts.CMSG_HEADER, (short) segments[i]);
            control += Layouts.cmsgSpace(2);
        }
        messages.controlLength(i, control);
    }

    /**
     * A message of several datagrams may be refused where each of them would not be: an interface that cannot sum (EIO),
     * segments longer than the MTU that might be cut (EMSGSIZE). So they are sent one by one; and if that helps, no more
     * are joined, as what the interface cannot do now it cannot do later either.
     */
    private void refused(int i, int result) {
        if (datagrams[i] == 1) {
            refusals.count(result, 1);
            return;
        }
        int end = starts[i] + lengths[i];
        messages.controlLength(i, fixedControl());
        boolean helped = false;
        for (int at = starts[i]; at < end; at += segments[i]) {
            messages.octets(i, octets.address() + at, Math.min(segments[i], end - at));
            int sent;
            do {
                sent = libc.sendmmsg(socket.fd(), messages.from(i), 1, Layouts.MSG_DONTWAIT);
            } while (Errno.EINTR.is(sent));
            if (sent < 0) {
                refusals.count(sent, 1);
            }
            helped |= sent > 0;
        }
        if (helped && (Errno.EIO.is(result) || Errno.EINVAL.is(result))) {
            segmentation = false;
        }
    }

    long joined() {
        return joined;
    }

    void close() {
        if (raw != null) {
            raw.close();
        }
    }
}
