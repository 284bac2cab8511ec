package org.spigrp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubnetTextTest {
    @ParameterizedTest
    @CsvSource({
        "10.1.2.3/16, 10.1.0.0/16",
        "10.1/16, 10.1.0.0/16",
        "0/0, 0.0.0.0/0",
        "10.1.2.3/032, 10.1.2.3/32",
        "10.1.2.3/255.255.0.0, 10.1.0.0/16",
        "10.1.2.3/0xffff0000, 10.1.0.0/16",
        "10.1.2.3/255.255., 10.1.0.0/16",
        "10.1.2.3/0.0.0.0, 0.0.0.0/0",
        "10.1.2.3/24:80, 10.1.2.0/24:80",
        "10.1.2.3/24:0x50, 10.1.2.0/24:80",
        "2001:db8:a::7/48, 2001:db8:a::/48",
        "::/0, ::/0",
        "2001:db8::1/128:443, 2001:db8::1/128:443",
    })
    void networks(String text, String printed) {
        assertThat(SubnetText.parse(text, null, NameResolver.NONE).map(SubnetText.Subnet::toString))
                .isEqualTo(Parsed.ok(printed));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "\"\"                    | is empty",
                "%default              | needs the address family first",
                "10.1.2.3              | has no '/'",
                "10.1.2.3/             | nothing behind the '/'",
                "10.1.2.3/:80          | nothing behind the '/'",
                "10.1.2.3/33           | only 32",
                "::/129                | only 128",
                "10.1.2.3/255          | only 32",
                "10.1.2.3/99999999999  | only 32",
                "10.1.2.3/255.0.255.0  | ones behind zeros",
                "10.1.2.3/0.0.0.255    | ones behind zeros",
                "10.1.2.3/x            | neither a count of bits",
                "10.1.2.3/-1           | neither a count of bits",
                "::/255.0.0.0          | must be a count of bits",
                "10.1.2.400/16         | more than 255",
                "/16                   | an address is missing",
                "10.1.2.3/16:          | the port of '10.1.2.3/16:' is wrong",
                "10.1.2.3/16:http      | 'h' is not a decimal digit",
                "10.1.2.3/16:65536     | '65536' is too large: the most is 65535",
            })
    void what_is_no_network_is_told_why(String text, String words) {
        assertThat(SubnetText.parse(text, null, NameResolver.NONE).toString())
                .startsWith("Bad")
                .contains(words);
    }

    @Test
    void default_is_everything_of_the_family_given() {
        assertThat(SubnetText.parse("%default", Family.INET, NameResolver.NONE).map(SubnetText.Subnet::prefix))
                .isEqualTo(Parsed.ok(Prefix.all(Family.INET)));
        assertThat(SubnetText.parse("%default", Family.INET6, NameResolver.NONE).map(SubnetText.Subnet::prefix))
                .isEqualTo(Parsed.ok(Prefix.all(Family.INET6)));
    }

    @Test
    void a_name_can_be_a_network_too() {
        NameResolver hosts = (_, family) -> family == Family.INET ? IpAddress.v4(0xc0000207) : null;
        assertThat(SubnetText.parse("gw2/24", null, hosts).map(SubnetText.Subnet::toString))
                .isEqualTo(Parsed.ok("192.0.2.0/24"));
    }

    @Test
    void random_texts_print_and_read_back() {
        var random = RandomText.random();
        for (int round = 0; round < RandomText.ROUNDS; round++) {
            String text = RandomText.of(
                    random, "10.1.2.3", "/", "/", "24", "255.255.0.0", ":", "::", "2001:db8::", "80", "%default", "0");
            NumberTextTest.withSeed(round, () -> TextLaws.subnet(text));
        }
    }

    @Test
    void every_prefix_length_contains_its_base_and_clears_what_is_behind() {
        var random = RandomText.random();
        for (Family family : Family.values()) {
            for (int bits = 0; bits <= family.bits(); bits++) {
                IpAddress address = IpAddress.of(RandomText.octets(random, family.octets()));
                Prefix prefix = new Prefix(address, bits);
                byte[] slow = address.toBytes();
                for (int bit = bits; bit < family.bits(); bit++) {
                    slow[bit / 8] &= (byte) ~(0x80 >>> bit % 8);
                }
                assertThat(prefix.base().toBytes()).as("%s/%s", address, bits).isEqualTo(slow);
                assertThat(prefix.contains(address)).isTrue();
                assertThat(prefix.containsAt(new Octets(address.toBytes()), 0)).isTrue();
                if (bits > 0) {
                    slow[(bits - 1) / 8] ^= (byte) (0x80 >>> (bits - 1) % 8);
                    assertThat(prefix.contains(IpAddress.of(slow))).isFalse();
                    assertThat(prefix.containsAt(new Octets(slow), 0)).isFalse();
                }
            }
        }
    }
}
