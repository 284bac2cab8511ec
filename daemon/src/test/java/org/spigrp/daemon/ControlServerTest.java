package org.spigrp.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.net.UnixDomainPrincipal;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.command.Change;
import org.spigrp.command.ControlRequest;
import org.spigrp.command.Event;
import org.spigrp.command.Outcome;
import org.spigrp.command.Stop;

/** Clients of every kind, good and bad, against a desk that writes down what it is asked. */
@Timeout(300) // no measure of anything: a bug would otherwise wait for ever
class ControlServerTest {
    private static final String STATUS = "{\"v\":1,\"id\":9,\"do\":\"status\"}";
    private static final String STATUS_ANSWER = "{\"id\":9,\"done\":true,\"status\":{\"pid\":1}}";
    private static final Change CLEAR = new Change.ClearEroutes();

    @TempDir
    Path directory;

    private final FakeDesk desk = new FakeDesk();
    private @Nullable ControlServer server;
    private volatile @Nullable UnixDomainPrincipal pretended;

    @BeforeEach
    void open() {
        open(ControlLimits.USUAL);
    }

    private void open(ControlLimits limits) {
        open(limits, null);
    }

    private void open(ControlLimits limits, @Nullable String group) {
        close();
        ControlServer opened =
                ControlServer.bind(directory.resolve("run"), group, directory.resolve("group"), limits, this::peer);
        opened.serve(desk);
        server = opened;
    }

    private UnixDomainPrincipal peer(java.nio.channels.SocketChannel channel) throws IOException {
        UnixDomainPrincipal other = pretended;
        return other == null ? ControlServer.peer(channel) : other;
    }

    @AfterEach
    void close() {
        if (server != null) {
            server.close();
        }
    }

    private Client client() throws IOException {
        return new Client(directory.resolve("run"));
    }

    private static ControlLimits limits(int connections, int events, Duration time) {
        return new ControlLimits(connections, 2, 1 << 16, 1000, events, time, time, Duration.ofSeconds(5));
    }

    private static String apply(int count, long id) {
        return new ControlRequest.Apply(java.util.Collections.nCopies(count, CLEAR)).json(id);
    }

    private static String part(int count, long id) {
        return new ControlRequest.ApplyPart(java.util.Collections.nCopies(count, CLEAR)).json(id);
    }

    @Test
    void every_request_has_its_answer() throws Exception {
        try (Client client = client()) {
            assertThat(client.ask(STATUS)).isEqualTo(STATUS_ANSWER);
            assertThat(client.ask(apply(2, 7))).isEqualTo("{\"id\":7,\"done\":true}");
            assertThat(desk.applied.take()).containsExactly(CLEAR, CLEAR);
            assertThat(client.ask("{\"v\":1,\"id\":1,\"do\":\"clear-counters\"}"))
                    .isEqualTo("{\"id\":1,\"done\":true}");
            assertThat(desk.done.take()).isEqualTo("clear-counters");
            assertThat(client.ask("{\"v\":1,\"id\":2,\"do\":\"list\",\"what\":\"spi\"}"))
                    .isEqualTo("{\"id\":2,\"line\":\"spi \\\"text\\\" 0\"}");
            assertThat(client.line()).contains("text\\\" 1");
            assertThat(client.line()).contains("text\\\" 2");
            assertThat(client.line()).isEqualTo("{\"id\":2,\"done\":true}");
            assertThat(client.ask("{\"v\":1,\"id\":3,\"do\":\"sa\",\"said\":\"esp0x100@192.0.2.9\"}"))
                    .isEqualTo("{\"id\":3,\"done\":true,\"said\":null}");
            assertThat(client.ask("{\"v\":1,\"id\":4,\"do\":\"eroute\",\"source\":\"10.0.0.0/8\","
                            + "\"destination\":\"10.0.0.0/8\"}"))
                    .isEqualTo("{\"id\":4,\"done\":true,\"said\":\"%drop\"}");
            assertThat(client.ask("{\"v\":1,\"id\":5,\"do\":\"stop\",\"restart\":true}"))
                    .isEqualTo("{\"id\":5,\"done\":true}");
            assertThat(desk.stops.take()).isEqualTo(Stop.RESTART);
        }
    }

