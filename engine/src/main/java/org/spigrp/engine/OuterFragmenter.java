package org.spigrp.engine;

import org.spigrp.wire.ExtensionHeaders;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpHeader;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Ipv6Header;
import org.spigrp.wire.Packet;
import org.spigrp.wire.PacketSelector;
import org.spigrp.wire.Verdict;

/**
 * Cuts a protected packet into fragments that fit the MTU (RFC 791 3.2; RFC 8200 4.5, where only the source may, and
 * the source of an outer header is this host).
 */
final class OuterFragmenter {
    private static final int COPIED_OPTION = 0x80;
    private static final int END_OF_OPTIONS = 0;
    private static final int NO_OPERATION = 1;

    private final PacketSelector selector = new PacketSelector();
    private final Packet piece = new Packet(Packet.DEFAULT_CAPACITY, 64);
    private int nextV6Id;

    /** @param firstV6Id of the first IPv6 datagram that is cut */
    OuterFragmenter(int firstV6Id) {
        nextV6Id = firstV6Id;
    }

    /**
     * NONE, or EXCEEDS_MTU where the packet may not be cut: DF, or IPv6 with a fragment header already.
     *
     * @param despiteDf what is inside cannot be made smaller (IPv6 of 1280 octets, RFC 2473 7.1)
     */
    Verdict mayCut(Packet packet, int mtu, boolean despiteDf) {
        if (selector.parse(packet) != Verdict.NONE) {
            return Verdict.EXCEEDS_MTU;
        }
        if (selector.family() == Family.INET) {
            boolean room = mtu >= Ipv4Header.headerLength(packet, 0) + 8;
            boolean part = Ipv4Header.isFragment(packet, 0);
            return room && ((despiteDf && !part) || !Ipv4Header.dontFragment(packet, 0))
                    ? Verdict.NONE
                    : Verdict.EXCEEDS_MTU;
        }
        boolean room = mtu >= selector.chain().transportAt() + ExtensionHeaders.FRAGMENT_LENGTH + 8;
        return room && !selector.isFragment() ? Verdict.NONE : Verdict.EXCEEDS_MTU;
    }

    /** After {@link #mayCut} said NONE: forwards the packet in pieces. */
    void cut(Packet packet, int mtu, PacketSink sink) {
        if (IpHeader.family(packet, 0) == Family.INET) {
            cutV4(packet, mtu, sink);
        } else {
            cutV6(packet, mtu, sink);
        }
    }

    private void cutV4(Packet packet, int mtu, PacketSink sink) {
        int header = Ipv4Header.headerLength(packet, 0);
        int baseOffset = Ipv4Header.fragmentOffset(packet, 0);
        boolean moreBehind = Ipv4Header.moreFragments(packet, 0);
        int at = header;
        while (at < packet.length()) {
            begin(packet, header);
            int pieceHeader = at == header ? header : keepCopiedOptions(header);
            int left = packet.length() - at;
            int count = left <= mtu - pieceHeader ? left : mtu - pieceHeader & ~7;
            boolean more = moreBehind || count < left;
            fill(packet, at, count, pieceHeader);
            Ipv4Header.totalLength(piece, 0, pieceHeader + count);
            Ipv4Header.dontFragment(piece, 0, false);
            Ipv4Header.fragment(piece, 0, baseOffset + at - header, more);
            Ipv4Header.updateChecksum(piece, 0);
            sink.forward(piece);
            at += count;
        }
    }

    /** Leaves only the options with the copied flag in the piece's header; its new length. */
    private int keepCopiedOptions(int header) {
        int to = Ipv4Header.OPTIONS;
        int at = Ipv4Header.OPTIONS;
        while (at < header) {
            int option = piece.u8(at);
            if (option == END_OF_OPTIONS) {
                break;
            }
            int length = option == NO_OPERATION ? 1 : at + 1 < header ? piece.u8(at + 1) : 0;
            if (length < 1 || at + length > header) {
                break; // malformed: the rest is not worth copying
            }
            if ((option & COPIED_OPTION) != 0) {
                for (int i = 0; i < length; i++) {
                    piece.putU8(to++, piece.u8(at + i));
                }
            }
            at += length;
        }
        while ((to & 3) != 0) {
            piece.putU8(to++, END_OF_OPTIONS);
        }
        piece.truncate(to);
        piece.putU8(0, 0x40 | to >>> 2);
        return to;
    }

    private void cutV6(Packet packet, int mtu, PacketSink sink) {
        Verdict verdict = selector.parse(packet);
        assert verdict == Verdict.NONE : "mayCut has looked at it";
        int front = selector.chain().transportAt();
        int pointer = selector.chain().transportPointerAt();
        int next = packet.u8(pointer);
        int id = nextV6Id++;
        int pieceHeader = front + ExtensionHeaders.FRAGMENT_LENGTH;
        int at = front;
        while (at < packet.length()) {
            begin(packet, front);
            int left = packet.length() - at;
            int count = left <= mtu - pieceHeader ? left : mtu - pieceHeader & ~7;
            boolean room = piece.append(ExtensionHeaders.FRAGMENT_LENGTH);
            assert room : "a slab has room for any packet";
            fill(packet, at, count, pieceHeader);
            piece.putU8(pointer, IpProtocol.FRAGMENT);
            piece.putU8(front, next);
            piece.putU8(front + 1, 0);
            piece.putU16(front + 2, at - front | (count < left ? 1 : 0));
            piece.putU32(front + 4, id);
            Ipv6Header.payloadLength(piece, 0, pieceHeader + count - Ipv6Header.LENGTH);
            sink.forward(piece);
            at += count;
        }
    }

    /** The piece holds the first octets of the packet, and its verdict, time and tag. */
    private void begin(Packet packet, int header) {
        piece.reset(64);
        piece.verdict(packet.verdict(), packet.layer());
        piece.timestamp(packet.timestamp());
        piece.tag(packet.tag());
        boolean room = piece.append(header);
        assert room : "a slab has room for any header";
        piece.put(0, packet.array(), packet.check(0, header), header);
    }

    private void fill(Packet packet, int at, int count, int pieceHeader) {
        boolean room = piece.append(count);
        assert room : "a slab has room for any packet";
        piece.put(pieceHeader, packet.array(), packet.check(at, count), count);
    }
}
