package org.spigrp.linux;

import java.util.ArrayList;
import java.util.List;

/**
 * Is told by the kernel when interfaces, addresses or routes change, in the network namespace of the thread that made it.
 * Make it first and list afterwards, and no change is missed.
 */
public final class NetlinkMonitor implements AutoCloseable {
    private static final int GROUP_LINK = 0x1;
    private static final int GROUP_IPV4_ADDRESS = 0x10;
    private static final int GROUP_IPV4_ROUTE = 0x40;
    private static final int GROUP_IPV6_ADDRESS = 0x100;
    private static final int GROUP_IPV6_ROUTE = 0x400;

    private final Netlink netlink =
            new Netlink(GROUP_LINK | GROUP_IPV4_ADDRESS | GROUP_IPV4_ROUTE | GROUP_IPV6_ADDRESS | GROUP_IPV6_ROUTE);

    /** Readable when there is something to {@link #drain}. */
    public int descriptor() {
        return netlink.descriptor();
    }

    /** Tells everything that has come; does not wait. */
    public void drain(NetlinkListener listener) {
        List<NetlinkMessage> messages = new ArrayList<>();
        while (true) {
            int result = netlink.read(messages);
            if (Errno.EAGAIN.is(result)) {
                return;
            }
            if (result < 0) { // ENOBUFS: some were lost
                listener.resync();
            }
            messages.forEach(message -> tell(message, listener));
            messages.clear();
        }
    }

    private static void tell(NetlinkMessage message, NetlinkListener listener) {
        switch (message.type()) {
            case NetlinkMessage.NEW_LINK, NetlinkMessage.DEL_LINK -> {
                Link link = message.link();
                if (link != null && message.type() == NetlinkMessage.NEW_LINK) {
                    listener.link(link);
                } else if (link != null) {
                    listener.linkRemoved(link);
                }
            }
            case NetlinkMessage.NEW_ADDRESS, NetlinkMessage.DEL_ADDRESS -> {
                LocalAddress address = message.address();
                if (address != null && message.type() == NetlinkMessage.NEW_ADDRESS) {
                    listener.addressAdded(address);
                } else if (address != null) {
                    listener.addressRemoved(address);
                }
            }
            case NetlinkMessage.NEW_ROUTE -> message.routes().forEach(listener::routeAdded);
            case NetlinkMessage.DEL_ROUTE -> message.routes().forEach(listener::routeRemoved);
            default -> {} // nothing we asked for
        }
    }

    @Override
    public void close() {
        netlink.close();
    }
}
