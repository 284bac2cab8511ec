package org.spigrp.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import org.spigrp.engine.Merger;
import org.spigrp.engine.Segments;
import org.spigrp.wire.Checksum;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

/**
 * A TUN device: what the host routes into it we receive, what we send arrives at the host.
 *
 * <p>The kernel hands over TCP segments and UDP datagrams that it would have had a network card cut, up to 64 KiB in
 * one read, with a header in front that says how (the struct virtio_net_hdr). We cut them, and give it several in one
 * write where they fit together.
 *
 * <pre>
 *   0 flags | 1 GSO type | 2..3 header length | 4..5 GSO size | 6..7 checksum from | 8..9 checksum at | 10 IP packet
 * </pre>
 *
 * The numbers are in the octet order of the host. The header has 10 octets as that of a new device; the 12 of
 * virtio_net_hdr_mrg_rxbuf would carry a count that no TUN uses. A persistent device keeps the length that its last
 * owner set, so it is set in any case.
 */
public final class TunPort extends NativePort {
    private static final int HEADER = 10;
    private static final int FLAGS = 0;
    private static final int GSO_TYPE = 1;
    private static final int HEADER_LENGTH = 2;
    private static final int GSO_SIZE = 4;
    private static final int CHECKSUM_START = 6;
    private static final int CHECKSUM_OFFSET = 8;

    private static final int NEEDS_CHECKSUM = 1;

    /** The largest super-packet has the largest payload of IPv6 and its header. */
    private static final int LARGEST = 65_576;

    private final MemorySegment in = arena.allocate(HEADER + LARGEST, 8);
    private final MemorySegment out = arena.allocate(HEADER + LARGEST, 8);
    private final byte[] large = new byte[LARGEST];
    private final Segments segments = new Segments();
    private final Merger merger;
    private final String name;
    private final int fd;
    private boolean cutting;
    private long largeReads;
    private long largeWrites;

    private TunPort(String name, TunDevice device) {
        this.name = name;
        fd = device.fd();
        merger = new Merger(device.joinsUdp());
    }

    /**
     * Opens the device of that name, and makes it if there is none. A persistent one that was left, also by a process
     * that was killed, is taken over with its addresses and routes.
     *
     * @param persistent the device, its addresses and its routes stay when this port is closed or the process dies
     * @throws KernelTrouble what is wrong, and how to mend it
     */
    public static TunPort open(String name, boolean persistent) {
        return new TunPort(name, TunDevice.open(name, persistent, HEADER));
    }

    /** Takes a persistent device away; false if there was none of that name. */
    public static boolean remove(String name) {
        return TunDevice.remove(name);
    }

    public String name() {
        return name;
    }

    @Override
    public int descriptor() {
        return fd;
    }

    @Override
    public boolean isPending() {
        return cutting;
    }

    @Override
    public synchronized int receive(Packet[] batch) {
        if (isClosed()) {
            return -1;
        }
        int count = 0;
        while (count < batch.length) {
            if (cutting) {
                cutting = segments.next(batch[count]);
                count += cutting ? 1 : 0;
                continue;
            }
            int length = libc.read(fd, in.address(), HEADER + LARGEST);
            if (length < 0) {
                if (Errno.EINTR.is(length)) {
                    continue;
                }
                if (Errno.EBADFD.is(length) && count == 0) {
                    return -1; // somebody has deleted the device
                }
                if (!Errno.EAGAIN.is(length)) {
                    refusals.count(length, 0);
                }
                break;
            }
            if (length > HEADER) {
                count += take(batch[count], length - HEADER);
            }
        }
        return count;
    }

    /** 1 if the packet was filled; 0 where it has to be cut first, or is not fit to be. */
    private int take(Packet packet, int length) {
        int type = in.get(JAVA_BYTE, GSO_TYPE) & 0xff;
        boolean needsChecksum = (in.get(JAVA_BYTE, FLAGS) & NEEDS_CHECKSUM) != 0;
        int from = in.get(JAVA_SHORT, CHECKSUM_START) & 0xffff;
        int offset = in.get(JAVA_SHORT, CHECKSUM_OFFSET) & 0xffff;
        if (type != Segments.NO_GSO) {
            MemorySegment.copy(in, JAVA_BYTE, HEADER, large, 0, length);
            int size = in.get(JAVA_SHORT, GSO_SIZE) & 0xffff;
            int header = in.get(JAVA_SHORT, HEADER_LENGTH) & 0xffff;
            cutting = segments.begin(large, 0, length, type, size, header, needsChecksum, from, offset) == Verdict.NONE;
            if (!cutting) {
                refusals.count(-Errno.EINVAL.number(), 1);
            }
            largeReads++;
            return 0;
        }
        packet.reset(Packet.DEFAULT_HEADROOM);
        boolean fits = packet.append(length) && (!needsChecksum || from + offset + 2 <= length);
        if (!fits) {
            refusals.count(-Errno.EMSGSIZE.number(), 1);
            return 0;
        }
        MemorySegment.copy(in, JAVA_BYTE, HEADER, packet.array(), packet.start(), length);
        if (needsChecksum) {
            // The field has the sum of the pseudo header. For TCP 0xffff is as good as 0.
            int sum = Checksum.of(packet, from, length - from);
            packet.putU16(from + offset, Checksum.forUdp(sum));
        }
        return 1;
    }

    @Override
    public synchronized void send(Packet[] batch, int count) {
        int at = 0;
        while (at < count && !isClosed()) {
            int merged = count - at > 1 ? merger.merge(batch, at, count) : 1;
            if (merged > 1) {
                largeHeader();
                write(merger.octets(), merger.start(), merger.length(), merged);
                largeWrites++;
            } else {
                out.set(JAVA_LONG, 0, 0);
                out.set(JAVA_SHORT, 8, (short) 0);
                write(batch[at].array(), batch[at].start(), batch[at].length(), 1);
            }
            at += merged;
        }
    }

    private void largeHeader() {
        out.set(JAVA_BYTE, FLAGS, (byte) NEEDS_CHECKSUM);
        out.set(JAVA_BYTE, GSO_TYPE, (byte) merger.gsoType());
        out.set(JAVA_SHORT, HEADER_LENGTH, (short) merger.headerLength());
        out.set(JAVA_SHORT, GSO_SIZE, (short) merger.gsoSize());
        out.set(JAVA_SHORT, CHECKSUM_START, (short) merger.csumStart());
        out.set(JAVA_SHORT, CHECKSUM_OFFSET, (short) merger.csumOffset());
    }

    private void write(byte[] octets, int start, int length, int packets) {
        if (length > LARGEST) {
            refusals.count(-Errno.EMSGSIZE.number(), packets);
            return;
        }
        MemorySegment.copy(octets, start, out, JAVA_BYTE, HEADER, length);
        int result;
        do {
            result = libc.write(fd, out.address(), HEADER + length);
        } while (Errno.EINTR.is(result));
        if (result < 0) {
            refusals.count(result, packets);
        }
    }

    /** How many reads gave more than one packet. */
    public long largeReads() {
        return largeReads;
    }

    /** How many writes gave the kernel more than one packet. */
    public long largeWrites() {
        return largeWrites;
    }

    /** A persistent device stays. */
    @Override
    void release() {
        libc.close(fd);
    }
}
