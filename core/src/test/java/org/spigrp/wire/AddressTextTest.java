package org.spigrp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressTextTest {
    @ParameterizedTest
    @CsvSource({
        "192.0.2.7, 192.0.2.7",
        "10, 10.0.0.0",
        "10.1, 10.1.0.0",
        "10.1., 10.1.0.0",
        "010.009, 10.9.0.0",
        "255.255.255.255, 255.255.255.255",
        "0x0a010203, 10.1.2.3",
        "0X0A010203, 10.1.2.3",
        "0h0302010a, 10.1.2.3",
    })
    void ipv4(String text, String printed) {
        assertThat(AddressText.parse(text, Family.INET, NameResolver.NONE).map(IpAddress::toString))
                .isEqualTo(Parsed.ok(printed));
    }

    @ParameterizedTest
    @CsvSource({
        "::, ::",
        "::1, ::1",
        "1::, 1::",
        "2001:0DB8::7, 2001:db8::7",
        "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
        "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
        // The first run of zeros is abbreviated, not the longest; a single zero never.
        "2001:db8:0:0:7:0:0:0, 2001:db8::7:0:0:0",
        "1:0:2:3:4:5:6:7, 1:0:2:3:4:5:6:7",
    })
    void ipv6(String text, String printed) {
        assertThat(AddressText.parse(text, Family.INET6, NameResolver.NONE).map(IpAddress::toString))
                .isEqualTo(Parsed.ok(printed));
        assertThat(AddressText.parse(text, null, NameResolver.NONE).map(IpAddress::toString))
                .isEqualTo(Parsed.ok(printed));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "\"\"                | is empty",
                "1.2.3.256         | part 256 is more than 255",
                "300.1             | part 300 is more than 255",
                "1.2.3.4.5         | behind the fourth part",
                "1.2.3.4.          | behind the fourth part",
                "1.2..4            | a part is empty",
                "1.2.x             | a part is not a decimal number",
                "1.2x              | a part is not a decimal number",
                "1.2.3.4x          | behind the fourth part",
                "gw2               | names are not looked up here",
                "3com              | names are not looked up here",
                "10.example        | names are not looked up here",
                "gw 2              | ' ' cannot be in a name",
                "gw/2              | '/' cannot be in a name",
                ":1                | begins with a single colon",
                "1:2:3:4:5:6:7:    | ends with a single colon",
                "1:2               | only 2 of eight groups",
                "1::2::3           | more than once",
                "1:::2             | a group is empty",
                ":::               | a group is empty",
                "1:2:3:4:5:6:7:8:9 | more than eight groups",
                "1:2:3:4::5:6:7:8  | stands for none",
                "12345::           | more than four digits",
                "g::               | 'g' is not a hexadecimal digit",
                "1:2g::            | 'g' is not a hexadecimal digit",
                "::1.2.3.4         | write its octets as two groups",
                "fe80::1%eth0      | a scope",
                "[::1]             | without brackets",
            })
    void what_is_no_address_is_told_why(String text, String words) {
        assertThat(AddressText.parse(text, null, NameResolver.NONE).toString())
                .startsWith("Bad")
                .contains(words);
    }

    @Test
    void hexadecimal_needs_the_family_to_be_asked_for() {
        assertThat(AddressText.parse("0x0a010203", null, NameResolver.NONE)).isInstanceOf(Parsed.Bad.class);
        assertThat(AddressText.parse("0x0a01020g", Family.INET, NameResolver.NONE)
                        .toString())
                .contains("'g' is not a hexadecimal digit");
    }

    @Test
    void a_colon_is_refused_where_ipv4_is_asked_for() {
        assertThat(AddressText.parse("::1", Family.INET, NameResolver.NONE).toString())
                .contains("an IPv4 address is wanted");
    }

    @Test
    void names_are_asked_for_in_the_family_wanted_and_ipv6_first_without_one() {
        List<String> asked = new ArrayList<>();
        NameResolver nobody = (name, family) -> {
            asked.add(name + " " + family.text());
            return null;
        };
        assertThat(AddressText.parse("gw2", Family.INET, nobody).toString()).contains("no host of that name");
        AddressText.parse("gw2", Family.INET6, nobody);
        AddressText.parse("gw2", null, nobody);
        assertThat(asked).containsExactly("gw2 inet", "gw2 inet6", "gw2 inet6", "gw2 inet");
    }

    @Test
    void numbers_are_never_looked_up_and_wrong_ones_neither() {
        NameResolver trap = (name, _) -> {
            throw new AssertionError("looked up " + name);
        };
        for (String text : List.of("10.1", "10.1.x", "1.2.3.400", "::1", "::x", "1.2.3.4.5", "a b")) {
            AddressText.parse(text, null, trap);
        }
    }

    @Test
    void a_name_gives_the_resolvers_address() {
        IpAddress address = IpAddress.v4(0xc0000207);
        NameResolver hosts = (name, family) -> name.equals("gw2") && family == Family.INET ? address : null;
        assertThat(AddressText.parse("gw2", null, hosts)).isEqualTo(Parsed.ok(address));
        assertThat(AddressText.parse("gw2", Family.INET6, hosts)).isInstanceOf(Parsed.Bad.class);
    }

    @Test
    void random_texts_agree_with_the_jdk_where_the_grammars_do() {
        var random = RandomText.random();
        for (int round = 0; round < RandomText.ROUNDS; round++) {
            String text = random.nextBoolean()
                    ? RandomText.of(random, ":", ":", ":", "::", "0", "7", "db8", "2001:", "f:", "00a")
                    : RandomText.of(random, ".", ".", "0", "1", "2.", "25", "255.", "256", "99.", "x");
            NumberTextTest.withSeed(round, () -> TextLaws.address(text));
        }
    }

    @Test
    void random_addresses_print_and_read_back() {
        var random = RandomText.random();
        for (int round = 0; round < RandomText.ROUNDS; round++) {
            long high = random.nextLong() & zeroGroups(random.nextInt(16));
            long low = random.nextLong() & zeroGroups(random.nextInt(16));
            IpAddress address = random.nextInt(3) == 0 ? IpAddress.v4((int) low) : IpAddress.v6(high, low);
            NumberTextTest.withSeed(round, () -> TextLaws.address(address.toString()));
            assertThat(AddressText.parse(address.toString(), null, NameResolver.NONE))
                    .as(RandomText.seed(round))
                    .isEqualTo(Parsed.ok(address));
        }
    }

    private static long zeroGroups(int which) {
        long mask = 0;
        for (int group = 0; group < 4; group++) {
            mask = mask << 16 | ((which >>> group & 1) == 0 ? 0xffff : 0);
        }
        return mask;
    }
}
