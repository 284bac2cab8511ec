package org.spigrp.sa;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.spigrp.wire.AddressText;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.NameResolver;
import org.spigrp.wire.NearestName;
import org.spigrp.wire.NumberText;
import org.spigrp.wire.Parsed;
import org.spigrp.wire.Quote;

/**
 * SAIDs as text.
 *
 * <pre>
 *   said  := keyword | proto spi '@' address
 *   proto := ah | esp | tun | comp | int                  lower case only
 *   spi   := '.' hexdigits         IPv4 follows           esp.1f40@192.0.2.7
 *          | ':' hexdigits         IPv6 follows           esp:1f40@2001:db8::7
 *          | 0xhex | 0octal | decimal                     esp0x1f40@192.0.2.7; IPv6 if the address has a colon
 * </pre>
 *
 * Keywords are the shunts (%pass, %drop, ...: protocol {@code int}) and {@code %passthrough}, {@code %passthrough4},
 * {@code %passthrough6} (protocol {@code tun}, SPI 0).
 *
 * <p>What is printed reads back as the same SAID. Two things follow. A shunt has no address: {@code int257@9.9.9.9} is
 * read as {@code %drop}, that is with 0.0.0.0. And an {@code int} SPI that is no shunt prints in the general form,
 * {@code int0x106@0.0.0.0}, where KLIPS printed {@code %unk-262}, which nothing could read.
 *
 * <p>The SPI must fit 32 bits; reserved ones (below 256) are a matter of the commands, not of the text.
 */
public final class SaidText {
    /** Shorter texts cannot be a SAID. */
    private static final int MIN_LENGTH = 5;

    private static final long MAX_SPI = 0xffff_ffffL;
    private static final String FORM = "write it as in esp0x1234@192.0.2.7";

    private SaidText() {}

    public static Parsed<Said> parse(String text, NameResolver names) {
        if (text.isEmpty()) {
            return Parsed.bad("a SAID is missing: the text is empty; " + FORM);
        }
        if (text.length() < MIN_LENGTH) {
            return Parsed.bad(Quote.of(text) + " is too short for a SAID; " + FORM);
        }
        if (text.charAt(0) == '%') {
            return keyword(text);
        }
        int at = text.indexOf('@');
        if (at < 0) {
            return Parsed.bad(Quote.of(text) + " is not a SAID: it has no '@'; " + FORM);
        }
        SaProtocol protocol = protocolOf(text);
        if (protocol == null) {
            return Parsed.bad(Quote.of(text)
                    + " is not a SAID: it does not begin with ah, esp, tun, comp or int (in lower case)");
        }
        int prefix = protocol.text().length();
        if (at == prefix) {
            return Parsed.bad(
                    Quote.of(text) + " is not a SAID: between '" + protocol.text() + "' and '@' the SPI is missing");
        }
        return parse(text, protocol, text.substring(prefix, at), text.substring(at + 1), names);
    }

    private static Parsed<Said> parse(
            String text, SaProtocol protocol, String spi, String address, NameResolver names) {
        Family family = switch (spi.charAt(0)) {
            case '.' -> Family.INET;
            case ':' -> Family.INET6;
            default -> null;
        };
        if (family != null && spi.length() == 1) {
            return Parsed.bad(Quote.of(text) + " is not a SAID: there is no SPI behind the '" + spi + "'");
        }
        Parsed<Long> number = family != null ? NumberText.parseHex(spi.substring(1)) : NumberText.parse(spi);
        return switch (number) {
            case Parsed.Bad<Long>(String why) -> Parsed.bad("the SPI of " + Quote.of(text) + " is wrong: " + why);
            case Parsed.Ok<Long>(Long value)
            when value > MAX_SPI ->
                Parsed.bad("the SPI of " + Quote.of(text) + " does not fit 32 bits: the most is 0xffffffff");
            case Parsed.Ok<Long>(Long value) -> {
                Family wanted = family != null ? family : address.indexOf(':') >= 0 ? Family.INET6 : Family.INET;
                yield switch (AddressText.parse(address, wanted, names)) {
                    case Parsed.Ok<IpAddress>(IpAddress found) ->
                        Parsed.ok(normal(new Said(protocol, value.intValue(), found)));
                    case Parsed.Bad<IpAddress>(String why) ->
                        Parsed.bad("the destination of " + Quote.of(text) + " is wrong: " + why);
                };
            }
        };
    }

    private static @Nullable SaProtocol protocolOf(String text) {
        for (SaProtocol protocol : SaProtocol.values()) {
            if (text.startsWith(protocol.text())) {
                return protocol;
            }
        }
        return null;
    }

    private static Said normal(Said said) {
        Shunt shunt = Shunt.of(said);
        return shunt == null ? said : shunt.said();
    }

    private static Parsed<Said> keyword(String text) {
        for (Shunt shunt : Shunt.values()) {
            if (shunt.text().equals(text)) {
                return Parsed.ok(shunt.said());
            }
        }
        return switch (text) {
            case "%passthrough", "%passthrough4" -> Parsed.ok(new Said(SaProtocol.TUN, 0, IpAddress.ANY_V4));
            case "%passthrough6" -> Parsed.ok(new Said(SaProtocol.TUN, 0, IpAddress.ANY_V6));
            default -> {
                List<String> known = new ArrayList<>();
                for (Shunt shunt : Shunt.values()) {
                    known.add(shunt.text());
                }
                String all = String.join(" ", known);
                known.add("%passthrough4");
                known.add("%passthrough6");
                yield Parsed.bad("unknown keyword " + Quote.of(text)
                        + NearestName.suggestion(text, known, "; the shunts are " + all));
            }
        };
    }

    /** The {@code x} form of the listings: {@code esp0x1f40@192.0.2.7}; shunts and pass-through as words. */
    public static String print(Said said) {
        String word = word(said);
        return word != null
                ? word
                : said.protocol().text() + "0x" + Integer.toHexString(said.spi()) + "@" + said.destination();
    }

    /** The default form of the commands: {@code esp.1f40@192.0.2.7}, {@code esp:1f40@2001:db8::7}; words as words. */
    public static String printDotted(Said said) {
        String word = word(said);
        String separator = said.family() == Family.INET ? "." : ":";
        return word != null
                ? word
                : said.protocol().text() + separator + Integer.toHexString(said.spi()) + "@" + said.destination();
    }

    private static @Nullable String word(Said said) {
        if (said.protocol() == SaProtocol.TUN
                && said.spi() == 0
                && said.destination().isAny()) {
            return said.family() == Family.INET ? "%passthrough4" : "%passthrough6";
        }
        Shunt shunt = Shunt.of(said);
        return shunt == null ? null : shunt.text();
    }
}