    @Test
    void a_refusal_tells_reason_and_place() throws Exception {
        desk.outcome = new Outcome.Refused(Outcome.Reason.NO_SUCH_SA, "esp0x1@1.2.3.4 does not exist", 1);
        try (Client client = client()) {
            assertThat(client.ask(apply(2, 7)))
                    .isEqualTo("{\"id\":7,\"refused\":\"NO_SUCH_SA\",\"errno\":2,"
                            + "\"say\":\"esp0x1@1.2.3.4 does not exist\",\"at\":1}");
        }
    }

    @Test
    void a_fault_of_ours_is_told_and_ends_nothing() throws Exception {
        try (Client client = client()) {
            assertThat(client.ask("{\"v\":1,\"id\":5,\"do\":\"group\",\"name\":\"broken\"}"))
                    .startsWith("{\"id\":5,\"failed\":\"internal error: java.lang.IllegalStateException at ");
            assertThat(client.ask(STATUS)).isEqualTo(STATUS_ANSWER);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "{", "garbage", "[[[[[[[[[[[[[[[[[[[[[[[[[[[", "{\"v\":1,\"v\":1}", "\u0000\u0001", "7"})
    void what_is_no_request_is_told_and_the_next_one_is_served(String line) throws Exception {
        try (Client client = client()) {
            assertThat(client.ask(line)).startsWith("{\"error\":");
            assertThat(client.ask(STATUS)).isEqualTo(STATUS_ANSWER);
        }
    }

    @Test
    void a_wrong_request_with_an_id_is_told_with_it() throws Exception {
        try (Client client = client()) {
            assertThat(client.ask("{\"v\":2,\"id\":3,\"do\":\"status\"}")).startsWith("{\"id\":3,\"error\":\"'v' is 2");
            assertThat(client.ask("{\"v\":1,\"id\":3,\"do\":\"dance\"}")).startsWith("{\"id\":3,\"error\":");
            assertThat(client.send(new byte[] {'"', (byte) 0xff, '"', '\n'}).line())
                    .contains("not UTF-8");
            assertThat(client.ask(STATUS)).isEqualTo(STATUS_ANSWER);
        }
    }

    @Test
    void a_line_without_end_is_not_gathered_for_ever() throws Exception {
        open(limits(4, 10, Duration.ofMinutes(1)));
        try (Client client = client()) {
            client.send("x".repeat(1 << 16));
            assertThat(client.line())
                    .isEqualTo("{\"error\":\"a line is longer than 65536 octets: a transaction may come"
                            + " in parts (apply-part)\"}");
            assertThat(client.line()).isEqualTo(Client.END);
        }
    }

    @Test
    void a_line_may_be_as_long_as_the_limit() throws Exception {
        open(limits(4, 10, Duration.ofMinutes(1)));
        try (Client client = client()) {
            String padding = " ".repeat((1 << 16) - 1 - STATUS.length());
            assertThat(client.ask(padding + STATUS)).isEqualTo(STATUS_ANSWER);
        }
    }

    @Test
    void a_line_that_comes_octet_by_octet_is_read_too() throws Exception {
        try (Client client = client()) {
            for (char c : (STATUS + "\n" + STATUS + "\n").toCharArray()) {
                client.send(String.valueOf(c));
            }
            assertThat(client.line()).isEqualTo(STATUS_ANSWER);
            assertThat(client.line()).isEqualTo(STATUS_ANSWER);
        }
    }

    @Test
    void half_a_line_has_its_time_and_no_more() throws Exception {
        open(limits(4, 10, Duration.ofMillis(20)));
        try (Client client = client()) {
            assertThat(client.ask(STATUS)).isEqualTo(STATUS_ANSWER);
            client.send("{\"v\":1,");
            assertThat(client.line()).startsWith("{\"error\":\"the line that had begun was not ended within");
            assertThat(client.line()).isEqualTo(Client.END);
        }
    }

    /** 300,000 lines of a script are more than one line of the socket may hold. */
    @Test
    void a_transaction_may_come_in_parts() throws Exception {
        try (Client client = client()) {
            for (int i = 0; i < 30; i++) {
                client.send(part(10_000, 7) + "\n");
            }
            assertThat(client.ask(apply(5, 7))).isEqualTo("{\"id\":7,\"done\":true}");
            assertThat(desk.applied.take()).hasSize(300_005);
            assertThat(client.ask(apply(1, 8))).isEqualTo("{\"id\":8,\"done\":true}");
            assertThat(desk.applied.take()).as("the next one begins anew").hasSize(1);
        }
    }

