package org.spigrp.linux;

import org.jspecify.annotations.Nullable;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Prefix;

/**
 * A route of the kernel; one with several next hops is one for each.
 *
 * @param interfaceIndex where it leads out; 0 = nowhere (IPv6 shows the loopback interface for that)
 * @param table 254 = main, 255 = local
 * @param metric the smallest goes first
 * @param type {@link #UNICAST}, {@link #UNREACHABLE}, ... (RTN_*)
 * @param protocol who made it (RTPROT_*); {@link #OURS} = we did
 * @param source the address that packets of this host's own have which did not ask for another; null = the interface's
 */
public record KernelRoute(
        Prefix destination,
        int interfaceIndex,
        int table,
        long metric,
        int type,
        int protocol,
        @Nullable IpAddress source) {
    public static final int UNICAST = 1;
    public static final int LOCAL = 2;
    public static final int UNREACHABLE = 7;

    public static final int MAIN_TABLE = 254;

    /** True for the copies that {@link HostRoutes} made. */
    public boolean isHostCopy() {
        return table == HostRoutes.TABLE;
    }

    /** The mark of routes that we made: a number that no routing daemon has (/etc/iproute2/rt_protos). */
    public static final int OURS = 183;
}
