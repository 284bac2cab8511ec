package org.spigrp.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class JsonTest {
    @Test
    void objects_and_arrays_nest_with_commas_where_they_belong() {
        var json = new Json()
                .object()
                .member("said", "esp0x115@192.0.2.2")
                .member("spi", 277)
                .array("marks")
                .value("esn")
                .value(7)
                .value(true)
                .object()
                .end()
                .array()
                .end()
                .end()
                .object("life")
                .end()
                .member("name", (String) null)
                .member("ratio", 1.5)
                .member("esn", false)
                .end();
        assertThat(json)
                .hasToString("{\"said\":\"esp0x115@192.0.2.2\",\"spi\":277,\"marks\":[\"esn\",7,true,{},[]],"
                        + "\"life\":{},\"name\":null,\"ratio\":1.5,\"esn\":false}");
    }

    @Test
    void strings_are_escaped_wherever_json_or_a_terminal_would_stumble() {
        assertThat(new Json().value("a\"b\\c\n\t\0\u007f\u001b[31m"))
                .hasToString("\"a\\\"b\\\\c\\u000a\\u0009\\u0000\\u007f\\u001b[31m\"");
        assertThat(new Json().value("Zürich 東京 😀")).hasToString("\"Zürich 東京 😀\"");
        assertThat(new Json().value("half \ud83d")).hasToString("\"half \\ud83d\"");
        assertThat(new Json().value("\ude00 half")).hasToString("\"\\ude00 half\"");
    }

    @Test
    void large_numbers_keep_all_their_digits() {
        assertThat(new Json()
                        .object()
                        .unsigned("seq", -1)
                        .member("low", Long.MIN_VALUE)
                        .end())
                .hasToString("{\"seq\":18446744073709551615,\"low\":-9223372036854775808}");
        assertThat(new Json().value(Double.NaN)).hasToString("null");
    }

    @Test
    void ending_too_often_is_a_mistake_of_the_caller() {
        assertThatThrownBy(() -> new Json().object().end().end()).isInstanceOf(IllegalStateException.class);
    }
}