    @Test
    void a_transaction_with_a_wrong_part_is_not_done() throws Exception {
        try (Client client = client()) {
            client.send(part(2, 7) + "\n");
            client.send("{\"v\":1,\"id\":7,\"do\":\"apply-part\",\"changes\":[{\"change\":\"destroy\"}]}\n");
            client.send(part(2, 7) + "\n");
            assertThat(client.ask(apply(1, 7)))
                    .startsWith("{\"id\":7,\"error\":\"nothing of this transaction was done: part of it: change 0:");
            client.send(part(2, 8) + "\n");
            assertThat(client.ask("garbage")).startsWith("{\"error\":");
            assertThat(client.ask(apply(1, 8)))
                    .startsWith("{\"id\":8,\"error\":\"nothing of this transaction was done");
            assertThat(client.ask(apply(1, 9))).isEqualTo("{\"id\":9,\"done\":true}");
            assertThat(desk.applied.take()).hasSize(1);
            assertThat(desk.applied).isEmpty();
        }
    }

    @Test
    void a_transaction_has_a_limit() throws Exception {
        open(limits(4, 10, Duration.ofMinutes(1)));
        try (Client client = client()) {
            client.send(part(600, 7) + "\n" + part(600, 7) + "\n" + part(600, 7) + "\n");
            assertThat(client.ask(apply(1, 7))).contains("more than 1000 changes");
            assertThat(client.ask(apply(1, 8))).isEqualTo("{\"id\":8,\"done\":true}");
        }
    }

    @Test
    void what_was_read_whole_is_done_though_the_client_has_gone() throws Exception {
        try (Client client = client()) {
            client.send(part(1, 7) + "\n" + apply(1, 7) + "\n");
        }
        assertThat(desk.applied.take()).hasSize(2);
    }

    @Test
    void what_was_not_read_whole_is_not_done() throws Exception {
        try (Client client = client()) {
            client.send(apply(1, 7));
        }
        try (Client client = client()) {
            client.send(part(1, 7) + "\n");
        }
        try (Client client = client()) {
            client.send("{\"v\":1,\"id\":2,\"do\":\"list\",\"what\":\"look\"}\n");
        }
        try (Client client = client()) {
            assertThat(client.ask(STATUS)).isEqualTo(STATUS_ANSWER);
        }
        close(); // waits for the clients' threads
        assertThat(desk.applied).isEmpty();
    }

    @Test
    void a_client_that_takes_no_answers_is_sent_away_and_hurts_nobody() throws Exception {
        open(limits(4, 10, Duration.ofMillis(50)));
        desk.listed = 200_000; // more than memory and sockets hold: it goes through a file
        try (Client slow = client();
                Client other = client()) {
            slow.send("{\"v\":1,\"id\":1,\"do\":\"list\",\"what\":\"spi\"}\n");
            assertThat(other.ask(STATUS)).isEqualTo(STATUS_ANSWER);
            slow.writeToTheEnd(STATUS + "\n"); // goes on until the server has closed
            assertThat(slow.lines()).hasSizeBetween(1, 100_000).noneMatch(line -> line.contains("done"));
            assertThat(other.ask(STATUS)).isEqualTo(STATUS_ANSWER);
        }
        try (var files = Files.list(directory.resolve("run"))) {
            assertThat(files.map(Path::getFileName).map(Path::toString)).containsExactly("control");
        }
    }

    @Test
    void a_long_listing_comes_whole_and_in_order() throws Exception {
        desk.listed = 100_000;
        try (Client client = client()) {
            client.send("{\"v\":1,\"id\":1,\"do\":\"list\",\"what\":\"eroute\",\"json\":true}\n");
            for (int i = 0; i < desk.listed; i++) {
                assertThat(client.line()).isEqualTo("{\"id\":1,\"line\":\"eroute json " + i + "\"}");
            }
            assertThat(client.line()).isEqualTo("{\"id\":1,\"done\":true}");
        }
    }

    private static Event event(int number, int size) {
        return new Event(
                Instant.EPOCH,
                Event.Kind.CHANGE,
                null,
                "x".repeat(size),
                List.of(new Event.Detail("number", Integer.toString(number))));
    }

