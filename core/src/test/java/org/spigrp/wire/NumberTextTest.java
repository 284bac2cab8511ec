package org.spigrp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumberTextTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "257, 257",
        "0257, 175",
        "0x257, 599",
        "0X1f, 31",
        "00, 0",
        "0xffffffff, 4294967295",
        "9223372036854775807, 9223372036854775807",
        "0x7fffffffffffffff, 9223372036854775807",
    })
    void bases_are_told_by_their_beginning(String text, long value) {
        assertThat(NumberText.parse(text)).isEqualTo(Parsed.ok(value));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "\"\"                   | is empty",
                "-1                   | '-' is not a decimal digit",
                "+1                   | '+' is not a decimal digit",
                "\" 1\"               | ' ' is not a decimal digit",
                "\"1 \"               | ' ' is not a decimal digit",
                "1f                   | 'f' is not a decimal digit",
                "08                   | '8' is not an octal digit",
                "0x                   | 'x' is not an octal digit",
                "0xfg                 | 'g' is not a hexadecimal digit",
                "٣                    | is not a decimal digit",
                "9223372036854775808  | is too large",
                "0x8000000000000000   | is too large",
                "0x00000000000000001  | more than 16 hexadecimal digits",
            })
    void what_is_no_number_is_told_why(String text, String words) {
        assertThat(NumberText.parse(text).toString()).startsWith("Bad").contains(words);
    }

    @Test
    void a_bound_is_named_when_it_is_passed() {
        assertThat(NumberText.parse("65535", 65_535)).isEqualTo(Parsed.ok(65_535L));
        assertThat(NumberText.parse("65536", 65_535).toString()).contains("'65536' is too large: the most is 65535");
    }

    @Test
    void random_texts_agree_with_big_integers() {
        var random = RandomText.random();
        for (int round = 0; round < RandomText.ROUNDS; round++) {
            String text = RandomText.of(random, "0", "0x", "7", "9", "f", "12345678", "ffffffff", "0X", "A");
            withSeed(round, () -> TextLaws.number(text));
        }
    }

    static void withSeed(int round, Runnable law) {
        try {
            law.run();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(RandomText.seed(round), e);
        }
    }
}
