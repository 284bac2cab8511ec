package org.spigrp.engine;

import org.jspecify.annotations.Nullable;
import org.spigrp.wire.Family;
import org.spigrp.wire.IcmpHeader;
import org.spigrp.wire.IpHeader;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Ipv6Header;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Packet;
import org.spigrp.wire.PacketSelector;
import org.spigrp.wire.Verdict;

/**
 * The packet that an ICMP error quotes. A router on the way says something about a packet of ours; its own address need
 * not be one that any selector takes, so such an error goes the way of the packet it quotes, turned round (RFC 4301 6).
 */
final class Enclosed {
    private static final int MOST = 1280;

    private final Packet quote = new Packet(MOST + 64, 32);
    private final PacketSelector inner = new PacketSelector();

    /**
     * The quoted packet as far as it is there, its length field shortened to that; null where the packet is no ICMP
     * error or quotes nothing of use. Good until the next call.
     *
     * @param seen the packet, parsed
     */
    @Nullable
    Packet of(Octets packet, PacketSelector seen) {
        Family family = seen.family();
        int icmp = family == Family.INET ? IpProtocol.ICMP : IpProtocol.ICMPV6;
        int at = seen.upperAt();
        if (seen.protocol() != icmp || seen.isLaterFragment() || seen.end() - at < IcmpHeader.LENGTH) {
            return null;
        }
        if (!IcmpHeader.isError(family, IcmpHeader.type(packet, at))) {
            return null;
        }
        int from = at + IcmpHeader.LENGTH;
        int count = Math.min(seen.end() - from, MOST);
        if (count < family.headerOctets()) {
            return null;
        }
        quote.reset(32);
        boolean room = quote.append(count);
        assert room : "a quote fits its slab";
        quote.put(0, packet.array(), packet.check(from, count), count);
        if (Ipv4Header.version(quote, 0) != family.version()) {
            return null;
        }
        int said = IpHeader.packetLength(quote, 0);
        if (said > count) {
            shorten(family, count);
        }
        return quote;
    }

    private void shorten(Family family, int count) {
        if (family == Family.INET) {
            quote.putU16(Ipv4Header.TOTAL_LENGTH, count);
        } else {
            quote.putU16(Ipv6Header.PAYLOAD_LENGTH, count - Ipv6Header.LENGTH);
        }
    }

    /** {@link #of} with addresses and ports exchanged, or null; {@link #seen} has it parsed. */
    @Nullable
    Packet turnedRound(Octets packet, PacketSelector seen) {
        Packet quoted = of(packet, seen);
        if (quoted == null || inner.parse(quoted) != Verdict.NONE) {
            return null;
        }
        int octets = inner.family() == Family.INET ? 4 : 16;
        exchange(inner.sourceAt(), inner.destinationAt(), octets);
        boolean ports = IpProtocol.hasPorts(inner.protocol()) && !inner.isLaterFragment() && !inner.portsCutOff();
        if (ports) {
            exchange(inner.upperAt(), inner.upperAt() + 2, 2);
        }
        return inner.parse(quoted) == Verdict.NONE ? quoted : null;
    }

    private void exchange(int a, int b, int count) {
        for (int i = 0; i < count; i++) {
            int kept = quote.u8(a + i);
            quote.putU8(a + i, quote.u8(b + i));
            quote.putU8(b + i, kept);
        }
    }

    /** Of the last {@link #turnedRound}. */
    PacketSelector seen() {
        return inner;
    }
}
