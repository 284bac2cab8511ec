package org.spigrp.engine.capture;

import org.jspecify.annotations.Nullable;
import org.spigrp.wire.Family;
import org.spigrp.wire.Octets;

/**
 * What stands in front of the IP packet in a capture, and where it says which protocol follows.
 *
 * <pre>
 * ETHERNET    dst 6 | src 6 | (tag type 2 | tag 2)* | type 2 | IP
 * RAW         IP
 * LINUX_SLL   packet type 2 | ARPHRD 2 | address length 2 | address 8 | type 2 | IP
 * LINUX_SLL2  type 2 | 0 2 | ifindex 4 | ARPHRD 2 | packet type 1 | address length 1 | address 8 | IP
 * NULL        address family 4, in the order of the capturing host | IP
 * LOOP        address family 4, in network order | IP
 * </pre>
 */
public enum LinkType {
    NULL(0),
    ETHERNET(1),
    RAW(101),
    LOOP(108),
    LINUX_SLL(113),
    LINUX_SLL2(276),
    /** Anything else: frames pass, nothing is known about them. */
    OTHER(-1);

    private static final int ETHERTYPE_IPV4 = 0x0800;
    private static final int ETHERTYPE_IPV6 = 0x86dd;
    private static final int AF_INET = 2;
    /** What IPv6 is called in a NULL header: Linux, then the BSDs and macOS. */
    private static final int[] AF_INET6 = {10, 24, 28, 30};

    private final int number;

    LinkType(int number) {
        this.number = number;
    }

    /** As in the file header. */
    public int number() {
        return number;
    }

    /** By the number in a file header, or null. The older numbers for raw IP, and those for one family, are RAW. */
    public static @Nullable LinkType of(int number) {
        return switch (number) {
            case 0 -> NULL;
            case 1 -> ETHERNET;
            case 12, 14, 101, 228, 229 -> RAW;
            case 108 -> LOOP;
            case 113 -> LINUX_SLL;
            case 276 -> LINUX_SLL2;
            default -> null;
        };
    }

    /** Octets of the link header in front of an IP packet, or -1 if the frame carries something else. */
    public int ipOffset(Octets frame) {
        return ipOffset(frame, 0, frame.length());
    }

    /** As the other, for the frame of {@code length} octets at position {@code at}. */
    int ipOffset(Octets octets, int at, int length) {
        return switch (this) {
            case NULL, LOOP -> length >= 4 && familyOf(octets.u32(at)) ? 4 : -1;
            case RAW -> length >= 1 && isIp(octets.u8(at) >>> 4) ? 0 : -1;
            case ETHERNET -> ethernetOffset(octets, at, length);
            case LINUX_SLL -> length >= 16 && isIpType(octets.u16(at + 14)) ? 16 : -1;
            case LINUX_SLL2 -> length >= 20 && isIpType(octets.u16(at)) ? 20 : -1;
            case OTHER -> -1;
        };
    }

    /** Makes a link header announce a packet of {@code family}. */
    public void announce(Octets header, Family family) {
        announce(header, header.length(), family);
    }

    /** As the other, for the header in the first {@code length} octets. */
    void announce(Octets header, int length, Family family) {
        int type = family == Family.INET ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;
        switch (this) {
            case RAW, OTHER -> {}
            case ETHERNET, LINUX_SLL -> header.putU16(length - 2, type);
            case LINUX_SLL2 -> header.putU16(0, type);
            case NULL, LOOP -> announceAddressFamily(header, family);
        }
    }

    private static int ethernetOffset(Octets octets, int at, int length) {
        int typeAt = 12;
        while (length >= typeAt + 2 && isTag(octets.u16(at + typeAt))) {
            typeAt += 4;
        }
        return length >= typeAt + 2 && isIpType(octets.u16(at + typeAt)) ? typeAt + 2 : -1;
    }

    /** IEEE 802.1Q, 802.1ad, and the two numbers used for stacked tags before the standard. */
    private static boolean isTag(int type) {
        return type == 0x8100 || type == 0x88a8 || type == 0x9100 || type == 0x9200;
    }

    private static boolean isIpType(int type) {
        return type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6;
    }

    private static boolean isIp(int version) {
        return version == 4 || version == 6;
    }

    private static boolean familyOf(int inHeader) {
        int value = addressFamily(inHeader);
        return value == AF_INET || isInet6(value);
    }

    /** The family is a small number: whichever half of the four octets is not zero tells the order. */
    private static int addressFamily(int value) {
        return (value & 0xffff_0000) == 0 ? value : Integer.reverseBytes(value);
    }

    private static boolean isInet6(int value) {
        for (int known : AF_INET6) {
            if (known == value) {
                return true;
            }
        }
        return false;
    }

    private static void announceAddressFamily(Octets header, Family family) {
        int old = header.u32(0);
        boolean networkOrder = (old & 0xffff_0000) == 0;
        int value = addressFamily(old);
        if (family == Family.INET) {
            value = AF_INET;
        } else if (!isInet6(value)) {
            value = AF_INET6[0];
        }
        header.putU32(0, networkOrder ? value : Integer.reverseBytes(value));
    }
}
