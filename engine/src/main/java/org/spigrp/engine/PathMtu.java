package org.spigrp.engine;

import org.jspecify.annotations.Nullable;
import org.spigrp.sa.SaProtocol;
import org.spigrp.wire.AhHeader;
import org.spigrp.wire.EspHeader;
import org.spigrp.wire.Family;
import org.spigrp.wire.IcmpHeader;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Packet;
import org.spigrp.wire.PacketSelector;
import org.spigrp.wire.UdpHeader;
import org.spigrp.wire.Verdict;

/**
 * What ICMP errors about our protected packets are worth (RFC 4301 8.2.1). Nobody authenticates them, so one counts only
 * if the packet it quotes is ours: sent from the SA's source to its destination, with the SPI of a living SA that is the
 * outermost of its group, and with one of the last {@value #RECENT} sequence numbers. It never lowers the MTU below
 * {@value #LEAST_V4} octets (IPv4) or {@value #LEAST_V6} (IPv6), and is forgotten after ten minutes.
 *
 * <p>Quotes that end before the SPI (eight octets of UDP are all that RFC 792 asks for) are not believed.
 */
final class PathMtu {
    static final long AGE_NANOS = 600_000_000_000L;
    static final int LEAST_V4 = 576;
    static final int LEAST_V6 = 1280;
    /** Numbers behind the last one sent that still count as recent: about a second at 50,000 packets a second. */
    static final int RECENT = 1 << 16;

    private final Sad sad;
    private final Worker worker;
    private final Enclosed enclosed = new Enclosed();
    private final PacketSelector selector = new PacketSelector();

    PathMtu(Sad sad, Worker worker) {
        this.sad = sad;
        this.worker = worker;
    }

    /**
     * Looks at an ICMP or ICMPv6 error that was sent to this host.
     *
     * @return the group whose path MTU fell because of it, or null
     */
    @Nullable
    GroupPlan learn(Packet icmp) {
        if (selector.parse(icmp) != Verdict.NONE || selector.isFragment()) {
            return null;
        }
        Packet quoted = enclosed.of(icmp, selector);
        if (quoted == null) {
            return null;
        }
        int mtu = mtuOf(icmp);
        Family family = selector.family();
        if (mtu <= 0 || selector.parse(quoted) != Verdict.NONE || selector.family() != family) {
            return null;
        }
        SaEntry entry = find(quoted);
        if (entry == null
                || entry != entry.plan.outermost()
                || !entry.sa.direction().maySend()) {
            return null;
        }
        if (!entry.comesFrom(quoted, family, selector.sourceAt()) || !isRecent(entry, quoted)) {
            return null;
        }
        GroupPlan plan = entry.plan;
        int floored = Math.max(mtu, family == Family.INET ? LEAST_V4 : LEAST_V6);
        int before = plan.mtu(0, worker.nanos());
        if (before != 0 && floored >= before) {
            return null; // only the passing of time raises it again
        }
        plan.pathTakes(floored, worker.nanos());
        return plan;
    }

    private int mtuOf(Packet icmp) {
        int at = selector.upperAt();
        int type = IcmpHeader.type(icmp, at);
        if (selector.family() == Family.INET) {
            boolean needed = type == IcmpHeader.V4_UNREACHABLE
                    && IcmpHeader.code(icmp, at) == IcmpHeader.V4_FRAGMENTATION_NEEDED;
            return needed ? IcmpHeader.rest(icmp, at) & 0xffff : 0;
        }
        return type == IcmpHeader.V6_PACKET_TOO_BIG ? IcmpHeader.rest(icmp, at) : 0;
    }

    private @Nullable SaEntry find(Packet quoted) {
        int at = spiAt(quoted);
        if (at < 0) {
            return null;
        }
        SaProtocol protocol = selector.protocol() == IpProtocol.AH ? SaProtocol.AH : SaProtocol.ESP;
        return sad.find(protocol, quoted.u32(at), quoted, selector.family(), selector.destinationAt());
    }

    /** Where SPI and, four or eight octets on, the sequence number are; -1 = not in the quote. */
    private int spiAt(Packet quoted) {
        int at = selector.upperAt();
        int room = selector.end() - at;
        return switch (selector.protocol()) {
            case IpProtocol.ESP -> room < EspHeader.LENGTH ? -1 : at + EspHeader.SPI;
            case IpProtocol.AH -> room < AhHeader.FIXED_LENGTH ? -1 : at + AhHeader.SPI;
            case IpProtocol.UDP -> {
                if (room < UdpHeader.LENGTH + 24) {
                    yield -1;
                }
                boolean nonIke = quoted.u64(at + UdpHeader.LENGTH) == 0;
                yield at + UdpHeader.LENGTH + (nonIke ? 8 : 0);
            }
            default -> -1;
        };
    }

    private boolean isRecent(SaEntry entry, Packet quoted) {
        int low = quoted.u32(spiAt(quoted) + 4);
        int behind = (int) entry.state.lastSent() - low;
        return Integer.compareUnsigned(behind, RECENT) < 0 && entry.state.lastSent() != 0;
    }
}
