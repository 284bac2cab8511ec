package org.spigrp.wire;

/** Protocol numbers (IANA "Assigned Internet Protocol Numbers") that this stack knows: the values of next header fields. */
public final class IpProtocol {
    public static final int HOP_BY_HOP = 0;
    public static final int ICMP = 1;
    /** IPv4 inside. */
    public static final int IPV4 = 4;

    public static final int TCP = 6;
    public static final int UDP = 17;
    public static final int DCCP = 33;
    /** IPv6 inside. */
    public static final int IPV6 = 41;

    public static final int ROUTING = 43;
    public static final int FRAGMENT = 44;
    public static final int ESP = 50;
    public static final int AH = 51;
    public static final int ICMPV6 = 58;
    /** Nothing follows; inside ESP: a dummy packet (RFC 4303 2.6). */
    public static final int NO_NEXT_HEADER = 59;

    public static final int DESTINATION_OPTIONS = 60;
    public static final int IPCOMP = 108;
    public static final int SCTP = 132;
    public static final int MOBILITY = 135;
    public static final int UDP_LITE = 136;
    public static final int HIP = 139;
    public static final int SHIM6 = 140;

    private IpProtocol() {}

    /** True for protocols whose header begins with source port and destination port, 16 bits each. */
    public static boolean hasPorts(int protocol) {
        return switch (protocol) {
            case TCP, UDP, DCCP, SCTP, UDP_LITE -> true;
            default -> false;
        };
    }

    /** The number in front of an IP packet of this family inside another one: 4 or 41. */
    public static int ofInner(Family family) {
        return family == Family.INET ? IPV4 : IPV6;
    }
}
