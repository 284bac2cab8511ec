package org.spigrp.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ScriptLexerTest {
    private static List<String> words(String... lines) {
        var lexer = new ScriptLexer();
        for (String line : lines) {
            lexer.line(line);
        }
        lexer.end();
        return lexer.take();
    }

    @Test
    void blanks_separate_words() {
        assertThat(words("  spi \t --del  x ")).containsExactly("spi", "--del", "x");
        assertThat(words("")).isEmpty();
    }

    @Test
    void a_line_of_another_system_ends_as_well() {
        assertThat(words("spi --clear\r")).containsExactly("spi", "--clear");
    }

    @Test
    void comments_begin_at_the_beginning_of_a_word_only() {
        assertThat(words("spi # --clear")).containsExactly("spi");
        assertThat(words("a#b '#' \\#")).containsExactly("a#b", "#", "#");
    }

    @Test
    void quotes_protect_and_join() {
        assertThat(words("a' b '\"c d\"e")).containsExactly("a b c de");
        assertThat(words("'' \"\"")).containsExactly("", "");
        assertThat(words("\"a\\\"b\\\\c\\d\"")).containsExactly("a\"b\\c\\d");
        assertThat(words("'a\\b$c'")).containsExactly("a\\b$c");
        assertThat(words("a\\ b")).containsExactly("a b");
    }

    @Test
    void a_backslash_at_the_end_joins_lines() {
        assertThat(words("spi \\", "  --clear")).containsExactly("spi", "--clear");
        assertThat(words("sp\\", "igrp")).containsExactly("spigrp");
        assertThat(words("spi \\")).containsExactly("spi");
    }

    @Test
    void what_only_a_shell_understands_is_refused() {
        for (String line : List.of("spi $E", "a;b", "a|b", "a&", "a>b", "a<b", "`a`", "(a)", "\"$E\"")) {
            assertThatThrownBy(() -> words(line)).as(line).hasMessageContaining("shell");
        }
    }

    @Test
    void a_quote_ends_in_its_line() {
        assertThatThrownBy(() -> words("a 'b")).hasMessageContaining("not closed");
        assertThatThrownBy(() -> words("a \"b\\\"")).hasMessageContaining("not closed");
    }

    @Test
    void after_a_bad_line_it_begins_anew() {
        var lexer = new ScriptLexer();
        assertThatThrownBy(() -> lexer.line("half a 'line")).isInstanceOf(Refusal.class);
        lexer.reset();
        lexer.line("spi");
        assertThat(lexer.take()).containsExactly("spi");
    }

    /** Any words, quoted in any way, come back as they were. */
    @Test
    void what_is_quoted_comes_back() {
        long seed = 20_260_101;
        var random = new Random(seed);
        for (int round = 0; round < 5_000; round++) {
            var words = new ArrayList<String>();
            var line = new StringBuilder();
            for (int i = random.nextInt(5); i >= 0; i--) {
                String word = text(random);
                words.add(word);
                line.append(quoted(word, random)).append(random.nextBoolean() ? " " : "\t ");
            }
            assertThat(words(line.toString()))
                    .as("seed %d, round %d: %s", seed, round, line)
                    .isEqualTo(words);
        }
    }

    /** Any line at all gives words or a refusal. */
    @Test
    void any_line_gives_words_or_a_refusal() {
        long seed = 20_260_102;
        var random = new Random(seed);
        var lexer = new ScriptLexer();
        for (int round = 0; round < 20_000; round++) {
            String line = text(random);
            try {
                if (lexer.line(line) == ScriptLexer.End.COMPLETE) {
                    assertThat(lexer.take())
                            .as("seed %d, round %d: %s", seed, round, line)
                            .isNotNull();
                }
            } catch (Refusal refusal) {
                lexer.reset();
                assertThat(refusal.say())
                        .as("seed %d, round %d: %s", seed, round, line)
                        .isNotBlank();
            }
        }
    }

    private static String text(Random random) {
        String alphabet = "ab-0 \t#'\"\\$;é";
        var text = new StringBuilder();
        for (int i = random.nextInt(8); i > 0; i--) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }

    private static String quoted(String word, Random random) {
        if (random.nextBoolean() && word.indexOf('\'') < 0) {
            return "'" + word + "'";
        }
        var text = new StringBuilder("\"");
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            text.append(c == '"' || c == '\\' || c == '$' ? "\\" : "").append(c);
        }
        return text.append('"').toString();
    }
}
