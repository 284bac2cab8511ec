package org.spigrp.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.spigrp.wire.ExtensionHeaders;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpHeader;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Ipv6Header;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Packet;
import org.spigrp.wire.PacketSelector;
import org.spigrp.wire.Verdict;

/**
 * A datagram that comes in fragments (RFC 791 3.2, RFC 8200 4.5), as far as it has come.
 *
 * <pre>
 *                    first fragment says: whole        all of it has come
 *   WAITING  ------------------------------> COLLECTING -----------------> (assembled, forgotten)
 *      |  \----------------------------> EACH            each goes on by itself, as the first did
 *      |    first says: one by one         |
 *      +-----------> BAD <-----------------+             two fragments overlap: nothing of it goes on any more
 * </pre>
 *
 * Two fragments that overlap spoil the datagram (RFC 5722, RFC 8200 4.5; for IPv4 too: nobody can say which of the two
 * a receiver would believe). The very same range again is a duplicate, and harmless if its octets are the same.
 */
final class Datagram {
    /** Fragments of one datagram: at an IPv4 MTU of 68 a datagram of 65,535 octets has 1366. */
    static final int MAX_PIECES = 1400;

    enum State {
        /** The first fragment has not come. */
        WAITING,
        /** To be put together. */
        COLLECTING,
        /** The first has come, and every other one is treated like it. */
        EACH,
        /** Fragments overlap, or go beyond the datagram's end. */
        BAD
    }

    /** What became of a fragment that was put in its place. */
    enum Placed {
        NEW,
        DUPLICATE,
        BAD
    }

    /** A fragment that is kept: a copy, with the owner's tag and time. */
    static final class Piece {
        final byte[] octets;
        final long timestamp;
        final int tag;
        private final int offset;
        private final int dataAt;

        private Piece(byte[] octets, long timestamp, int tag, int offset, int dataAt) {
            this.octets = octets;
            this.timestamp = timestamp;
            this.tag = tag;
            this.offset = offset;
            this.dataAt = dataAt;
        }
    }

    final long bornNanos;
    State state = State.WAITING;
    /** EACH: where the fragments go. */
    @Nullable
    Route route;
    /** EACH, inside a tunnel: what the inbound policy said. */
    Verdict fate = Verdict.NONE;

    private final List<Piece> held = new ArrayList<>();
    private int heldOctets;
    private int[] starts = new int[4];
    private int[] ends = new int[4];
    private int count;
    /** Behind the last octet of data; -1 = the last fragment has not come. */
    private int total = -1;

    Datagram(long bornNanos) {
        this.bornNanos = bornNanos;
    }

    static int offset(Octets packet, PacketSelector seen) {
        return seen.family() == Family.INET
                ? Ipv4Header.fragmentOffset(packet, seen.at())
                : seen.chain().fragmentOffset(packet);
    }

    static boolean more(Octets packet, PacketSelector seen) {
        return seen.family() == Family.INET
                ? Ipv4Header.moreFragments(packet, seen.at())
                : seen.chain().moreFragments(packet);
    }

    /** Position of the data, which is what the offset counts. */
    static int dataAt(PacketSelector seen) {
        return seen.family() == Family.INET
                ? seen.upperAt()
                : seen.chain().fragmentAt() + ExtensionHeaders.FRAGMENT_LENGTH;
    }

    /** Notes the range of a fragment. Once BAD, always BAD. */
    Placed place(Octets packet, PacketSelector seen) {
        int start = offset(packet, seen);
        int length = seen.end() - dataAt(seen);
        boolean more = more(packet, seen);
        int end = start + length;
        if (state == State.BAD || isOutOfBounds(seen, end, length, more)) {
            return bad();
        }
        int at = Arrays.binarySearch(starts, 0, count, start);
        if (at >= 0) {
            return ends[at] == end && more == (end != total) ? Placed.DUPLICATE : bad();
        }
        at = -at - 1;
        if ((at > 0 && ends[at - 1] > start) || (at < count && starts[at] < end) || count == MAX_PIECES) {
            return bad();
        }
        if (!more) {
            if (total >= 0 || (count > 0 && ends[count - 1] > end)) {
                return bad();
            }
            total = end;
        }
        insert(at, start, end);
        return Placed.NEW;
    }

    private boolean isOutOfBounds(PacketSelector seen, int end, int length, boolean more) {
        int header = seen.family() == Family.INET ? dataAt(seen) - seen.at() : 0;
        return length <= 0
                || end > Ipv4Header.MAX_TOTAL_LENGTH - header
                || (more && (length & 7) != 0)
                || (total >= 0 && end > total);
    }

