package org.spigrp.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.spigrp.command.Event;
import org.spigrp.command.Stop;
import org.spigrp.daemon.TestDaemon;

/** Commands that are about a daemon, with one, without one, and with a dead one. {@link ScenarioTest} has all others. */
class LiveCommandsTest {
    @TempDir
    private Path directory;

    private TestDaemon daemon() {
        return new TestDaemon(directory.resolve("state"), InstantSource.system());
    }

    private Shell shell() {
        return new Shell(directory);
    }

    @Test
    void without_a_daemon_everything_says_so() {
        assertThat(shell().run("setup status").exit()).isEqualTo(3);
        assertThat(shell().run("setup status").out()).isEqualTo("not running\n");
        assertThat(shell().run("setup status --json").out()).isEqualTo("{\"running\":false}\n");
        assertThat(shell().ipsec("setup stop").out()).isEqualTo("not running\n");
        assertThat(shell().run("watch").err()).contains("no daemon runs").contains("ipsec setup start");
        assertThat(shell().run("look --clear-counters").err()).contains("none runs");
        assertThat(directory.resolve("state")).as("asking makes nothing").doesNotExist();
    }

    @Test
    void the_socket_of_a_dead_daemon_is_as_good_as_none() throws Exception {
        Files.createDirectories(
                directory.resolve("state/run"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(directory.resolve("state/run/control")));
        }
        shell().ipsec("spi --said comp0x100@192.0.2.9 --comp deflate");
        assertThat(shell().ipsec("spigrp").out()).isEqualTo("comp0x100@192.0.2.9 \n");
        assertThat(shell().run("setup status").exit()).isEqualTo(3);
    }

    @Test
    void what_is_done_through_the_daemon_is_in_the_state() {
        try (TestDaemon _ = daemon()) {
            shell().ipsec("spi --said comp0x100@192.0.2.9 --comp deflate");
            assertThat(shell().ipsec("spi --said comp0x101@192.0.2.9 --comp deflate --saref 7 --dumpsaref")
                            .out())
                    .isEqualTo("ipsec spi: saref=7/0\n");
            assertThat(shell().ipsec("setup status").out()).startsWith("running\nversion: 0.1.0\npid: ");
            assertThat(shell().ipsec("setup status --json").out())
                    .startsWith("{\"running\":true,\"version\":\"0.1.0\",");
            shell().ipsec("look --clear-counters");
            assertThat(shell().ipsec("barf").out()).contains("== daemon\n{\"version\":\"0.1.0\",");
        }
        assertThat(shell().ipsec("spigrp").out()).isEqualTo("comp0x100@192.0.2.9 \ncomp0x101@192.0.2.9 \n");
    }

    @Test
    void what_needs_the_state_for_itself_says_who_has_it() {
        try (TestDaemon _ = daemon()) {
            Shell.Ran ran = shell().run("pcap in.pcap out.pcap");
            assertThat(ran.exit()).isEqualTo(1);
            assertThat(ran.err())
                    .isEqualTo("ipsec pcap: a daemon (process " + Long.MAX_VALUE + ") holds this state: stop it with"
                            + " 'ipsec setup stop', or take another IPSEC_STATE\n");
            assertThat(shell().ipsec("setup start").out())
                    .isEqualTo("already running (process " + Long.MAX_VALUE + ")\n");
            assertThat(shell().run("setup start -- --tap x").err()).contains("runs already", "stop it first");
        }
    }

