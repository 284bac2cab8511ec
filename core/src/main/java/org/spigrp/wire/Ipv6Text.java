package org.spigrp.wire;

import org.jspecify.annotations.Nullable;

/** IPv6 addresses in numbers (RFC 4291 2.2, forms 1 and 2), for {@link AddressText}. */
final class Ipv6Text {
    private static final int GROUPS = 8;

    private Ipv6Text() {}

    static Parsed<IpAddress> parse(String text) {
        String foreign = foreign(text);
        if (foreign != null) {
            return bad(text, foreign);
        }
        long[] half = new long[2]; // groups before and behind "::", each run at the low end
        int[] count = new int[2];
        int side = 0;
        int at = 0;
        if (text.startsWith("::")) {
            side = 1;
            at = 2;
        } else if (text.charAt(0) == ':') {
            return bad(text, "it begins with a single colon");
        }
        var groups = new int[GROUPS];
        while (at < text.length()) {
            int begin = at;
            int value = 0;
            while (at < text.length() && NumberText.digit(text.charAt(at), 16) >= 0 && at - begin <= 4) {
                value = value << 4 | NumberText.digit(text.charAt(at++), 16);
            }
            if (at - begin > 4) {
                return bad(text, "a group has more than four digits");
            }
            if (at == begin) {
                return bad(text, text.charAt(at) == ':' ? "a group is empty" : notHex(text, at));
            }
            if (count[0] + count[1] == GROUPS) {
                return bad(text, "it has more than eight groups");
            }
            groups[count[0] + count[1]] = value;
            count[side]++;
            if (at == text.length()) {
                break;
            }
            if (text.charAt(at) != ':') {
                return bad(text, notHex(text, at));
            }
            at++;
            if (at < text.length() && text.charAt(at) == ':') {
                if (side == 1) {
                    return bad(text, "'::' is in it more than once");
                }
                side = 1;
                at++;
            } else if (at == text.length()) {
                return bad(text, "it ends with a single colon");
            }
        }
        int total = count[0] + count[1];
        if (side == 0 && total < GROUPS) {
            return bad(text, "it has only " + total + " of eight groups and no '::'");
        }
        if (side == 1 && total == GROUPS) {
            return bad(text, "it has eight groups and a '::' that stands for none");
        }
        for (int i = 0; i < total; i++) {
            int place = i < count[0] ? i : GROUPS - total + i;
            half[place >>> 2] |= (long) groups[i] << (48 - 16 * (place & 3));
        }
        return Parsed.ok(IpAddress.v6(half[0], half[1]));
    }

    /** Forms that others accept and we do not. */
    private static @Nullable String foreign(String text) {
        if (text.indexOf('%') >= 0) {
            return "a scope ('%') cannot be part of it";
        }
        if (text.indexOf('[') >= 0 || text.indexOf(']') >= 0) {
            return "write it without brackets";
        }
        if (text.indexOf('.') >= 0) {
            return "an IPv4 address inside is not read; write its octets as two groups";
        }
        return null;
    }

    private static String notHex(String text, int at) {
        return Quote.of(text.substring(at, text.offsetByCodePoints(at, 1))) + " is not a hexadecimal digit";
    }

    private static Parsed<IpAddress> bad(String text, String why) {
        return Parsed.bad(Quote.of(text) + " is not an IPv6 address: " + why);
    }
}
