package org.spigrp.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Packet;

/**
 * ICMP errors that say a packet did not get through: destination unreachable (IPv4 type 3, "fragmentation needed" among
 * them; IPv6 type 1) and packet too big (IPv6 type 2). Whole packets with IP header; over IPv6, whose raw sockets take
 * the header off, one that is written again. Nothing can be sent. The kernel gets them too.
 */
public final class IcmpPort extends NativePort {
    private static final int SOL_RAW = 255;
    private static final int SOL_ICMPV6 = 58;
    /** Both filters have this number at their level; a bit that is set keeps a type out. */
    private static final int FILTER = 1;

    private static final int V4_UNREACHABLE = 3;
    private static final int V6_UNREACHABLE = 1;
    private static final int V6_TOO_BIG = 2;

    private final Receiver receiver = new Receiver(arena, libc, Ancillary.OCTETS, refusals);
    private final Family family;
    private final Ancillary ancillary;
    private final KernelSocket socket;

    private IcmpPort(Family family, @Nullable String device) {
        this.family = family;
        ancillary = new Ancillary(family);
        boolean v4 = family == Family.INET;
        socket = KernelSocket.open(
                libc,
                v4 ? Layouts.AF_INET : Layouts.AF_INET6,
                Layouts.SOCK_RAW,
                v4 ? IpProtocol.ICMP : IpProtocol.ICMPV6,
                "a raw socket for ICMP over IPv" + family.version());
        try {
            if (v4) {
                socket.option(SOL_RAW, FILTER, ~(1 << V4_UNREACHABLE), "take errors only");
            } else {
                byte[] blocked = ByteBuffer.allocate(32)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(~(1 << V6_UNREACHABLE | 1 << V6_TOO_BIG))
                        .putInt(-1)
                        .putLong(-1)
                        .putLong(-1)
                        .putLong(-1)
                        .array();
                socket.option(SOL_ICMPV6, FILTER, blocked, "take errors only");
                Ancillary.askFor(socket, family);
            }
            RawSender.limitByInterfaceOnly(socket, family);
            socket.bindToDevice(device);
        } catch (KernelTrouble trouble) {
            socket.close();
            throw trouble;
        }
    }

    /**
     * @param device they come by this interface only; null = by any
     * @throws KernelTrouble what is wrong, and how to mend it
     */
    public static IcmpPort open(Family family, @Nullable String device) {
        return new IcmpPort(family, device);
    }

    @Override
    public int descriptor() {
        return socket.fd();
    }

    @Override
    public synchronized int receive(Packet[] batch) {
        if (isClosed()) {
            return -1;
        }
        int got = receiver.receive(socket.fd(), Math.min(batch.length, Receiver.SLOTS));
        int count = 0;
        for (int i = 0; i < got; i++) {
            count += give(batch[count], i) ? 1 : 0;
        }
        return count;
    }

    private boolean give(Packet packet, int i) {
        int length = receiver.length(i);
        packet.reset(Packet.DEFAULT_HEADROOM);
        if (family == Family.INET) {
            return receiver.append(i, 0, length, packet);
        }
        boolean fits = packet.append(family.headerOctets()) && receiver.append(i, 0, length, packet);
        if (fits) {
            ancillary.read(receiver.messages(), i);
            ancillary.writeHeader(packet, receiver.messages(), i, IpProtocol.ICMPV6, length);
        }
        return fits;
    }

    /** Nothing is sent here: the packets are counted as refused. */
    @Override
    public synchronized void send(Packet[] batch, int count) {
        refusals.count(-Errno.EOPNOTSUPP.number(), count);
    }

    @Override
    void release() {
        socket.close();
    }
}
