package org.spigrp.wire;

import org.jspecify.annotations.Nullable;

/**
 * Addresses as the commands take them.
 *
 * <ul>
 *   <li>IPv4: one to four decimal parts, missing ones at the end are zero ({@code 10.1} is 10.1.0.0, not 10.0.0.1);
 *       zeros in front do not make a part octal. Where IPv4 is asked for also {@code 0x0a010203} and, in the octet
 *       order of little-endian hosts, {@code 0h0302010a}.
 *   <li>IPv6: eight groups of one to four hexadecimal digits, at most one {@code ::} for one or more zero groups. No
 *       dotted quad inside, no scope, no brackets.
 *   <li>Names, where the text is none of these ({@code gw2}, {@code 3com}, {@code 10.example}): by a {@link
 *       NameResolver}. Without a family IPv6 is tried first.
 * </ul>
 *
 * What has a colon is never a name, and what begins like two decimal parts is never one either: a mistyped address
 * gets its own message instead of "no such host".
 */
public final class AddressText {
    private AddressText() {}

    /**
     * @param family what the address must be, or null where both will do
     */
    public static Parsed<IpAddress> parse(String text, @Nullable Family family, NameResolver names) {
        if (text.isEmpty()) {
            return Parsed.bad("an address is missing: the text is empty");
        }
        if (family == Family.INET && text.length() == 10 && text.charAt(0) == '0') {
            switch (text.charAt(1)) {
                case 'x', 'X' -> {
                    return hex(text);
                }
                case 'h', 'H' -> {
                    return hex(text).map(a -> IpAddress.v4(Integer.reverseBytes((int) a.low())));
                }
                default -> {} // 0123456789 is no address, as is seen below
            }
        }
        if (text.indexOf(':') >= 0) {
            return family == Family.INET
                    ? Parsed.bad(Quote.of(text) + " has a colon, but an IPv4 address is wanted here")
                    : Ipv6Text.parse(text);
        }
        if (family != Family.INET6) {
            Parsed<IpAddress> dotted = dotted(text);
            if (dotted != null) {
                return dotted;
            }
        }
        return byName(text, family, names);
    }

    /** Eight hexadecimal digits behind a prefix of two characters. */
    private static Parsed<IpAddress> hex(String text) {
        int bits = 0;
        for (int i = 2; i < 10; i++) {
            int digit = NumberText.digit(text.charAt(i), 16);
            if (digit < 0) {
                return Parsed.bad(Quote.of(text) + " is not an IPv4 address in hexadecimal: "
                        + Quote.of(text.substring(i, text.offsetByCodePoints(i, 1))) + " is not a hexadecimal digit");
            }
            bits = bits << 4 | digit;
        }
        return Parsed.ok(IpAddress.v4(bits));
    }

    /** Null: not dotted decimal at all, so perhaps a name. */
    private static @Nullable Parsed<IpAddress> dotted(String text) {
        int bits = 0;
        int at = 0;
        for (int part = 0; part < 4 && at < text.length(); part++) {
            int begin = at;
            int value = 0;
            while (at < text.length() && NumberText.digit(text.charAt(at), 10) >= 0) {
                value = Math.min(256, 10 * value + text.charAt(at++) - '0');
            }
            boolean empty = at == begin;
            if (part <= 1 && empty) {
                return null;
            }
            boolean end = at == text.length();
            if (part == 0 && !end && text.charAt(at) != '.') {
                return null;
            }
            if (empty) {
                return badDotted(text, text.charAt(at) == '.' ? "a part is empty" : "a part is not a decimal number");
            }
            if (value > 255) {
                return badDotted(text, "part " + text.substring(begin, Math.min(at, begin + 20)) + " is more than 255");
            }
            bits |= value << (24 - 8 * part);
            if (part < 3 && !end && text.charAt(at++) != '.') {
                return badDotted(text, "a part is not a decimal number");
            }
        }
        return at < text.length()
                ? badDotted(text, "there is something behind the fourth part")
                : Parsed.ok(IpAddress.v4(bits));
    }

    private static Parsed<IpAddress> badDotted(String text, String why) {
        return Parsed.bad(Quote.of(text) + " is not an IPv4 address: " + why);
    }

    private static Parsed<IpAddress> byName(String text, @Nullable Family family, NameResolver names) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!isNameCharacter(c)) {
                return Parsed.bad(Quote.of(text) + " is neither an address nor a host name: "
                        + Quote.of(text.substring(i, text.offsetByCodePoints(i, 1))) + " cannot be in a name");
            }
        }
        IpAddress found = null;
        if (family != Family.INET) {
            found = names.resolve(text, Family.INET6);
        }
        if (found == null && family != Family.INET6) {
            found = names.resolve(text, Family.INET);
        }
        return found == null ? Parsed.bad(noSuchName(text, family, names)) : Parsed.ok(found);
    }

    private static String noSuchName(String text, @Nullable Family family, NameResolver names) {
        String kind = switch (family) {
            case null -> "IPv4 or IPv6";
            case INET -> "IPv4";
            case INET6 -> "IPv6";
        };
        return names.equals(NameResolver.NONE)
                ? Quote.of(text) + " is not an " + kind + " address in numbers, and names are not looked up here"
                : Quote.of(text) + " is not an " + kind + " address, and no host of that name was found with one";
    }

    private static boolean isNameCharacter(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '_'
                || c == '.'
                || c >= 0x80;
    }
}
