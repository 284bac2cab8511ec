package org.spigrp.linux;

/** What {@link NetlinkMonitor} tells, each as the kernel told it, in order. */
public interface NetlinkListener {
    /** An interface is new, or something about it has changed. */
    void link(Link link);

    void linkRemoved(Link link);

    void addressAdded(LocalAddress address);

    void addressRemoved(LocalAddress address);

    void routeAdded(KernelRoute route);

    void routeRemoved(KernelRoute route);

    /** The kernel had more to tell than we listened to: links, addresses and routes must be listed anew. */
    void resync();
}
