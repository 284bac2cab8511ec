package org.spigrp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ManTextTest {
    private static String render(String source) {
        return new ManText(40, false).render(source);
    }

    @Test
    void paragraphs_are_filled_and_indented() {
        assertThat(render("""
                .TH X 8 "date" "source" "manual"
                .SH NAME
                x \\- one two three
                four five six seven
                .PP
                next
                """)).isEqualTo("""
                        X(8)             manual             X(8)

                        NAME
                               x - one two three four five six
                               seven

                               next
                        """);
    }

    @Test
    void a_short_tag_shares_its_line_and_a_long_one_does_not() {
        assertThat(render("""
                .SH O
                .TP
                .B \\-f
                text
                .TP
                .BR \\-\\-long ", " \\-\\-other
                text
                .TP
                .B a
                .TQ
                .B b
                both
                """)).isEqualTo("""
                        O
                               -f     text

                               --long, --other
                                      text

                               a
                               b      both
                        """);
    }

    @Test
    void examples_stand_as_they_are() {
        assertThat(render("""
                .PP
                before
                .EX
                a   b      c d e f g h i j k l m n o p q r
                .EE
                after
                """)).isEqualTo("""
                               before
                               a   b      c d e f g h i j k l m n o p q r
                               after
                        """);
    }

    @Test
    void parts_can_be_moved_in_and_out() {
        assertThat(render(".PP\na\n.RS\nb\n.RE\nc\n")).isEqualTo("       a\n              b\n       c\n");
    }

    @Test
    void a_terminal_gets_styles_that_do_not_count_as_columns() {
        String styled = new ManText(40, true).render(".PP\n.B bold\n.BI x y\n\\fBa\\fR one two three four five\n");
        assertThat(styled).contains("\u001b[1mbold\u001b[0m").contains("\u001b[1mx\u001b[0m\u001b[4my\u001b[0m");
        assertThat(styled.replaceAll("\u001b\\[[0-9]m", ""))
                .isEqualTo(new ManText(40, false).render(".PP\n.B bold\n.BI x y\n\\fBa\\fR one two three four five\n"));
    }
}
