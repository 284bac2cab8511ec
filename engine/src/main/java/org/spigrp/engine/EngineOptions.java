package org.spigrp.engine;

import java.util.Set;
import org.spigrp.wire.IpAddress;

/**
 * What an {@link Engine} is to do with packets.
 *
 * @param only which half of the work is done
 * @param local this host's own addresses: their own IKE, ESP and AH stay out of the tunnels, and IPsec packets to them
 *     that no SA knows end in NO_SA; empty = no packet is the host's own
 * @param unmatched what happens to packets that no SA and no eroute concerns
 * @param freshWindows replay windows for this run only: nothing restored, nothing stored
 * @param mtu of the link that protected packets go out on; 0 = no limit, nothing is fragmented
 */
public record EngineOptions(Only only, Set<IpAddress> local, Unmatched unmatched, boolean freshWindows, int mtu) {
    /** Everything, nothing local, unmatched packets pass, windows kept, no MTU. */
    public static final EngineOptions DEFAULT = new EngineOptions(Only.BOTH, Set.of(), Unmatched.PASS, false, 0);

    /** The smallest MTU that an IPv4 link may have (RFC 791). */
    public static final int LEAST_MTU = 68;

    /** {@code --only}. */
    public enum Only {
        /** Packets to known SAs are peeled, those that eroutes select are protected. */
        BOTH,
        /** Packets to known SAs are packets like others. */
        PROTECT,
        /** Eroutes, shunts among them, are not asked. */
        PEEL
    }

    /** {@code --unmatched}. */
    public enum Unmatched {
        PASS,
        DROP
    }

    public EngineOptions {
        local = Set.copyOf(local);
        if (mtu != 0 && mtu < LEAST_MTU) {
            throw new IllegalArgumentException("MTU " + mtu + " is below " + LEAST_MTU);
        }
    }

    public EngineOptions withOnly(Only newOnly) {
        return new EngineOptions(newOnly, local, unmatched, freshWindows, mtu);
    }

    public EngineOptions withLocal(Set<IpAddress> newLocal) {
        return new EngineOptions(only, newLocal, unmatched, freshWindows, mtu);
    }

    public EngineOptions withUnmatched(Unmatched newUnmatched) {
        return new EngineOptions(only, local, newUnmatched, freshWindows, mtu);
    }

    public EngineOptions withFreshWindows(boolean fresh) {
        return new EngineOptions(only, local, unmatched, fresh, mtu);
    }

    public EngineOptions withMtu(int newMtu) {
        return new EngineOptions(only, local, unmatched, freshWindows, newMtu);
    }
}
