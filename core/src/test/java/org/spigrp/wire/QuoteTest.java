package org.spigrp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuoteTest {
    @Test
    void what_was_typed_is_repeated_in_quotes() {
        assertThat(Quote.of("esp0x115@gw2")).isEqualTo("'esp0x115@gw2'");
        assertThat(Quote.of("")).isEqualTo("''");
        assertThat(Quote.of("größe 木")).isEqualTo("'größe 木'");
    }

    @Test
    void nothing_moves_the_cursor_or_forges_a_line() {
        assertThat(Quote.of("a\nb\u001b[2J\u202e")).isEqualTo("'a\\u{a}b\\u{1b}[2J\\u{202e}'");
        assertThat(Quote.of("\ud800")).isEqualTo("'\\u{d800}'");
    }

    @Test
    void long_texts_are_cut() {
        assertThat(Quote.of("x".repeat(80))).isEqualTo("'" + "x".repeat(80) + "'");
        assertThat(Quote.of("x".repeat(81))).isEqualTo("'" + "x".repeat(80) + "...'");
    }
}
