package org.spigrp.wire;

import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Networks as {@code eroute --src} and {@code --dst} take them: {@code ADDRESS/MASK[:PORT]} or {@code %default}.
 *
 * <p>MASK is a count of bits or, for IPv4, a mask without holes ({@code 255.255.255.0}, {@code 0xffffff00}). Address
 * bits behind the mask are cleared. {@code %default} is 0.0.0.0/0 or ::/0 and needs the family; {@code 0/0} without
 * one is IPv4.
 */
public final class SubnetText {
    private static final int MAX_PORT = 65_535;

    private SubnetText() {}

    /** A network, and the port behind it where one was given. */
    public record Subnet(Prefix prefix, OptionalInt port) {
        @Override
        public String toString() {
            return port.isPresent() ? prefix + ":" + port.getAsInt() : prefix.toString();
        }
    }

    /**
     * @param family what the network must be, or null where both will do
     */
    public static Parsed<Subnet> parse(String text, @Nullable Family family, NameResolver names) {
        if (text.isEmpty()) {
            return Parsed.bad("a network is missing: the text is empty");
        }
        if (text.equals("%default")) {
            return family == null
                    ? Parsed.bad("%default needs the address family first: give --eraf inet or --eraf inet6 before it")
                    : Parsed.ok(new Subnet(Prefix.all(family), OptionalInt.empty()));
        }
        int slash = text.indexOf('/');
        if (slash < 0) {
            return Parsed.bad(Quote.of(text) + " is not a network: it has no '/'; write ADDRESS/BITS");
        }
        return AddressText.parse(text.substring(0, slash), family, names)
                .then(address -> behindSlash(text, text.substring(slash + 1), address));
    }

    private static Parsed<Subnet> behindSlash(String text, String rest, IpAddress address) {
        int colon = rest.indexOf(':');
        String mask = colon < 0 ? rest : rest.substring(0, colon);
        Parsed<OptionalInt> port = colon < 0 ? Parsed.ok(OptionalInt.empty()) : port(text, rest.substring(colon + 1));
        return port.then(p -> bits(text, mask, address.family()).map(bits -> new Subnet(new Prefix(address, bits), p)));
    }

    private static Parsed<OptionalInt> port(String text, String port) {
        return switch (NumberText.parse(port, MAX_PORT)) {
            case Parsed.Ok<Long>(Long value) -> Parsed.ok(OptionalInt.of(value.intValue()));
            case Parsed.Bad<Long>(String why) -> Parsed.bad("the port of " + Quote.of(text) + " is wrong: " + why);
        };
    }

    private static Parsed<Integer> bits(String text, String mask, Family family) {
        if (mask.isEmpty()) {
            return Parsed.bad(Quote.of(text) + " is not a network: there is nothing behind the '/'");
        }
        if (mask.chars().allMatch(c -> c >= '0' && c <= '9')) {
            int count = 0;
            for (int i = 0; i < mask.length(); i++) {
                count = Math.min(1000, 10 * count + mask.charAt(i) - '0');
            }
            return count <= family.bits()
                    ? Parsed.ok(count)
                    : Parsed.bad(Quote.of(text) + " has a mask of " + Quote.of(mask) + " bits, but an " + family.text()
                            + " address has only " + family.bits());
        }
        if (family == Family.INET6) {
            return Parsed.bad(Quote.of(text) + " is not a network: the mask " + Quote.of(mask)
                    + " must be a count of bits, 0 to 128");
        }
        return switch (AddressText.parse(mask, Family.INET, NameResolver.NONE)) {
            case Parsed.Ok<IpAddress>(IpAddress value) -> contiguous(text, mask, (int) value.low());
            case Parsed.Bad<IpAddress> _ ->
                Parsed.bad(Quote.of(text) + " is not a network: " + Quote.of(mask)
                        + " is neither a count of bits, 0 to 32, nor a mask such as 255.255.255.0");
        };
    }

    private static Parsed<Integer> contiguous(String text, String mask, int value) {
        int bits = Integer.numberOfLeadingZeros(~value);
        boolean holes = bits < 32 && value << bits != 0;
        return holes
                ? Parsed.bad(
                        Quote.of(text) + " is not a network: the mask " + Quote.of(mask) + " has ones behind zeros")
                : Parsed.ok(bits);
    }
}
