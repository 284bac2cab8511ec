package org.spigrp.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.wire.Parsed;
import org.spigrp.wire.RandomText;

/** RFC 8259, read strictly. */
class JsonReaderTest {
    private static JsonValue read(String text) {
        return switch (JsonReader.parse(text.getBytes(StandardCharsets.UTF_8))) {
            case Parsed.Ok<JsonValue>(JsonValue value) -> value;
            case Parsed.Bad<JsonValue>(String why) -> throw new AssertionError(why);
        };
    }

    private static String complaint(String text) {
        return switch (JsonReader.parse(text.getBytes(StandardCharsets.UTF_8))) {
            case Parsed.Ok<JsonValue>(JsonValue value) -> throw new AssertionError(text + " was read as " + value);
            case Parsed.Bad<JsonValue>(String why) -> why;
        };
    }

    @Test
    void every_kind_of_value_is_read() {
        assertThat(read(" { \"a\" : [ 1 , -0.5e+3, true,false , null ] ,\t\"\":\"\" }\r\n"))
                .isEqualTo(new JsonValue.Obj(Map.of(
                        "a",
                        new JsonValue.Arr(List.of(
                                new JsonValue.Num("1"),
                                new JsonValue.Num("-0.5e+3"),
                                new JsonValue.Flag(true),
                                new JsonValue.Flag(false),
                                new JsonValue.Null())),
                        "",
                        new JsonValue.Text(""))));
        assertThat(read("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\u00fc\""))
                .isEqualTo(new JsonValue.Text("\"\\/\b\f\n\r\t\u00e9\ud83d\ude00\u00fc"));
    }

    @Test
    void members_stay_in_their_order() {
        var object = (JsonValue.Obj) read("{\"z\":1,\"a\":2,\"m\":3}");
        assertThat(object.members().keySet()).containsExactly("z", "a", "m");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "}",
                "[",
                "]",
                "[1,]",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{a:1}",
                "{'a':1}",
                "[1 2]",
                "01",
                "-",
                "+1",
                ".5",
                "1.",
                "1e",
                "1e+",
                "0x10",
                "NaN",
                "tru",
                "nul",
                "True",
                "\"",
                "\"\\",
                "\"\\x\"",
                "\"\\u12\"",
                "\"\\u12g4\"",
                "\"a\nb\"",
                "\"\u0000\"",
                "\"\\ud800\"",
                "\"\\udc00\\ud800\"",
                "1 1",
                "{} {}",
                "//",
                "\ufeff1"
            })
    void what_is_not_json_is_refused(String text) {
        assertThat(complaint(text)).startsWith("not JSON: ").contains(" at character ");
    }

    @Test
    void a_name_that_stands_there_twice_is_refused() {
        assertThat(complaint("{\"a\":1,\"b\":2,\"a\":3}")).contains("twice").endsWith("at character 14");
    }

    @Test
    void depth_has_an_end() {
        assertThat(read("[".repeat(JsonReader.MAX_DEPTH) + "]".repeat(JsonReader.MAX_DEPTH)))
                .isInstanceOf(JsonValue.Arr.class);
        assertThat(complaint("[".repeat(JsonReader.MAX_DEPTH + 1))).contains("nested deeper than 16");
        assertThat(complaint("{\"a\":".repeat(1_000_000))).contains("nested deeper than 16");
    }

    @Test
    void octets_that_are_no_text_are_refused() {
        assertThat(JsonReader.parse(new byte[] {'"', (byte) 0xc3, '"'}))
                .isEqualTo(Parsed.bad("the JSON text is not UTF-8"));
        assertThat(JsonReader.parse(new byte[] {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'}))
                .isEqualTo(Parsed.bad("the JSON text is not UTF-8"));
    }

    @Test
    void a_complaint_repeats_nothing_of_a_text_that_may_hold_a_key() {
        assertThat(complaint("{\"enckey\":\"5ec2e75ec2e7\"")).doesNotContain("5ec2e7");
        assertThat(complaint("\"5ec2e7\\q\"")).doesNotContain("5ec2e7");
        assertThat(read("\"5ec2e7\"").toString()).doesNotContain("5ec2e7");
    }

    @Test
    void any_text_ends_in_a_value_or_a_line() {
        var random = RandomText.random();
        for (int round = 0; round < RandomText.ROUNDS; round++) {
            String text = RandomText.of(
                    random,
                    "{",
                    "}",
                    "[",
                    "]",
                    ",",
                    ":",
                    "\"a\"",
                    "\"b\"",
                    "\"\\u0041\"",
                    "1",
                    "-2.5e3",
                    "true",
                    "null",
                    " ",
                    "\"");
            ControlLaws.hold(text.getBytes(StandardCharsets.UTF_8));
        }
    }
}
