package org.spigrp.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.spigrp.cli.Environment;
import org.spigrp.cli.Ipsec;

/** What a user sees of a journal whose end was lost. */
class TornJournalTest {
    @TempDir
    Path directory;

    private String ipsec(String... words) {
        var out = new ByteArrayOutputStream();
        var print = new PrintStream(out, false, StandardCharsets.UTF_8);
        int exit = Ipsec.run(
                words,
                new ByteArrayInputStream(new byte[0]),
                print,
                print,
                Environment.ofThisProcess()
                        .with("IPSEC_STATE", directory.resolve("state").toString()));
        return out.toString(StandardCharsets.UTF_8) + "exit " + exit;
    }

    private String add(int spi) {
        String key = "0x" + Integer.toHexString(0x10000000 + spi).repeat(5);
        return ipsec(
                "spi",
                "--said",
                "esp" + spi + "@192.0.2.9",
                "--src",
                "192.0.2.4",
                "--esp",
                "aes128gcm16",
                "--enckey",
                key);
    }

    @Test
    void a_torn_end_is_mended_and_said_once_by_the_first_command_that_needs_numbers() throws IOException {
        assertThat(add(1001)).isEqualTo("exit 0");
        Files.write(directory.resolve("state/numbers"), new byte[100], StandardOpenOption.APPEND);
        assertThat(ipsec("spigrp")).doesNotContain("torn").endsWith("exit 0");
        assertThat(add(1002)).contains("torn").contains("state/numbers").endsWith("exit 0");
        assertThat(add(1003)).isEqualTo("exit 0");
    }

    @Test
    void damage_in_the_middle_is_refused_in_one_line_and_nothing_is_done() throws IOException {
        assertThat(add(1001)).isEqualTo("exit 0");
        Path numbers = directory.resolve("state/numbers");
        byte[] damaged = Files.readAllBytes(numbers);
        damaged[20] ^= 1;
        Files.write(numbers, damaged);
        String said = add(1002);
        assertThat(said.lines()).hasSize(2);
        assertThat(said).contains("state/numbers is damaged").doesNotContain("exit 0");
        assertThat(Files.readAllBytes(numbers)).isEqualTo(damaged);
        assertThat(ipsec("spigrp")).contains("esp0x3e9@").doesNotContain("esp0x3ea@");
    }
}
