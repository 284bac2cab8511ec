package org.spigrp.engine;

import java.util.List;
import org.spigrp.sa.Selector;
import org.spigrp.wire.Family;
import org.spigrp.wire.Octets;
import org.spigrp.wire.PacketSelector;
import org.spigrp.wire.Verdict;

/**
 * What may come in through a tunnel (RFC 4301 5.2 step 4): a packet that at least one of the selectors takes. Without
 * any nothing may, unless the SA is a legacy one. Allocates nothing.
 */
final class InboundPolicy {
    /** Any packet is welcome, or none: of all tunnels without a policy. */
    private static final InboundPolicy NONE_LEGACY = new InboundPolicy(List.of(), true);

    private static final InboundPolicy NONE = new InboundPolicy(List.of(), false);

    private final Match[] selectors;
    private final boolean legacy;
    private boolean portsMattered;

    static InboundPolicy of(List<Selector> selectors, boolean legacy) {
        if (!selectors.isEmpty()) {
            return new InboundPolicy(selectors, legacy);
        }
        return legacy ? NONE_LEGACY : NONE;
    }

    private InboundPolicy(List<Selector> selectors, boolean legacy) {
        this.selectors = selectors.stream().map(Match::new).toArray(Match[]::new);
        this.legacy = legacy;
    }

    /**
     * PEELED, NO_INBOUND_POLICY or POLICY_MISMATCH; NONE where the ports decide and are in another fragment. An answer
     * to a later fragment is good for its first as well, as no selector with ports had a say in it.
     */
    Verdict judge(Octets packet, PacketSelector offered) {
        if (selectors.length == 0) {
            return legacy ? Verdict.PEELED : Verdict.NO_INBOUND_POLICY; // shared by engines, so nothing is written
        }
        portsMattered = false;
        boolean undecided = false;
        boolean taken = false;
        boolean protocolKnown = Route.protocolKnown(offered);
        for (Match selector : selectors) {
            if (!protocolKnown && selector.protocol != Selector.ANY_PROTOCOL) {
                undecided |= selector.v6 == (offered.family() == Family.INET6);
            } else if (selector.takesAddresses(packet, offered)) {
                if (!selector.needsPorts) {
                    return Verdict.PEELED;
                }
                portsMattered = true;
                taken |= selector.takesPorts(offered);
                undecided |= Route.hidesPorts(offered);
            }
        }
        if (taken) {
            return Verdict.PEELED;
        }
        if (!undecided) {
            return Verdict.POLICY_MISMATCH;
        }
        portsMattered = true;
        return Verdict.NONE;
    }

    /** True if the last answer depends on ports, or would have. */
    boolean portsMattered() {
        return portsMattered;
    }
}
