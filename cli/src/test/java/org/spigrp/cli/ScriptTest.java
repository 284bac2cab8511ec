package org.spigrp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScriptTest {
    @TempDir
    Path directory;

    private Ran script(String text, String... more) throws Exception {
        Files.writeString(directory.resolve("s"), text);
        var words = new java.util.ArrayList<>(java.util.List.of("-f", "s"));
        words.addAll(java.util.List.of(more));
        return Ran.ipsec(TestHost.environment(directory), words.toArray(String[]::new));
    }

    private String listed(String command) {
        Ran ran = Ran.ipsec(TestHost.environment(directory), command);
        assertThat(ran.err()).isEmpty();
        return ran.out();
    }

    @Test
    void a_thousand_groups_are_one_transaction() throws Exception {
        var text = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            String spi = "0x" + Integer.toHexString(0x1000 + i);
            text.append("spi --said tun").append(spi).append("@192.0.2.9 --ip4 --src 192.0.2.4\n");
            text.append("spi --said comp").append(spi).append("@192.0.2.9 --comp deflate\n");
            text.append("spigrp --name g").append(i).append(" --said tun").append(spi);
            text.append("@192.0.2.9 comp").append(spi).append("@192.0.2.9\n");
            text.append("eroute --add --src 10.0.0.0/8 --dst 172.16.")
                    .append(i / 250)
                    .append('.');
            text.append(i % 250).append("/32 --said g").append(i).append('\n');
        }
        assertThat(script(text.toString())).isEqualTo(new Ran(0, "", ""));
        assertThat(listed("spigrp")).hasLineCount(1000);
        assertThat(listed("eroute")).hasLineCount(1000);

        Ran again = script("spi --clear\neroute --clear\n" + text + "spi --said tun0x1000@192.0.2.9 --del extra\n");
        assertThat(again.exit()).isEqualTo(1);
        assertThat(again.err()).contains("ipsec: s:4003: spi: ").endsWith("s: nothing of this script was done\n");
        assertThat(listed("spigrp")).hasLineCount(1000);
        assertThat(listed("eroute")).hasLineCount(1000);
    }

    /** 4,000 warnings help nobody. */
    @Test
    void many_warnings_become_a_number() throws Exception {
        var text = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            text.append("spi --said ah").append(0x100 + i);
            text.append("@192.0.2.9 --ah hmac-sha1-96 --replay_window 0 --authkey 0x");
            text.append("%040x".formatted(i + 1)).append('\n');
        }
        Ran ran = script(text.toString());
        assertThat(ran.exit()).isZero();
        assertThat(ran.err()).hasLineCount(21).contains("ipsec: s: warning: and 80 more notices");
    }

    @Test
    void keep_going_tells_at_the_end_that_one_failed() throws Exception {
        Ran ran = script("""
                spi --said comp0x100@192.0.2.9 --comp deflate
                spi --said comp0x100@192.0.2.9 --comp lzs
                spi 'not closed
                spi --said comp0x101@192.0.2.9 --comp deflate
                """, "--keep-going");
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.err()).hasLineCount(2).contains("s:2: spi: ").contains("s:3: script: ");
        assertThat(listed("spigrp")).hasLineCount(2);
    }

    @Test
    void a_script_that_is_no_text_is_refused() throws Exception {
        Files.write(directory.resolve("s"), new byte[] {'s', 'p', 'i', ' ', (byte) 0xff, (byte) 0xfe, '\n'});
        Ran ran = Ran.ipsec(TestHost.environment(directory), "-f", "s");
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.err()).hasLineCount(1).contains("not a text file");
        Files.write(directory.resolve("s"), "spi --label \u00e9 --clear\n".getBytes(StandardCharsets.UTF_8));
        assertThat(Ran.ipsec(TestHost.environment(directory), "-f", "s").exit()).isZero();
    }

    @Test
    void an_empty_script_does_nothing_and_makes_no_state() throws Exception {
        assertThat(script("\n# nothing\n")).isEqualTo(new Ran(0, "", ""));
        assertThat(directory.resolve("state")).doesNotExist();
    }

    /** A person who watches sees that something moves; a log does not. */
    @Test
    void progress_is_shown_on_a_terminal_only() throws Exception {
        String text = "klipsdebug --all\n".repeat(3000) + "klipsdebug --nonsense\n";
        assertThat(script(text).err()).hasLineCount(2).doesNotContain("\r");
        var watched = TestHost.environment(directory, new TestHost(directory) {
            @Override
            public boolean isWatched(int descriptor) {
                return descriptor == 2;
            }
        });
        String err = Ran.ipsec(watched, "-f", "s").err();
        assertThat(err).startsWith("\r\u001b[Kipsec: s: 1024 lines");
        assertThat(err.substring(err.lastIndexOf('\r')))
                .as("cleared before the error")
                .contains("\u001b[Kipsec: s:3001: ");
    }
}