    /** One transaction, many times as large as a line of the socket may be. */
    @Test
    void a_long_script_is_one_transaction() throws Exception {
        var script = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            script.append("spi --said esp0x")
                    .append(Integer.toHexString(0x1000 + i))
                    .append("@192.0.2.9 --src 192.0.2.4 --esp aes128-sha256 --enckey 0x")
                    .append("%032x".formatted(i))
                    .append(" --authkey 0x")
                    .append("%064x\n".formatted(i));
        }
        Files.writeString(directory.resolve("good"), script);
        Files.writeString(directory.resolve("bad"), "spi --clear\n" + script + "spi --del --said esp0x999@192.0.2.9\n");
        try (TestDaemon _ = daemon()) {
            shell().ipsec("-f good");
            Shell.Ran bad = shell().run("-f bad");
            assertThat(bad.exit()).isEqualTo(1);
            assertThat(bad.err())
                    .contains("ipsec: bad:20002: spi: esp0x999@192.0.2.9 does not exist")
                    .contains("nothing of this script was done");
            assertThat(shell().ipsec("spi").out().lines()).hasSize(20_000);
        }
    }

    @Test
    void in_a_script_listings_stand_behind_changes() throws Exception {
        Files.writeString(directory.resolve("end"), """
                spi --said comp0x100@192.0.2.9 --comp deflate --dumpsaref
                spi --said comp0x101@192.0.2.9 --comp deflate
                spigrp
                spigrp --json
                """);
        Files.writeString(
                directory.resolve("middle"), "spi --clear\nspigrp\nspi --said comp0x102@192.0.2.9 --comp deflate\n");
        Files.writeString(
                directory.resolve("depends"),
                "spi --clear\neroute --del --src 10.0.0.0/8 --dst 10.0.0.0/8 --said %drop\n");
        try (TestDaemon _ = daemon()) {
            assertThat(shell().ipsec("-f end").out())
                    .startsWith("ipsec: end:1: spi: saref=")
                    .contains("comp0x100@192.0.2.9 \ncomp0x101@192.0.2.9 \n[{\"members\":");
            for (String script : List.of("middle", "depends")) {
                Shell.Ran ran = shell().run("-f " + script);
                assertThat(ran.exit()).as(script).isEqualTo(1);
                assertThat(ran.err()).contains("in one piece").contains("nothing of this script was done");
                assertThat(shell().ipsec("spigrp").out()).isEqualTo("comp0x100@192.0.2.9 \ncomp0x101@192.0.2.9 \n");
            }
            assertThat(shell().run("-f middle --keep-going").exit()).isZero();
            assertThat(shell().ipsec("spigrp").out()).isEqualTo("comp0x102@192.0.2.9 \n");
        }
    }

    /** A thread for each: the pool of the JVM may have one only. */
    private static CompletableFuture<String> async(Supplier<String> what) {
        return CompletableFuture.supplyAsync(what, task -> Thread.ofPlatform().start(task));
    }

    @Test
    void watch_tells_what_happens_until_the_daemon_ends() throws Exception {
        var event = new Event(
                Instant.EPOCH,
                Event.Kind.INTERFACE,
                null,
                "eth0 is \"down\"",
                List.of(new Event.Detail("interface", "eth0")));
        CompletableFuture<String> text;
        CompletableFuture<String> json;
        try (TestDaemon daemon = daemon()) {
            text = async(() -> shell().ipsec("watch").out());
            json = CompletableFuture.supplyAsync(
                    () -> shell().ipsec("watch --json").out());
            daemon.awaitWatchers(2);
            daemon.tell(event);
        }
        assertThat(text.get()).isEqualTo(event + "\n");
        assertThat(json.get()).isEqualTo(event.json() + "\n");
    }

    @Test
    void stop_ends_the_daemon_as_it_is_told() {
        for (Map.Entry<String, Stop> stop :
                Map.of("stop", Stop.CLOSED, "stop --open", Stop.OPEN).entrySet()) {
            try (TestDaemon daemon = daemon()) {
                assertThat(shell().ipsec("setup " + stop.getKey()).out()).isEmpty();
                assertThat(daemon.stopped()).isEqualTo(stop.getValue());
                assertThat(shell().run("setup status").exit()).isEqualTo(3);
            }
        }
    }

    /** A program in the launcher's place. */
    private Shell withLauncher(String body) throws IOException {
        Path launcher = Files.writeString(directory.resolve("ipsec"), "#!/bin/sh\n" + body);
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
        return new Shell(directory, System.getenv(), directory);
    }

    @Test
    void start_waits_for_the_word_ready() throws Exception {
        Shell shell = withLauncher("""
                echo "$1 $IPSEC_STATE $$ $2 $3" > "$IPSEC_STATE/started"
                read -r stat < /proc/$$/stat
                echo "${stat##*) }" > "$IPSEC_STATE/stat"
                echo says something >&2
                echo not yet
                echo ready
                exec sleep 600
                """);
        shell.ipsec("setup start -- --tap /tmp/file");
        String[] started =
                Files.readString(directory.resolve("state/started")).strip().split(" ", -1);
        ProcessHandle daemon = ProcessHandle.of(Long.parseLong(started[2])).orElseThrow();
        try {
            assertThat(daemon.isAlive()).isTrue();
            assertThat(started[0]).isEqualTo("run");
            assertThat(started[1]).isEqualTo(directory.resolve("state").toString());
            assertThat(started).endsWith("--tap", "/tmp/file");
            assertThat(directory.resolve("state/run/log")).hasContent("says something");
            String session = Files.readString(directory.resolve("state/stat")).split(" ", -1)[3];
            assertThat(session).as("its own session").isEqualTo(started[2]);
        } finally {
            daemon.destroyForcibly();
        }
    }

    @Test
    void a_start_that_fails_says_why() throws Exception {
        Shell shell = withLauncher("echo first >&2; echo 'cannot open /dev/net/tun: modprobe tun' >&2; exit 2\n");
        Files.createDirectories(directory.resolve("state/run"));
        Files.writeString(directory.resolve("state/run/log"), "an older trouble\n");
        Shell.Ran ran = shell.run("setup start");
        assertThat(ran.exit()).isEqualTo(2);
        assertThat(ran.err())
                .isEqualTo("ipsec setup: the daemon did not start: cannot open /dev/net/tun: modprobe tun ("
                        + directory.resolve("state/run/log") + ")\n");
        assertThat(withLauncher("exit 0\n").run("setup start").err())
                .contains("it did not say why")
                .doesNotContain("older");
    }

    @Test
    void words_of_setup_are_looked_at() {
        assertThat(shell().run("setup").err()).contains("start, stop, restart or status");
        assertThat(shell().run("setup strat").err()).contains("did you mean 'start'?");
        assertThat(shell().run("setup start stop").err()).contains("one thing at a time");
        assertThat(shell().run("setup start --open").err()).contains("--open is for stop");
        assertThat(shell().run("setup stop --json").err()).contains("--json is for status");
        assertThat(shell().run("setup stop -- --tap x").err()).contains("not with stop");
        assertThat(shell().run("setup restart -- --tap x").err()).contains("behind 'start --' only");
    }
}
