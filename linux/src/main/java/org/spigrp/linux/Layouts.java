package org.spigrp.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Sizes and places inside the kernel's structures, the same on x86-64 and AArch64 but for {@code epoll_event}. */
final class Layouts {
    static final ValueLayout.OfShort NET_SHORT = JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
    static final ValueLayout.OfInt NET_INT = JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN);
    /** Addresses inside {@code sockaddr_in6} and {@code in6_pktinfo} are aligned to 4 only. */
    static final ValueLayout.OfLong NET_LONG =
            JAVA_LONG.withOrder(ByteOrder.BIG_ENDIAN).withByteAlignment(4);

    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int AF_NETLINK = 16;
    static final int AF_PACKET = 17;

    static final int SOCK_DGRAM = 2;
    static final int SOCK_RAW = 3;
    static final int SOCK_NONBLOCK = 0x800;
    static final int SOCK_CLOEXEC = 0x80000;

    static final int MSG_DONTWAIT = 0x40;

    static final int SOL_SOCKET = 1;
    static final int SO_SNDBUF = 7;
    static final int SO_RCVBUF = 8;
    static final int SO_BINDTODEVICE = 25;
    static final int SO_ATTACH_FILTER = 26;
    static final int SO_SNDBUFFORCE = 32;
    static final int SO_RCVBUFFORCE = 33;
    static final int SO_MARK = 36;

    static final int IPPROTO_IP = 0;
    static final int IPPROTO_IPV6 = 41;
    static final int IPPROTO_RAW = 255;

    /** {@code sockaddr_in}: family 0..1 | port 2..3 | address 4..7 | zero. */
    static final int SOCKADDR_IN = 16;
    /** {@code sockaddr_in6}: family 0..1 | port 2..3 | flow 4..7 | address 8..23 | scope 24..27. */
    static final int SOCKADDR_IN6 = 28;

    static final int SOCKADDR_PORT = 2;
    static final int SOCKADDR_IN_ADDRESS = 4;
    static final int SOCKADDR_IN6_ADDRESS = 8;

    /** {@code cmsghdr}: length 0..7 | level 8..11 | type 12..15 | data, padded to 8. */
    static final int CMSG_HEADER = 16;

    private Layouts() {}

    static int cmsgSpace(int data) {
        return CMSG_HEADER + (data + 7 & ~7);
    }
}