    private Placed bad() {
        state = State.BAD;
        return Placed.BAD;
    }

    private void insert(int at, int start, int end) {
        if (count == starts.length) {
            starts = Arrays.copyOf(starts, 2 * count);
            ends = Arrays.copyOf(ends, 2 * count);
        }
        System.arraycopy(starts, at, starts, at + 1, count - at);
        System.arraycopy(ends, at, ends, at + 1, count - at);
        starts[at] = start;
        ends[at] = end;
        count++;
    }

    /** True if every octet from the first to the last has come. */
    boolean isComplete() {
        if (total < 0 || count == 0 || starts[0] != 0) {
            return false;
        }
        for (int i = 1; i < count; i++) {
            if (starts[i] != ends[i - 1]) {
                return false;
            }
        }
        return ends[count - 1] == total;
    }

    /** Keeps a copy. */
    void hold(Packet packet, PacketSelector seen) {
        held.add(new Piece(packet.toBytes(), packet.timestamp(), packet.tag(), offset(packet, seen), dataAt(seen)));
        heldOctets += packet.length();
    }

    /** True if the kept fragment of this range has the same data. */
    boolean isSameAsHeld(Octets packet, PacketSelector seen) {
        int start = offset(packet, seen);
        for (Piece piece : held) {
            if (piece.offset == start) {
                int at = packet.start() + dataAt(seen);
                int end = packet.start() + seen.end();
                return Arrays.equals(piece.octets, piece.dataAt, piece.octets.length, packet.array(), at, end);
            }
        }
        return false;
    }

    List<Piece> held() {
        return held;
    }

    int heldOctets() {
        return heldOctets;
    }

    void forgetHeld() {
        held.clear();
        heldOctets = 0;
    }

    /**
     * Writes the whole datagram into an empty packet. The headers are the first fragment's (RFC 791: its options; RFC
     * 8200: its unfragmentable part and its next header); a CE mark on any fragment marks the whole (RFC 3168 5.3).
     *
     * @return NONE, BAD_FRAGMENT if it gets longer than an IP packet may, TOO_BIG if the packet has no such room
     */
    Verdict assemble(Packet into, PacketSelector scratch) {
        Piece first = null;
        boolean congested = false;
        for (Piece piece : held) {
            first = piece.offset == 0 ? piece : first;
            congested |= (trafficClass(piece.octets) & 3) == 3;
        }
        if (first == null) {
            return Verdict.BAD_FRAGMENT;
        }
        var head = new Octets(first.octets);
        if (scratch.parse(head) != Verdict.NONE) {
            return Verdict.BAD_FRAGMENT;
        }
        boolean v4 = scratch.family() == Family.INET;
        int headLength = v4 ? first.dataAt : scratch.chain().fragmentAt();
        int length = headLength + total;
        if (v4 ? length > Ipv4Header.MAX_TOTAL_LENGTH : length - Ipv6Header.LENGTH > Ipv6Header.MAX_PAYLOAD_LENGTH) {
            return Verdict.BAD_FRAGMENT;
        }
        if (!into.append(length)) {
            return Verdict.TOO_BIG;
        }
        into.put(0, first.octets, 0, headLength);
        for (Piece piece : held) {
            into.put(headLength + piece.offset, piece.octets, piece.dataAt, piece.octets.length - piece.dataAt);
        }
        int trafficClass = trafficClass(first.octets);
        boolean mark = congested && (trafficClass & 3) != 0;
        if (v4) {
            Ipv4Header.totalLength(into, 0, length);
            Ipv4Header.fragment(into, 0, 0, false);
            if (mark) {
                Ipv4Header.trafficClass(into, 0, trafficClass | 3);
            }
            Ipv4Header.updateChecksum(into, 0);
        } else {
            Ipv6Header.payloadLength(into, 0, length - Ipv6Header.LENGTH);
            into.putU8(scratch.chain().fragmentPointerAt(), head.u8(headLength));
            if (mark) {
                Ipv6Header.trafficClass(into, 0, trafficClass | 3);
            }
        }
        return Verdict.NONE;
    }

    private static int trafficClass(byte[] octets) {
        var packet = new Octets(octets);
        return IpHeader.family(packet, 0) == Family.INET
                ? Ipv4Header.trafficClass(packet, 0)
                : Ipv6Header.trafficClass(packet, 0);
    }
}