    @Test
    void watchers_see_events_until_they_go() throws Exception {
        try (Client first = client();
                Client second = client()) {
            assertThat(first.ask("{\"v\":1,\"id\":1,\"do\":\"watch\"}")).isEqualTo("{\"id\":1,\"done\":true}");
            assertThat(second.ask("{\"v\":1,\"id\":2,\"do\":\"watch\",\"debug\":true}"))
                    .isEqualTo("{\"id\":2,\"done\":true}");
            assertThat(List.of(desk.done.take(), desk.done.take())).containsExactly("watch false", "watch true");
            desk.watchers.forEach(watcher -> watcher.accept(event(1, 3)));
            for (Client client : List.of(first, second)) {
                assertThat(client.line())
                        .isEqualTo("{\"event\":\"change\",\"time\":\"1970-01-01T00:00:00Z\",\"say\":\"xxx\","
                                + "\"number\":\"1\"}");
            }
            first.go();
            assertThat(desk.done.take()).isEqualTo("unwatch");
            desk.watchers.forEach(watcher -> watcher.accept(event(2, 3)));
            assertThat(second.line()).contains("\"number\":\"2\"");
        }
        assertThat(desk.done.take()).isEqualTo("unwatch");
    }

    /** The stack's thread never waits for a watcher, and the watcher learns what it missed. */
    @Test
    void a_slow_watcher_loses_events_and_is_told_how_many() throws Exception {
        open(limits(4, 10, Duration.ofMillis(20)));
        int all = 5000;
        try (Client client = client()) {
            client.ask("{\"v\":1,\"id\":1,\"do\":\"watch\"}");
            for (int i = 0; i < all; i++) {
                desk.watchers.getFirst().accept(event(i, 1000));
            }
            Pattern lost = Pattern.compile("\"event\":\"lost\".*\"count\":\"([0-9]+)\"");
            int told = 0;
            int missed = 0;
            while (told + missed < all) {
                String line = client.line();
                Matcher matcher = lost.matcher(line);
                if (matcher.find()) {
                    missed += Integer.parseInt(matcher.group(1));
                } else {
                    assertThat(line).contains("\"number\":\"" + (told + missed) + "\"");
                    told++;
                }
            }
            assertThat(missed).isPositive();
            assertThat(told + missed).isEqualTo(all);
        }
    }

    @Test
    void when_the_daemon_ends_watchers_have_all_events_and_then_the_end() throws Exception {
        try (Client watcher = client();
                Client idle = client()) {
            watcher.ask("{\"v\":1,\"id\":1,\"do\":\"watch\"}");
            assertThat(idle.ask(STATUS)).isEqualTo(STATUS_ANSWER);
            desk.watchers.getFirst().accept(event(1, 1));
            close();
            assertThat(watcher.lines()).hasSize(1);
            assertThat(idle.line()).isEqualTo(Client.END);
        }
        assertThat(directory.resolve("run/control")).doesNotExist();
        assertThatThrownBy(this::client).isInstanceOf(IOException.class);
    }

