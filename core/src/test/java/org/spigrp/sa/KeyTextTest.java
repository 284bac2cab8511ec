package org.spigrp.sa;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.spigrp.wire.Parsed;
import org.spigrp.wire.RandomText;

class KeyTextTest {
    @ParameterizedTest
    @CsvSource({
        "0x00, 00",
        "0x0123456789abcdefABCDEF, 0123456789abcdefabcdef",
        "0x0123_4567_89, 0123456789",
        "0sAA==, 00",
        "0sAAE=, 0001",
        "0sAAEC, 000102",
        "0s+/8A, fbff00",
        "0tabc d, 6162632064",
    })
    void three_formats(String text, String hex) {
        assertThat(KeyText.parse(text).map(key -> HexFormat.of().formatHex(key.octets())))
                .isEqualTo(Parsed.ok(hex));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "\"\"        | the key is empty",
                "0         | no format prefix",
                "abcdef    | no format prefix",
                "x12       | no format prefix",
                "012345    | format prefix is unknown",
                "0Xab      | must be in lower case",
                "0x        | nothing behind the key's 0x",
                "0s        | nothing behind the key's 0s",
                "0t        | nothing behind the key's 0t",
                "0xabc     | odd number of hexadecimal digits, 3",
                "0xab_c    | odd number of hexadecimal digits, 3",
                "0xabg     | character 3 of the key is not a hexadecimal digit",
                "0xa_bc    | the '_' at character 2",
                "0x_ab     | the '_' at character 1",
                "0xab_     | the '_' at character 3",
                "0xab__cd  | the '_' at character 4",
                "0sAAE     | not a multiple of four",
                "0sAA=E    | character 3 of the key is not a base64",
                "0s====    | character 1 of the key is not a base64",
                "0sAB==    | unused bits",
                "0sAAB=    | unused bits",
                "0sAA_E    | character 3 of the key is not a base64",
                "0tgrün    | character 3 of the key is not printable",
            })
    void what_is_no_key_is_told_why_by_place_only(String text, String words) {
        assertThat(SaTextLaws.complaint(KeyText.parse(text))).contains(words);
    }

    @Test
    void random_texts_agree_with_the_jdk_and_complaints_show_nothing() {
        var random = RandomText.random();
        for (int round = 0; round < RandomText.ROUNDS; round++) {
            String prefix = switch (random.nextInt(8)) {
                case 0, 1, 2 -> "0x";
                case 3, 4 -> "0s";
                case 5 -> "0t";
                default -> "0";
            };
            String text = prefix
                    + RandomText.of(random, "00", "ff", "a", "_", "ABCD", "0123", "=", "QQ==", "AAE=", "x", "+/");
            SaidTextTest.withSeed(round, () -> SaTextLaws.key(text));
        }
    }
}
