package org.spigrp.engine;

import org.spigrp.sa.Transform.EcnPolicy;
import org.spigrp.wire.Checksum;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Ipv6Header;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

/**
 * Congestion marks across a tunnel.
 *
 * <pre>
 *   rfc6040  (RFC 6040 4.1 normal mode, 4.2)        linux (RFC 3168 9.1.1 full functionality)     none
 *   outward  as the inner                           as the inner, CE as ECT(0)                    0
 *   inward   outer  Not-ECT ECT(0) ECT(1)  CE       CE on an inner ECT: CE                        nothing
 *     inner Not-ECT   -       -      -    drop      else nothing
 *           ECT(0)    -       -    ECT(1)  CE
 *           ECT(1)    -       -      -     CE
 *           CE        -       -      -     -
 * </pre>
 */
final class Ecn {
    static final int MASK = 3;
    static final int NOT_ECT = 0;
    static final int ECT1 = 1;
    static final int ECT0 = 2;
    static final int CE = 3;

    private Ecn() {}

    /** The outer header's ECN field. */
    static int outward(EcnPolicy policy, int inner) {
        return switch (policy) {
            case RFC6040 -> inner;
            case LINUX -> inner == CE ? ECT0 : inner;
            case NONE -> NOT_ECT;
        };
    }

    /** Carries the mark of the outer header, which is gone already, into the packet. */
    static Verdict inward(EcnPolicy policy, int outer, Packet packet) {
        if (policy == EcnPolicy.NONE || outer == NOT_ECT || outer == ECT0) {
            return Verdict.NONE;
        }
        boolean isV4 = Ipv4Header.version(packet, 0) == 4;
        int trafficClass = isV4 ? Ipv4Header.trafficClass(packet, 0) : Ipv6Header.trafficClass(packet, 0);
        int inner = trafficClass & MASK;
        if (inner == NOT_ECT) {
            return policy == EcnPolicy.RFC6040 && outer == CE ? Verdict.ECN_DROP : Verdict.NONE;
        }
        int marked = inner;
        if (outer == CE) {
            marked = CE;
        } else if (policy == EcnPolicy.RFC6040 && inner == ECT0) {
            marked = ECT1;
        }
        if (marked != inner) {
            write(packet, isV4, (trafficClass & ~MASK) | marked);
        }
        return Verdict.NONE;
    }

    private static void write(Packet packet, boolean isV4, int trafficClass) {
        if (isV4) {
            int before = packet.u16(0);
            Ipv4Header.trafficClass(packet, 0, trafficClass);
            int checksum = Checksum.update(Ipv4Header.checksum(packet, 0), before, packet.u16(0));
            packet.putU16(Ipv4Header.CHECKSUM, checksum);
        } else {
            Ipv6Header.trafficClass(packet, 0, trafficClass);
        }
    }
}
