package org.spigrp.engine;

import org.jspecify.annotations.Nullable;
import org.spigrp.wire.Checksum;
import org.spigrp.wire.Family;
import org.spigrp.wire.IcmpHeader;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.IpHeader;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Ipv6Header;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Packet;
import org.spigrp.wire.PacketSelector;
import org.spigrp.wire.Verdict;

/**
 * The ICMP and ICMPv6 errors of the stack: refused by %reject (RFC 1812 5.2.7.1, RFC 4443 3.1), too big for the MTU
 * (RFC 1191, RFC 4443 3.2).
 *
 * <p>They come from this host's own address where one of the family was named, else from the address that the packet
 * was sent to, as that host would have said it. They quote as much of the packet as fits 576 octets of IPv4 (RFC 1812
 * 4.3.2.3) or 1280 of IPv6.
 */
final class IcmpErrors {
    /** The most of a packet that is ever quoted. */
    static final int MAX_QUOTE = 1280 - Ipv6Header.LENGTH - IcmpHeader.LENGTH;

    /** RFC 8200 5. */
    static final int LEAST_V6_MTU = 1280;

    private static final int MAX_V4_LENGTH = 576;
    private static final int TTL = 64;

    private final @Nullable IpAddress ownV4;
    private final @Nullable IpAddress ownV6;
    private final PacketSelector selector = new PacketSelector();
    private final Packet reply = new Packet(2048, 64);

    IcmpErrors(Iterable<IpAddress> local) {
        IpAddress v4 = null;
        IpAddress v6 = null;
        for (IpAddress address : local) {
            if (address.family() == Family.INET) {
                v4 = v4 == null || address.compareTo(v4) < 0 ? address : v4;
            } else {
                v6 = v6 == null || address.compareTo(v6) < 0 ? address : v6;
            }
        }
        ownV4 = v4;
        ownV6 = v6;
    }

    /** The answer of %reject, or null where none may be sent. It is good until the next call. */
    @Nullable
    Packet prohibited(Octets about) {
        return isV4(about)
                ? error(about, IcmpHeader.V4_UNREACHABLE, IcmpHeader.V4_PROHIBITED, 0)
                : error(about, IcmpHeader.V6_UNREACHABLE, IcmpHeader.V6_PROHIBITED, 0);
    }

    /**
     * Says that packets of at most {@code mtu} octets go through, or null where nothing may be said.
     *
     * @param about the clear packet, or its beginning
     */
    @Nullable
    Packet tooBig(Octets about, int mtu) {
        return isV4(about)
                ? error(about, IcmpHeader.V4_UNREACHABLE, IcmpHeader.V4_FRAGMENTATION_NEEDED, mtu & 0xffff)
                : error(about, IcmpHeader.V6_PACKET_TOO_BIG, 0, Math.max(mtu, LEAST_V6_MTU));
    }

    private static boolean isV4(Octets about) {
        return IpHeader.family(about, 0) == Family.INET;
    }

    private @Nullable Packet error(Octets about, int type, int code, int rest) {
        if (!mayBeSentAbout(about, type)) {
            return null;
        }
        return selector.family() == Family.INET ? v4(about, type, code, rest) : v6(about, type, code, rest);
    }

    /** RFC 1122 3.2.2, RFC 4443 2.4 (e): not about errors, later fragments, or packets to or from many or nobody. */
    private boolean mayBeSentAbout(Octets about, int type) {
        if (parseBeginning(about) != Verdict.NONE || selector.isLaterFragment()) {
            return false;
        }
        boolean v4 = selector.family() == Family.INET;
        int icmp = v4 ? IpProtocol.ICMP : IpProtocol.ICMPV6;
        if (selector.protocol() == icmp
                && (selector.sourcePort() == PacketSelector.OPAQUE
                        || IcmpHeader.isError(selector.family(), selector.sourcePort()))) {
            return false;
        }
        if (v4) {
            int source = about.u32(Ipv4Header.SOURCE);
            int first = source >>> 24;
            return first != 0 && first != 127 && first < 224 && about.u8(Ipv4Header.DESTINATION) < 224;
        }
        boolean fromOne = about.u8(Ipv6Header.SOURCE) != 0xff
                && (about.u64(Ipv6Header.SOURCE) != 0 || (about.u64(Ipv6Header.SOURCE + 8) & ~1L) != 0);
        // RFC 4443 2.4 (e.3): "packet too big" is the one that may answer a multicast
        return fromOne && (about.u8(Ipv6Header.DESTINATION) != 0xff || type == IcmpHeader.V6_PACKET_TOO_BIG);
    }

