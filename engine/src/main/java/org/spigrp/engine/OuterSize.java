package org.spigrp.engine;

import org.spigrp.sa.EspSuite;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Transform;
import org.spigrp.wire.EspHeader;
import org.spigrp.wire.Family;
import org.spigrp.wire.UdpHeader;

/**
 * How long a packet gets in a group. Exact, but that IPComp is taken to compress nothing. (The formula of the old stack,
 * specification 6.1.7, is an estimate: 1443 where 1446 would go through.)
 */
final class OuterSize {
    private static final int MAX_PACKET = 65_575;

    private OuterSize() {}

    /**
     * @param headerLength of the IP header with what stays in front of a transport layer
     * @param length of the packet
     * @return length of the packet that leaves the outermost member
     */
    static int of(GroupPlan plan, int headerLength, int length) {
        int header = headerLength;
        int total = length;
        for (SaEntry member : plan.members) {
            SecurityAssociation sa = member.sa;
            Family family = sa.said().family();
            switch (sa.transform()) {
                case Transform.Tunnel _ -> {
                    header = family.headerOctets();
                    total += header;
                }
                case Transform.Ah ah -> total += ahOctets(ah, family);
                case Transform.Esp esp -> {
                    EspSuite suite = esp.suite();
                    int body = total - header + EspHeader.MIN_TRAILER_LENGTH;
                    int padded = roundUp(body, Math.max(4, suite.cipher().blockOctets()));
                    total = header
                            + natOctets(esp)
                            + EspHeader.LENGTH
                            + suite.cipher().ivOctets()
                            + padded
                            + suite.icvOctets();
                }
                case Transform.Comp _ -> {}
            }
        }
        return total;
    }

    private static int ahOctets(Transform.Ah ah, Family family) {
        int align = ah.alignOctets() != 0 ? ah.alignOctets() : family == Family.INET ? 4 : 8;
        return roundUp(12 + ah.suite().ivOctets() + ah.suite().icvOctets(), align);
    }

    private static int natOctets(Transform.Esp esp) {
        return esp.natTraversal().isUsed()
                ? UdpHeader.LENGTH + esp.natTraversal().kind().markerOctets()
                : 0;
    }

    private static int roundUp(int value, int multiple) {
        return (value + multiple - 1) / multiple * multiple;
    }

    /** The longest packet whose outer packet is not longer than {@code mtu}; 0 if none fits. */
    static int largestInner(GroupPlan plan, int headerLength, int mtu) {
        int low = 0;
        int high = Math.min(mtu, MAX_PACKET);
        while (low < high) { // the outer length never falls when the inner one grows
            int middle = (low + high + 1) >>> 1;
            if (of(plan, headerLength, Math.max(middle, headerLength)) <= mtu) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** An upper bound of what the members add to any packet. */
    static int most(GroupPlan plan) {
        int sum = 0;
        for (SaEntry member : plan.members) {
            Family family = member.sa.said().family();
            sum += switch (member.sa.transform()) {
                case Transform.Tunnel _ -> family.headerOctets();
                case Transform.Ah ah -> ahOctets(ah, family);
                case Transform.Esp esp ->
                    natOctets(esp)
                            + EspHeader.LENGTH
                            + esp.suite().cipher().ivOctets()
                            + EspHeader.MIN_TRAILER_LENGTH
                            + Math.max(4, esp.suite().cipher().blockOctets())
                            - 1
                            + esp.suite().icvOctets();
                case Transform.Comp _ -> 0; // it never grows a packet
            };
        }
        return sum;
    }
}
