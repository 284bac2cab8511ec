package org.spigrp.linux;

import java.util.LinkedHashSet;
import java.util.Set;

/** The addresses of the network namespace of the calling thread. */
public final class Addresses {
    private Addresses() {}

    /** All of them, with their interfaces, in the kernel's order. */
    public static Set<LocalAddress> local() {
        Set<LocalAddress> found = new LinkedHashSet<>();
        try (var netlink = new Netlink(0)) {
            for (NetlinkMessage message : netlink.dump(NetlinkMessage.GET_ADDRESS, NetlinkMessage.NEW_ADDRESS)) {
                LocalAddress address = message.address();
                if (address != null) {
                    found.add(address);
                }
            }
        }
        return found;
    }
}
