package org.spigrp.cli;

import org.jspecify.annotations.Nullable;
import org.spigrp.command.Target;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.Said;
import org.spigrp.sa.SaidText;
import org.spigrp.sa.Shunt;
import org.spigrp.wire.AddressText;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Parsed;
import org.spigrp.wire.Quote;

/**
 * How commands name an SA: {@code --said SAID}, a group's name in its place, or the parts
 * {@code --af F --edst ADDRESS --spi N --proto P}.
 */
final class SaArgument {
    private static final String[] PARTS = {"edst", "spi", "proto"};

    private SaArgument() {}

    /** {@code --said} of {@code spi} and {@code eroute}, or the parts; null if none of them is given. */
    static @Nullable Target target(Given given, @Nullable Family family, Call call) {
        String said = given.text("said");
        for (String part : PARTS) {
            if (said != null && given.has(part)) {
                throw new Refusal(
                        "--" + part + " says again what --said " + said + " says already: give one of the two");
            }
        }
        if (said != null) {
            Target target = parse("--said", said, call);
            if (target instanceof Target.BySaid(Said known) && family != null && Shunt.of(known) == null) {
                requireFamily(family, known.family(), "--said " + said);
            }
            return target;
        }
        for (String part : PARTS) {
            if (given.has(part)) {
                return Target.of(ofParts(given, family, call));
            }
        }
        return null;
    }

    static void requireFamily(Family wanted, Family got, String what) {
        if (wanted != got) {
            throw new Refusal(what + " is of family " + got.text() + ", but " + wanted.text() + " was asked for");
        }
    }

    private static Said ofParts(Given given, @Nullable Family family, Call call) {
        String destination = given.text("edst");
        String spi = given.text("spi");
        String protocol = given.text("proto");
        if (destination == null) {
            throw new Refusal("the SA's destination is missing: give --edst ADDRESS, or --said");
        }
        if (spi == null) {
            throw new Refusal("the SA's SPI is missing: give --spi NUMBER, or --said");
        }
        if (protocol == null) {
            throw new Refusal("the SA's protocol is missing: give --proto ah|esp|tun|comp, or --said");
        }
        return new Said(protocol(protocol), spi("--spi", spi), address("--edst", destination, family, call));
    }

    /** A SAID, or the name of a group: what has no {@code @} and does not look like one. */
    static Target parse(String what, String text, Call call) {
        if (text.indexOf('@') < 0 && !text.isEmpty() && text.charAt(0) != '%' && !looksLikeSaid(text)) {
            return new Target.ByName(text);
        }
        return Target.of(said(what, text, call));
    }

    static Said said(String what, String text, Call call) {
        return switch (SaidText.parse(text, call.names())) {
            case Parsed.Ok<Said>(Said said) -> said;
            case Parsed.Bad<Said>(String why) ->
                throw new Refusal(what + ": " + call.names().explain(why));
        };
    }

    /** The beginning of a SAID, as in {@code esp0x100}: most probably its {@code @ADDRESS} was forgotten. */
    static boolean looksLikeSaid(String text) {
        for (SaProtocol protocol : SaProtocol.values()) {
            int at = protocol.text().length();
            if (text.startsWith(protocol.text()) && text.length() > at) {
                char next = text.charAt(at);
                if (next == '.' || next == ':' || (next >= '0' && next <= '9')) {
                    return true;
                }
            }
        }
        return false;
    }

    /** One of the protocols that an SA can have. */
    static SaProtocol protocol(String text) {
        for (SaProtocol protocol : SaProtocol.values()) {
            if (protocol != SaProtocol.INT && protocol.text().equals(text)) {
                return protocol;
            }
        }
        throw new Refusal("" + Quote.of(text) + " is no protocol of SAs: it must be ah, esp, tun or comp");
    }

    /** 32 bits, not reserved. */
    static int spi(String what, String text) {
        int spi = (int) Given.number(what, text, 0, 0xffff_ffffL);
        requireUsable(what + " " + text, spi);
        return spi;
    }

    static void requireUsable(String what, int spi) {
        if (Integer.compareUnsigned(spi, Said.FIRST_USABLE_SPI) < 0) {
            throw new Refusal(what + ": SPIs 0..255 are reserved (RFC 4303 2.1); take 0x100 or more");
        }
    }

    static Family family(String what, String text) {
        for (Family family : Family.values()) {
            if (family.text().equals(text)) {
                return family;
            }
        }
        throw new Refusal(what + " " + Quote.of(text) + " is no address family: it must be inet or inet6");
    }

    static IpAddress address(String what, String text, @Nullable Family family, Call call) {
        return switch (AddressText.parse(text, family, call.names())) {
            case Parsed.Ok<IpAddress>(IpAddress address) -> address;
            case Parsed.Bad<IpAddress>(String why) ->
                throw new Refusal(what + ": " + call.names().explain(why));
        };
    }
}
