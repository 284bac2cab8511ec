package org.spigrp.engine;

import java.util.List;
import org.spigrp.sa.Selector;
import org.spigrp.wire.Octets;
import org.spigrp.wire.PacketSelector;
import org.spigrp.wire.Verdict;

/**
 * What may come in through a tunnel (RFC 4301 5.2 step 4): a packet that at least one of the selectors takes. Without
 * any nothing may, unless the SA is a legacy one. Allocates nothing.
 */
final class InboundPolicy {
    private final List<Selector> selectors;
    private final boolean legacy;
    private boolean portsMattered;

    InboundPolicy(List<Selector> selectors, boolean legacy) {
        this.selectors = List.copyOf(selectors);
        this.legacy = legacy;
    }

    /**
     * PEELED, NO_INBOUND_POLICY or POLICY_MISMATCH; NONE where the ports decide and are in another fragment. An answer
     * to a later fragment is good for its first as well, as no selector with ports had a say in it.
     */
    Verdict judge(Octets packet, PacketSelector offered) {
        portsMattered = false;
        if (selectors.isEmpty()) {
            return legacy ? Verdict.PEELED : Verdict.NO_INBOUND_POLICY;
        }
        boolean undecided = false;
        boolean taken = false;
        for (int i = 0; i < selectors.size(); i++) {
            Selector selector = selectors.get(i);
            if (!Route.protocolKnown(offered) && selector.protocol() != Selector.ANY_PROTOCOL) {
                undecided |= selector.source().family() == offered.family();
            } else if (Route.takesAddresses(selector, packet, offered)) {
                if (!selector.needsPorts()) {
                    return Verdict.PEELED;
                }
                portsMattered = true;
                taken |= Route.takesPorts(selector, offered);
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
