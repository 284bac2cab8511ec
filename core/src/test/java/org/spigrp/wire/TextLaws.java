package org.spigrp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/** What holds for any text at all; asked by the random tests and by the fuzzer. */
public final class TextLaws {
    private static final Pattern HEXADECIMAL = Pattern.compile("0[xX][0-9a-fA-F]+");
    private static final Pattern OCTAL = Pattern.compile("0[0-7]+");
    private static final Pattern DECIMAL = Pattern.compile("0|[1-9][0-9]*");
    private static final Pattern QUAD = Pattern.compile("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");
    private static final Pattern COLONS = Pattern.compile("[0-9a-fA-F:]*:[0-9a-fA-F:]*");
    private static final Pattern LONG_GROUP = Pattern.compile(".*[0-9a-fA-F]{5}.*");

    private TextLaws() {}

    /** A complaint is one line that a terminal can show, of bearable length. */
    public static void complaint(String why) {
        assertThat(why).isNotBlank().hasSizeLessThan(2000);
        assertThat(why.codePoints().noneMatch(Character::isISOControl))
                .as("no control characters in: %s", why)
                .isTrue();
    }

    public static void number(String text) {
        BigInteger expected = slowNumber(text);
        switch (NumberText.parse(text)) {
            case Parsed.Ok<Long>(Long value) ->
                assertThat(BigInteger.valueOf(value)).isEqualTo(expected);
            case Parsed.Bad<Long>(String why) -> {
                complaint(why);
                boolean fits = expected != null && expected.bitLength() < 64 && text.length() <= 18;
                assertThat(fits).as("%s was refused: %s", text, why).isFalse();
            }
        }
    }

    private static BigInteger slowNumber(String text) {
        if (HEXADECIMAL.matcher(text).matches()) {
            return new BigInteger(text.substring(2), 16);
        }
        if (OCTAL.matcher(text).matches()) {
            return new BigInteger(text, 8);
        }
        return DECIMAL.matcher(text).matches() ? new BigInteger(text) : null;
    }

    /** With the JDK's own reader as the slow twin where the two grammars agree. */
    public static void address(String text) {
        for (Family family : Family.values()) {
            if (AddressText.parse(text, family, NameResolver.NONE) instanceof Parsed.Ok<IpAddress>(IpAddress address)) {
                assertThat(address.family()).isEqualTo(family);
                readsBack(address);
            }
        }
        switch (AddressText.parse(text, null, NameResolver.NONE)) {
            case Parsed.Ok<IpAddress>(IpAddress address) -> {
                readsBack(address);
                if (isCommonGround(text)) {
                    assertThat(jdkAddress(text)).as(text).isEqualTo(withoutMapping(address));
                }
            }
            case Parsed.Bad<IpAddress>(String why) -> {
                complaint(why);
                if (isCommonGround(text)) {
                    assertThat(jdkAddress(text))
                            .as("%s was refused: %s", text, why)
                            .isNull();
                }
            }
        }
    }

    private static void readsBack(IpAddress address) {
        assertThat(AddressText.parse(address.toString(), address.family(), NameResolver.NONE))
                .isEqualTo(Parsed.ok(address));
        assertThat(jdkAddress(address.toString())).isEqualTo(withoutMapping(address));
    }

    /** Four plain decimal parts, or what has colons and only short groups: here the JDK has the same rules. */
    private static boolean isCommonGround(String text) {
        return QUAD.matcher(text).matches()
                || (COLONS.matcher(text).matches() && !LONG_GROUP.matcher(text).matches());
    }

    private static IpAddress jdkAddress(String text) {
        try {
            return IpAddress.of(InetAddress.ofLiteral(text).getAddress());
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    /** The JDK makes ::ffff:1.2.3.4 an IPv4 address. */
    private static IpAddress withoutMapping(IpAddress address) {
        boolean mapped = address.family() == Family.INET6 && address.high() == 0 && address.low() >>> 32 == 0xffff;
        return mapped ? IpAddress.v4((int) address.low()) : address;
    }

    public static void subnet(String text) {
        for (Family family : new Family[] {null, Family.INET, Family.INET6}) {
            switch (SubnetText.parse(text, family, NameResolver.NONE)) {
                case Parsed.Ok<SubnetText.Subnet>(SubnetText.Subnet subnet) -> {
                    Prefix prefix = subnet.prefix();
                    assertThat(family == null || family == prefix.family()).isTrue();
                    assertThat(SubnetText.parse(prefix.toString(), null, NameResolver.NONE))
                            .isEqualTo(Parsed.ok(new SubnetText.Subnet(prefix, OptionalInt.empty())));
                    assertThat(SubnetText.parse(subnet.toString(), family, NameResolver.NONE))
                            .isEqualTo(Parsed.ok(subnet));
                }
                case Parsed.Bad<SubnetText.Subnet>(String why) -> complaint(why);
            }
        }
    }
}
