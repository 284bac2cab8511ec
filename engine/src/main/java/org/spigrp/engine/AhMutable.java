package org.spigrp.engine;

import org.spigrp.wire.Family;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Ipv6Header;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Verdict;

/**
 * Makes of a datagram what AH authenticates: fields that change on the way are zero, those whose end can be foreseen
 * have the value that the receiver sees (RFC 4302 3.3.3.1 and appendix A).
 *
 * <pre>
 *   IPv4   zero: DSCP and ECN, flags, fragment offset, TTL, checksum; options by class
 *          foreseen: destination, when a source route is still to be gone
 *   IPv6   zero: DSCP and ECN, flow label, hop limit; data of options whose type says "may change"
 *          foreseen: destination and the addresses of routing header types 0 and 2
 * </pre>
 *
 * Only what stands in front of AH is touched: what is behind it is payload, as Linux and the BSDs have it.
 */
final class AhMutable {
    private static final int MAY_CHANGE = 0x20;

    private AhMutable() {}

    /**
     * @param copy of the datagram's IP header, and of what stands between it and AH
     * @param ahAt where AH is
     * @return NONE, or BAD_LENGTH where an option is longer than its room
     */
    static Verdict clear(Octets copy, Family family, int ahAt) {
        return family == Family.INET ? clearV4(copy, ahAt) : clearV6(copy, ahAt);
    }

    /** A header of IPv4 without options, cleared; to the beginning of {@code copy}. */
    static void putPlainV4(Octets copy, Octets from, int ipAt) {
        copy.putU64(0, from.u64(ipAt) & 0xff00_ffff_ffff_0000L);
        copy.putU64(Ipv4Header.TTL, from.u64(ipAt + Ipv4Header.TTL) & 0x00ff_0000_ffff_ffffL);
        copy.putU32(Ipv4Header.DESTINATION, from.u32(ipAt + Ipv4Header.DESTINATION));
    }

    private static Verdict clearV4(Octets copy, int ahAt) {
        copy.putU8(Ipv4Header.TRAFFIC_CLASS, 0);
        copy.putU16(Ipv4Header.FRAGMENT, 0);
        copy.putU8(Ipv4Header.TTL, 0);
        copy.putU16(Ipv4Header.CHECKSUM, 0);
        int at = Ipv4Header.OPTIONS;
        while (at < ahAt) {
            int type = copy.u8(at);
            if (type == 0) {
                return Verdict.NONE; // end of options: the rest is padding, and does not change
            }
            if (type == 1) {
                at++;
                continue;
            }
            int length = at + 1 < ahAt ? copy.u8(at + 1) : 0;
            if (length < 2 || length > ahAt - at) {
                return Verdict.BAD_LENGTH;
            }
            if (!isImmutable(type)) {
                if (isSourceRoute(type)) {
                    foreseeDestination(copy, at, length);
                }
                zero(copy, at, length);
            }
            at += length;
        }
        return Verdict.NONE;
    }

    /** RFC 4302 appendix A1: security, extended security, commercial security, router alert, multi-destination. */
    private static boolean isImmutable(int type) {
        return switch (type) {
            case 130, 133, 134, 148, 149 -> true;
            default -> false;
        };
    }

    /** Loose and strict. */
    private static boolean isSourceRoute(int type) {
        return type == 131 || type == 137;
    }

    /** While a source route is not used up its last address is the final destination (RFC 791 3.1). */
    private static void foreseeDestination(Octets copy, int at, int length) {
        if (length >= 7 && copy.u8(at + 2) <= length - 3) {
            copy.putU32(Ipv4Header.DESTINATION, copy.u32(at + length - 4));
        }
    }

    private static void zero(Octets copy, int at, int count) {
        for (int i = 0; i < count; i++) {
            copy.putU8(at + i, 0);
        }
    }

    private static Verdict clearV6(Octets copy, int ahAt) {
        copy.putU32(0, 0x6000_0000);
        copy.putU8(Ipv6Header.HOP_LIMIT, 0);
        int protocol = copy.u8(Ipv6Header.NEXT_HEADER);
        int at = Ipv6Header.LENGTH;
        while (at < ahAt) { // the chain was walked before: all of these fit
            int length = (copy.u8(at + 1) + 1) << 3;
            Verdict verdict = switch (protocol) {
                case IpProtocol.HOP_BY_HOP, IpProtocol.DESTINATION_OPTIONS -> clearOptions(copy, at + 2, at + length);
                case IpProtocol.ROUTING -> foreseeRoute(copy, at, length);
                default -> Verdict.NONE;
            };
            if (verdict != Verdict.NONE) {
                return verdict;
            }
            protocol = copy.u8(at);
            at += length;
        }
        return Verdict.NONE;
    }

    private static Verdict clearOptions(Octets copy, int from, int end) {
        int at = from;
        while (at < end) {
            int type = copy.u8(at);
            if (type == 0) {
                at++;
                continue;
            }
            int length = at + 1 < end ? copy.u8(at + 1) : end;
            if (length > end - at - 2) {
                return Verdict.BAD_LENGTH;
            }
            if ((type & MAY_CHANGE) != 0) {
                zero(copy, at + 2, length);
            }
            at += 2 + length;
        }
        return Verdict.NONE;
    }

    /** Puts the addresses as they are when the last segment is reached: each hop swaps destination and next address. */
    private static Verdict foreseeRoute(Octets copy, int at, int length) {
        int type = copy.u8(at + 2);
        int left = copy.u8(at + 3);
        if (left == 0 || (type != 0 && type != 2)) {
            return Verdict.NONE;
        }
        int segments = (length - 8) / 16;
        if (left > segments || (length - 8) % 16 != 0) {
            return Verdict.BAD_LENGTH;
        }
        for (int segment = segments - left; segment < segments; segment++) {
            swap(copy, Ipv6Header.DESTINATION, at + 8 + 16 * segment);
        }
        copy.putU8(at + 3, 0);
        return Verdict.NONE;
    }

    private static void swap(Octets copy, int one, int other) {
        for (int i = 0; i < 16; i += 8) {
            long kept = copy.u64(one + i);
            copy.putU64(one + i, copy.u64(other + i));
            copy.putU64(other + i, kept);
        }
    }
}
