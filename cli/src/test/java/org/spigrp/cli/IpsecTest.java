package org.spigrp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.spigrp.command.Change;
import org.spigrp.command.Release;

/** What holds for every command: one line, one exit code, no key in sight, all or nothing. */
class IpsecTest {
    private static final String KEY = "0x0102030405060708090a0b0c0d0e0f1011121314";

    @TempDir
    Path directory;

    private Environment environment;

    @BeforeEach
    void world() {
        environment = TestHost.environment(directory);
    }

    private Ran ipsec(String... words) {
        return Ran.ipsec(environment, words);
    }

    @Test
    void help_of_every_command_goes_to_stdout_and_is_no_error() {
        for (Command command : CommandTable.all()) {
            Ran ran = ipsec(command.name(), "--help");
            assertThat(ran.exit()).as(command.name()).isZero();
            assertThat(ran.err()).as(command.name()).isEmpty();
            assertThat(ran.out()).as(command.name()).contains("ipsec").endsWith("\n");
            assertThat(ran.out().lines()).as(command.name()).allMatch(line -> line.length() <= 120);
        }
        assertThat(directory.resolve("state")).as("help makes no state").doesNotExist();
    }

    @Test
    void help_of_spi_says_who_sees_a_key_on_the_command_line() {
        assertThat(ipsec("spi", "--help").out())
                .contains("ps")
                .contains("history")
                .contains("@FILE");
    }

    @Test
    void a_listing_of_nothing_is_empty_and_makes_no_state() {
        for (String command : List.of("spi", "spigrp", "eroute")) {
            assertThat(ipsec(command)).as(command).isEqualTo(new Ran(0, "", ""));
        }
        assertThat(directory.resolve("state")).doesNotExist();
    }