    /** The packet may be cut off where its quote would end anyway: then its length field is taken as it should be. */
    private Verdict parseBeginning(Octets about) {
        Verdict verdict = selector.parse(about);
        if (verdict != Verdict.BAD_LENGTH) {
            return verdict;
        }
        boolean v4 = isV4(about);
        int field = v4 ? Ipv4Header.TOTAL_LENGTH : Ipv6Header.PAYLOAD_LENGTH;
        int said = about.u16(field);
        about.putU16(field, v4 ? about.length() : about.length() - Ipv6Header.LENGTH);
        verdict = selector.parse(about);
        about.putU16(field, said);
        return verdict;
    }

    private Packet v4(Octets about, int type, int code, int rest) {
        int quote = Math.min(about.length(), MAX_V4_LENGTH - Ipv4Header.MIN_LENGTH - IcmpHeader.LENGTH);
        int at = begin(Ipv4Header.MIN_LENGTH, about, quote, type, code, rest);
        Ipv4Header.init(reply, 0, at + IcmpHeader.LENGTH + quote);
        Ipv4Header.ttl(reply, 0, TTL);
        Ipv4Header.protocol(reply, 0, IpProtocol.ICMP);
        reply.putU32(Ipv4Header.SOURCE, ownV4 != null ? (int) ownV4.low() : about.u32(Ipv4Header.DESTINATION));
        reply.putU32(Ipv4Header.DESTINATION, about.u32(Ipv4Header.SOURCE));
        Ipv4Header.updateChecksum(reply, 0);
        IcmpHeader.checksum(reply, at, Checksum.of(reply, at, IcmpHeader.LENGTH + quote));
        return reply;
    }

    private Packet v6(Octets about, int type, int code, int rest) {
        int quote = Math.min(about.length(), MAX_QUOTE);
        int at = begin(Ipv6Header.LENGTH, about, quote, type, code, rest);
        Ipv6Header.init(reply, 0, IcmpHeader.LENGTH + quote);
        Ipv6Header.hopLimit(reply, 0, TTL);
        Ipv6Header.nextHeader(reply, 0, IpProtocol.ICMPV6);
        boolean multicast = about.u8(Ipv6Header.DESTINATION) == 0xff;
        if (ownV6 != null) {
            ownV6.write(reply, Ipv6Header.SOURCE);
        } else if (!multicast) {
            reply.put(Ipv6Header.SOURCE, about.array(), about.check(Ipv6Header.DESTINATION, 16), 16);
        }
        reply.put(Ipv6Header.DESTINATION, about.array(), about.check(Ipv6Header.SOURCE, 16), 16);
        int length = IcmpHeader.LENGTH + quote;
        IcmpHeader.checksum(
                reply,
                at,
                Checksum.ofUpper(
                        reply, Family.INET6, Ipv6Header.SOURCE, Ipv6Header.DESTINATION, IpProtocol.ICMPV6, at, length));
        return reply;
    }

    /** Everything behind the IP header but the checksum; returns where the ICMP header is. */
    private int begin(int header, Octets about, int quote, int type, int code, int rest) {
        reply.reset(64);
        boolean room = reply.append(header + IcmpHeader.LENGTH + quote);
        assert room : "a reply has at most 1280 octets";
        IcmpHeader.type(reply, header, type);
        IcmpHeader.code(reply, header, code);
        IcmpHeader.checksum(reply, header, 0);
        IcmpHeader.rest(reply, header, rest);
        reply.put(header + IcmpHeader.LENGTH, about.array(), about.check(0, quote), quote);
        return header;
    }
}
