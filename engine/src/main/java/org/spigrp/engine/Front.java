package org.spigrp.engine;

import org.spigrp.wire.Family;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Packet;
import org.spigrp.wire.PacketSelector;
import org.spigrp.wire.Verdict;

/**
 * How far a packet is peeled: its IP header, and behind it the place where the next member's header stands.
 *
 * <pre>
 *   |  IP header, extensions  |  headers taken off  |  next member's header, ...  |
 *   0                     ipOctets                  at
 * </pre>
 *
 * Headers of transport mode are passed over, not cut out: in a tunnel the IP header goes with them, so moving it up to
 * what is left and summing it anew for each member would be for nothing. {@link #close} does it once, where somebody
 * wants to see a packet: behind the last member, at a member that is not where it should be, for IPComp.
 */
final class Front {
    private final PacketSelector seen = new PacketSelector();
    private Family family = Family.INET;
    private int ipOctets;
    private int pointerAt;
    private int at;
    private int protocol;
    private boolean fragment;
    private boolean part;
    private boolean known;

    /** What is known of the packet belongs to another one. */
    void forget() {
        known = false;
        ipOctets = 0;
        at = 0;
    }

    boolean isKnown() {
        return known;
    }

    /** Looks at the packet from its first octet on. */
    Verdict parse(Packet packet) {
        close(packet);
        Verdict verdict = seen.parse(packet);
        if (verdict == Verdict.NONE) {
            packet.truncate(seen.end());
            take(packet, seen);
        }
        return verdict;
    }

    /** The same where the packet was parsed already. */
    void take(Packet packet, PacketSelector parsed) {
        known = true;
        family = parsed.family();
        at = parsed.upperAt();
        ipOctets = at;
        pointerAt = parsed.upperPointerAt();
        protocol = parsed.protocol();
        fragment = parsed.isFragment();
        part = fragment && Fragments.isPart(packet, parsed);
    }

    Family family() {
        return family;
    }

    /** Octets of the IP header and the extension headers behind it. */
    int ipOctets() {
        return ipOctets;
    }

    /** The field that names what is behind the IP header, whatever was taken off. */
    int pointerAt() {
        return pointerAt;
    }

    /** Where the next header is. */
    int at() {
        return at;
    }

    /** What the next header is. */
    int protocol() {
        return protocol;
    }

    /** True if the packet is a part of a datagram, or says so in an IPv6 fragment header. */
    boolean isFragment() {
        return fragment;
    }

    /** True if the packet is a part of a datagram. */
    boolean isPart() {
        return part;
    }

    /** How long the packet is without what was taken off. */
    int length(Packet packet) {
        return packet.length() - (at - ipOctets);
    }

    /** A header of so many octets is taken off; behind it comes that. IPv6 extension headers are to be parsed again. */
    void advance(int octets, int next) {
        at += octets;
        protocol = next;
        known = family == Family.INET || !mayBeExtension(next);
    }

    private static boolean mayBeExtension(int protocol) {
        return switch (protocol) {
            case IpProtocol.ESP,
                    IpProtocol.AH,
                    IpProtocol.IPCOMP,
                    IpProtocol.UDP,
                    IpProtocol.TCP,
                    IpProtocol.IPV4,
                    IpProtocol.IPV6 -> false;
            default -> true;
        };
    }

    /** Makes one piece of it again: a packet as it would have come without the headers taken off. */
    void close(Packet packet) {
        int gap = at - ipOctets;
        if (gap > 0) {
            IpEdit.remove(packet, ipOctets, gap);
            IpEdit.mend(packet, pointerAt, protocol);
            at = ipOctets;
        }
    }
}