    /** A full disk, or the end of a pipe. */
    @Test
    void output_that_cannot_be_written_is_a_failure() {
        var err = new ByteArrayOutputStream();
        var out = new PrintStream(new OutputStream() {
            @Override
            public void write(int octet) throws java.io.IOException {
                throw new java.io.IOException("full");
            }
        });
        int exit = Ipsec.run(
                new String[] {"version"},
                InputStream.nullInputStream(),
                out,
                new PrintStream(err, false, StandardCharsets.UTF_8),
                environment);
        assertThat(exit).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).hasLineCount(1).startsWith("ipsec version: could not write");
    }

    @Test
    void a_fault_of_ours_is_one_line_and_says_how_to_see_more() {
        RandomGenerator broken = () -> {
            throw new IllegalStateException("no randomness");
        };
        var faulty = new Environment(
                environment.variables(),
                environment.clock(),
                broken,
                directory,
                null,
                environment.host(),
                environment.nameTimeout());
        Ran ran = Ran.ipsec(faulty, "ranbits", "64");
        assertThat(ran.exit()).isEqualTo(70);
        assertThat(ran.err())
                .hasLineCount(1)
                .startsWith("ipsec ranbits: internal error: java.lang.IllegalStateException at ")
                .contains("IPSEC_DEBUG=1");
        assertThat(Ran.ipsec(faulty.with("IPSEC_DEBUG", "1"), "ranbits", "64").err())
                .contains("no randomness")
                .contains("\tat ");
    }

    @Test
    void a_key_file_that_others_can_read_is_warned_about() throws Exception {
        Path file = Files.writeString(directory.resolve("auth.key"), KEY + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        Ran ran = ipsec("spi", "--said", "ah0x100@192.0.2.9", "--ah", "hmac-sha1-96", "--authkey", "@auth.key");
        assertThat(ran.exit()).isZero();
        assertThat(ran.err()).hasLineCount(1).contains("auth.key").contains("chmod 600");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThat(ipsec("spi", "--said", "ah0x101@192.0.2.9", "--ah", "hmac-sha1-96", "--authkey", "@auth.key")
                        .err())
                .doesNotContain("chmod");
    }

    @Test
    void barf_tells_everything_but_keys() {
        ipsec("spi", "--said", "ah0x100@192.0.2.9", "--ah", "hmac-sha1-96", "--authkey", KEY);
        ipsec("spi", "--said", "tun0x100@192.0.2.9", "--ip4", "--src", "192.0.2.4");
        ipsec("spigrp", "--said", "tun0x100@192.0.2.9", "ah0x100@192.0.2.9");
        Ran ran = ipsec("barf");
        assertThat(ran.exit()).isZero();
        assertThat(ran.out())
                .contains(Release.line())
                .contains("== verify")
                .contains("tun0x100@192.0.2.9 ah0x100@192.0.2.9")
                .contains("aklen=160")
                .doesNotContainIgnoringCase("0102030405")
                .doesNotContain("AQIDBAUG");
    }

    @Test
    void verify_says_what_is_missing_and_how_to_mend_it() throws Exception {
        Files.createDirectories(directory.resolve("proc/self"));
        Files.writeString(directory.resolve("proc/self/status"), "Name:\tjava\nCapEff:\t0000000000001000\n");
        Files.writeString(directory.resolve("proc/cpuinfo"), "processor : 0\nflags\t\t: fpu aes avx2\n");
        Ran ran = ipsec("verify");
        assertThat(ran.out())
                .contains("ok       java: ")
                .contains("ok       processor: has aes avx2\n")
                .contains("ok       CAP_NET_ADMIN: ")
                .contains("not here CAP_NET_RAW: ")
                .contains("not here /dev/net/tun: does not exist; to mend it: as root: modprobe tun\n")
                .contains("not here ip command: not found; to mend it: apt-get install iproute2\n");
        assertThat(ran.exit()).isZero();
        Ran without = Ran.ipsec(environment.with("IPSEC_HOSTS", "nowhere"), "verify");
        assertThat(without.out()).contains("missing  host names: ");
        assertThat(without.exit()).isEqualTo(1);
        assertThat(ipsec("verify", "--json").out()).startsWith("[{\"subject\":\"java\",\"finding\":\"ok\"");
    }

    @Test
    void engines_are_tested_before_they_are_shown() {
        Ran ran = ipsec("version", "--engines");
        assertThat(ran.exit()).isZero();
        assertThat(ran.out())
                .contains("\nJDK 25: 35 of 35 algorithms give the known answer\n")
                .contains("\nBouncy Castle: 41 of 41 algorithms give the known answer\n")
                .doesNotContain("WRONG")
                .containsPattern("\nJDK 25 does .*aes128ccm16 .*")
                .containsPattern("\nBouncy Castle does camellia128 .*")
                .containsPattern("\nJDK 25 compresses and expands for IPComp\n");
    }

    @Test
    void the_seq_and_direction_of_an_sa_are_recorded() {
        ipsec(
                "spi",
                "--said=ah0x100@192.0.2.4",
                "--ah=hmac-sha1-96",
                "--authkey=" + KEY,
                "--direction=out",
                "--esn",
                "--seq=0x100000005",
                "--ah-align=8",
                "--replay-window=64",
                "--life=soft-bytes=5 hard-bytes=9",
                "--life=hard-packets=3");
        try (var session = new Session(environment)) {
            var sa = session.snapshot(_ -> {}).sas().iterator().next();
            assertThat(sa.direction()).isEqualTo(org.spigrp.sa.Direction.OUT);
            assertThat(sa.esn()).isTrue();
            assertThat(sa.firstNumber()).isEqualTo(0x1_0000_0005L);
            assertThat(sa.windowBits()).isEqualTo(64);
            assertThat(sa.lifetimes().bytes()).isEqualTo(new org.spigrp.sa.Lifetimes.Limit(5, 9));
            assertThat(sa.lifetimes().packets()).isEqualTo(new org.spigrp.sa.Lifetimes.Limit(0, 3));
            assertThat(sa.addedAtSeconds())
                    .isEqualTo(environment.clock().instant().getEpochSecond());
            assertThat(((org.spigrp.sa.Transform.Ah) sa.transform()).alignOctets())
                    .isEqualTo(8);
        }
    }

    /** The destination decides where nothing else does. */
    @Test
    void an_sa_to_this_host_is_inbound() {
        for (String destination : List.of("192.0.2.4", "192.0.2.9")) {
            ipsec("spi", "--said", "comp0x100@" + destination, "--comp", "deflate");
        }
        try (var session = new Session(environment)) {
            var directions = new java.util.ArrayList<org.spigrp.sa.Direction>();
            session.snapshot(_ -> {}).sas().forEach(sa -> directions.add(sa.direction()));
            assertThat(directions).containsExactly(org.spigrp.sa.Direction.LOCAL, org.spigrp.sa.Direction.AUTO);
        }
    }

    /** Keys are overwritten when the session is over, and only then: the store may write late. */
    @Test
    void keys_are_wiped_at_the_end() {
        var key = org.spigrp.sa.KeyMaterial.copyOf((byte) 1, (byte) 2);
        var session = new Session(environment);
        session.wipeAtEnd(key);
        session.backend(_ -> {}).apply(new Change.ClearEroutes());
        assertThat(key.octets()).containsExactly(1, 2);
        session.close();
        assertThat(key.octets()).containsOnly(0);
    }

    @Test
    void variables_change_without_changing_others() {
        Environment changed = environment.with("IPSEC_LEGACY", "ok");
        assertThat(changed.legacy()).isTrue();
        assertThat(environment.legacy()).isFalse();
        assertThat(changed.variables()).containsAllEntriesOf(Map.copyOf(environment.variables()));
    }
}