    @Test
    void clients_work_side_by_side() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                int id = i;
                all.add(threads.submit(() -> {
                    try (Client client = client()) {
                        for (int round = 0; round < 50; round++) {
                            assertThat(client.ask(apply(1, id))).isEqualTo("{\"id\":" + id + ",\"done\":true}");
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> future : all) {
                future.get();
            }
        }
        assertThat(desk.applied).hasSize(1500);
    }

    @Test
    void there_is_room_for_so_many_clients_and_no_more() throws Exception {
        open(limits(3, 10, Duration.ofMinutes(1)));
        List<Client> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Client client = client();
            all.add(client);
            assertThat(client.ask(STATUS)).isEqualTo(STATUS_ANSWER);
        }
        try (Client client = client()) {
            assertThat(client.line()).contains("there are 3 clients already");
            assertThat(client.line()).isEqualTo(Client.END);
        }
        for (Client client : all) {
            client.close();
        }
    }

    /** A user as the kernel would tell of one. */
    private record Someone(String getName) implements GroupPrincipal, UserPrincipal {
        @Override
        public String getName() {
            return getName;
        }
    }

    private static UnixDomainPrincipal someone(String user, String group) {
        return new UnixDomainPrincipal(new Someone(user), new Someone(group));
    }

    @Test
    void strangers_are_sent_away() throws Exception {
        pretended = someone("mallory", "mallory");
        try (Client client = client()) {
            assertThat(client.line()).startsWith("{\"error\":\"user mallory may not ask: ");
            assertThat(client.line()).isEqualTo(Client.END);
        }
    }

    @Test
    void members_of_the_group_may_look_and_not_touch() throws Exception {
        Files.writeString(directory.resolve("group"), "wheel:x:10:bob\nroot:x:0:alice,carol\nbroken\n");
        open(limits(4, 10, Duration.ofMinutes(1)), "root");
        pretended = someone("carol", "users");
        try (Client client = client();
                Client second = client()) {
            assertThat(client.ask(STATUS)).isEqualTo(STATUS_ANSWER);
            assertThat(client.ask("{\"v\":1,\"id\":2,\"do\":\"list\",\"what\":\"spi\"}"))
                    .contains("\"line\"");
            client.line();
            client.line();
            client.line();
            for (String change : List.of(
                    apply(1, 3),
                    part(1, 3),
                    new ControlRequest.End(Stop.OPEN).json(3),
                    new ControlRequest.ClearCounters().json(3))) {
                assertThat(client.ask(change)).startsWith("{\"id\":3,\"error\":\"user carol may not change anything: ");
            }
            assertThat(second.ask(new ControlRequest.Watch(false).json(4))).isEqualTo("{\"id\":4,\"done\":true}");
            try (Client third = client()) {
                assertThat(third.line()).contains("there are 2 readers already");
            }
            pretended = null;
            try (Client owner = client()) {
                assertThat(owner.ask(apply(1, 5)))
                        .as("readers do not shut the owner out")
                        .contains("done");
            }
            pretended = someone("bob", "wheel");
            try (Client bob = client()) {
                assertThat(bob.line())
                        .startsWith("{\"error\":\"user bob may not ask: ")
                        .contains("group root");
            }
        }
        assertThat(desk.applied).hasSize(1);
        assertThat(desk.stops).isEmpty();
    }

    @Test
    void a_group_as_the_primary_one_counts_too() throws Exception {
        GroupPrincipal group = ControlSocket.group("root");
        var access = new ControlAccess(new Someone("r"), new Someone("o"), group, directory.resolve("no such file"));
        assertThat(access.of(new UnixDomainPrincipal(new Someone("x"), group))).isEqualTo(ControlAccess.Right.READ);
        assertThat(access.of(someone("r", "x"))).isEqualTo(ControlAccess.Right.CHANGE);
        assertThat(access.of(someone("o", "x"))).isEqualTo(ControlAccess.Right.CHANGE);
        assertThat(access.of(someone("x", "x"))).isEqualTo(ControlAccess.Right.NONE);
    }

    @Test
    void only_its_owner_can_reach_the_socket_and_a_group_where_one_is_named() throws Exception {
        Path run = directory.resolve("run");
        assertThat(mode(run)).isEqualTo("rwx------");
        assertThat(mode(run.resolve("control"))).isEqualTo("rw-------");
        open(ControlLimits.USUAL, "root");
        assertThat(mode(run)).isEqualTo("rwxr-x---");
        assertThat(mode(run.resolve("control"))).isEqualTo("rw-rw----");
        assertThatThrownBy(() -> ControlServer.bind(directory.resolve("other"), "no-such-group"))
                .isInstanceOf(ControlTrouble.class)
                .hasMessageContaining("no such group");
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void a_living_daemon_is_not_pushed_aside() throws Exception {
        assertThatThrownBy(() -> ControlServer.bind(directory.resolve("run"), null))
                .isInstanceOf(ControlTrouble.class)
                .hasMessageContaining("a daemon listens there already");
        try (Client client = client()) {
            assertThat(client.ask(STATUS)).isEqualTo(STATUS_ANSWER);
        }
    }

    @Test
    void the_socket_of_a_dead_daemon_is_replaced() throws Exception {
        close();
        Path file = directory.resolve("run/control");
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(file));
        }
        assertThat(file).exists();
        open(ControlLimits.USUAL);
        try (Client client = client()) {
            assertThat(client.ask(STATUS)).isEqualTo(STATUS_ANSWER);
        }
    }

    @Test
    void what_is_no_socket_is_left_alone() throws Exception {
        close();
        Path file = Files.writeString(directory.resolve("run/control"), "precious");
        assertThatThrownBy(() -> ControlServer.bind(directory.resolve("run"), null))
                .isInstanceOf(ControlTrouble.class)
                .hasMessageContaining("no socket");
        assertThat(file).hasContent("precious");
    }

    @Test
    void a_directory_that_everybody_can_write_is_refused() throws Exception {
        Path open = Files.createDirectory(directory.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(() -> ControlServer.bind(open, null)).hasMessageContaining("chmod o-w");
    }

    @Test
    void a_name_that_is_too_long_for_a_socket_is_told() {
        assertThatThrownBy(() -> ControlServer.bind(directory.resolve("x".repeat(100)), null))
                .isInstanceOf(ControlTrouble.class)
                .hasMessageContaining("107")
                .hasMessageContaining("IPSEC_RUN");
    }
}
