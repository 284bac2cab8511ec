package org.spigrp.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rules of getopt_long, as far as the classic commands need them. */
class OptionsTest {
    @TempDir
    Path directory;

    private final Options.Table table = new Options.Table()
            .value("src")
            .value("src-port")
            .value("saref", "sarefme", "saref_me")
            .flag("clear")
            .flag("create");

    private Call call(String... words) {
        var out = new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8);
        return new Call(
                "ipsec test",
                List.of(words),
                InputStream.nullInputStream(),
                out,
                out,
                new Session(TestHost.environment(directory)));
    }

    /** What was read, as {@code name=value} and the other words behind a bar. */
    private List<String> read(String... words) {
        return read(new Options(table, call(words)));
    }

    private static List<String> read(Options options) {
        var read = new ArrayList<String>();
        for (String option = options.next(); option != null; option = options.next()) {
            read.add(option + "=" + options.value());
        }
        read.add("|" + String.join(" ", options.others()));
        return read;
    }

    @Test
    void a_value_stands_behind_a_blank_or_an_equals_sign() {
        assertThat(read("--src", "a", "--src=b=c", "--src=", "--clear"))
                .containsExactly("src=a", "src=b=c", "src=", "clear=", "|");
    }

    @Test
    void an_exact_name_wins_over_a_longer_one() {
        assertThat(read("--src", "a", "--src-port", "b", "--src-", "c"))
                .containsExactly("src=a", "src-port=b", "src-port=c", "|");
    }

    @Test
    void two_names_of_one_option_are_no_ambiguity() {
        assertThat(read("--sar", "1", "--saref_", "2")).containsExactly("saref=1", "saref=2", "|");
    }

    @Test
    void a_beginning_of_two_options_is_refused_with_both() {
        assertThatThrownBy(() -> read("--c")).hasMessageContaining("--clear or --create");
        assertThatThrownBy(() -> read("--s", "x")).hasMessageContaining("--src").hasMessageContaining("--saref");
    }

    @Test
    void an_unknown_option_is_refused_with_the_nearest() {
        assertThatThrownBy(() -> read("--claer")).hasMessageContaining("did you mean '--clear'?");
        assertThatThrownBy(() -> read("--zzzzzzzz")).hasMessageContaining("'--zzzzzzzz'");
    }

    @Test
    void an_option_without_its_value_is_refused() {
        assertThatThrownBy(() -> read("--src")).hasMessageContaining("--src needs a value");
        assertThatThrownBy(() -> read("--clear=yes")).hasMessageContaining("--clear takes no value");
    }

    @Test
    void a_value_may_look_like_an_option() {
        assertThat(read("--src", "--clear")).containsExactly("src=--clear", "|");
    }

    @Test
    void words_behind_two_dashes_are_no_options() {
        assertThat(read("one", "--clear", "--", "--src", "x")).containsExactly("clear=", "|one --src x");
    }

    @Test
    void a_single_dash_is_an_option_only_where_it_was_one() {
        assertThat(read("-clear")).containsExactly("|-clear");
        table.singleDash();
        assertThat(read("-clear", "--clear", "-")).containsExactly("clear=", "clear=", "|-");
    }

    @Test
    void a_label_is_said_in_messages_from_there_on() {
        Call call = call("--label", "after", "--clear");
        assertThat(read(new Options(table, call))).containsExactly("clear=", "|");
        assertThat(call.who()).isEqualTo("ipsec test --label after");
    }

    @Test
    void a_file_of_options_takes_the_place_of_its_option() throws Exception {
        Files.writeString(directory.resolve("more"), """
                # not an option
                --src a\t--clear

                --src
                "two words"
                """);
        assertThat(read("--src", "before", "--optionsfrom", "more", "--src", "after"))
                .containsExactly("src=before", "src=a", "clear=", "src=two words", "src=after", "|");
    }

    @Test
    void files_of_options_that_call_each_other_end() throws Exception {
        Files.writeString(directory.resolve("loop"), "--optionsfrom loop\n");
        assertThatThrownBy(() -> read("--optionsfrom=loop"))
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.exit()).isEqualTo(2))
                .hasMessageContaining("100 times");
    }

    @Test
    void a_file_of_options_that_is_not_there_is_named() {
        assertThatThrownBy(() -> read("--optionsfrom", "nowhere"))
                .hasMessageContaining("nowhere")
                .hasMessageContaining("no such file");
    }

    /** {@code spi --esp aes128 0x... } with its --enckey forgotten must not end up in a log. */
    @Test
    void a_word_that_may_be_a_key_is_not_repeated() {
        String key = "0x000102030405060708090a0b0c0d0e0f";
        assertThatThrownBy(() -> {
                    var options = new Options(table, call(key));
                    read(options);
                    options.noOthers();
                })
                .hasMessageContaining("looks like a key")
                .hasMessageNotContaining("0405");
        assertThatThrownBy(() -> read("--enckye=" + key)).hasMessageNotContaining("0405");
    }
}
