package org.spigrp.engine;

import org.spigrp.sa.NatTraversal;
import org.spigrp.wire.Checksum;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpHeader;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Octets;
import org.spigrp.wire.UdpHeader;
import org.spigrp.wire.Verdict;

/**
 * ESP in UDP (RFC 3948).
 *
 * <pre>
 *   nonesp   UDP | SPI, not 0 ...                nonike   UDP | 8 zero octets | SPI ...
 *   IKE      UDP | 4 zero octets | not 0 ...     keepalive  UDP | 0xff
 * </pre>
 *
 * Sent without a checksum over IPv4 (RFC 3948 2.1) and with one over IPv6: zero is allowed there only for tunnels whose
 * both ends agreed (RFC 6935). Received checksums are not looked at, for the ICV says more.
 */
final class UdpEncapsulation {
    private UdpEncapsulation() {}

    /**
     * Tells ESP from IKE. The UDP header was checked.
     *
     * @return from the UDP header to the ESP header: 8 (nonesp) or 16 (nonike); 0 where no ESP is inside
     */
    static int espOffset(Octets octets, int udpAt) {
        int length = UdpHeader.length(octets, udpAt);
        int payloadAt = udpAt + UdpHeader.LENGTH;
        if (length < UdpHeader.LENGTH + 8) {
            return 0;
        }
        if (octets.u32(payloadAt) != 0) {
            return UdpHeader.LENGTH;
        }
        int marker = NatTraversal.Kind.NONIKE.markerOctets();
        boolean nonIke = octets.u64(payloadAt) == 0 && length >= UdpHeader.LENGTH + marker + 8;
        return nonIke ? UdpHeader.LENGTH + marker : 0;
    }

    /** NONE if the UDP datagram at {@code udpAt} carries ESP in the way of this SA. */
    static Verdict check(Octets octets, int udpAt, NatTraversal nat) {
        Verdict verdict = UdpHeader.check(octets, udpAt);
        if (verdict != Verdict.NONE) {
            return verdict;
        }
        int offset = espOffset(octets, udpAt);
        if (offset == 0 && UdpHeader.length(octets, udpAt) < front(nat) + 8) {
            return Verdict.TOO_SHORT;
        }
        return offset == front(nat) ? Verdict.NONE : Verdict.WRONG_ENCAPSULATION;
    }

    /** Octets of UDP header and marker. */
    static int front(NatTraversal nat) {
        return nat.isUsed() ? UdpHeader.LENGTH + nat.kind().markerOctets() : 0;
    }

    /** Writes UDP header and marker in front of ESP; {@code length} is that of the datagram. */
    static void write(Octets octets, int udpAt, NatTraversal nat, int length) {
        UdpHeader.write(octets, udpAt, nat.sourcePort(), nat.destinationPort(), length);
        if (nat.kind() == NatTraversal.Kind.NONIKE) {
            octets.putU64(udpAt + UdpHeader.LENGTH, 0);
        }
    }

    /** Over IPv6, when all octets are final. */
    static void sum(Octets octets, Family family, int udpAt) {
        if (family == Family.INET6) {
            int sum = Checksum.ofUpper(
                    octets,
                    family,
                    IpHeader.sourceAt(family, 0),
                    IpHeader.destinationAt(family, 0),
                    IpProtocol.UDP,
                    udpAt,
                    UdpHeader.length(octets, udpAt));
            UdpHeader.checksum(octets, udpAt, Checksum.forUdp(sum));
        }
    }
}
