package org.spigrp.it.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.spigrp.it.live.Plan.Side;

/**
 * What the machine under a gateway may lack or lose: devices, descriptors, room on the disk, its card, its address. See
 * {@link Field#PUBLIC}; whatever goes, nothing leaves in clear. Each story has a field of its own, as it spoils it.
 */
@SuppressWarnings("try") // gateways work while they are open, whether anybody speaks to them or not
class FaultsTest {
    private static final String WEST = "192.0.2.1";
    private static final String WEST_TOO = "192.0.2.2";
    private static final String EAST = "198.51.100.1";
    private static final Plan TUNNEL =
            Plan.tunnel("tun esp=aes128gcm16 ah=hmac-sha2-256-128", WEST, EAST, "10.1.0.0/16", "10.2.0.0/16");

    @TempDir
    private Path job;

    private Field field;

    @BeforeEach
    void make_the_field() {
        field = Field.of(Field.PUBLIC);
    }

    @AfterEach
    void destroy_the_field() {
        if (field != null) {
            field.close();
        }
    }

    private Gateway west() {
        return west(job);
    }

    private Gateway west(Path directory) {
        return Gateway.run(field.at("west"), Side.WEST, List.of(WEST), directory);
    }

    private Gateway east() {
        return Gateway.run(field.at("east"), Side.EAST, List.of(EAST), job);
    }

    private void pings() {
        Traffic.pings(field.at("hostw"), "10.2.0.10", List.of(56));
    }

    private boolean isAnswered(String address) {
        return field.at("hostw")
                        .run("ping -c 1 -W 1 -p " + Wire.MARKER + " " + address)
                        .exit()
                == 0;
    }

    @Test
    void without_dev_net_tun_an_attachment_is_refused_in_one_line_that_says_how_to_mend_it() {
        List<String> hidden =
                List.of("unshare", "-m", "sh", "-c", "mount -t tmpfs none /dev/net && exec \"$@\"", "without-tun");
        try (Gateway west = Gateway.runBy(hidden, field.at("west"), Side.WEST, job)) {
            String empty = west.ipsec("tncfg").succeeds();
            long daemon = west.pid();
            Ran refused = west.ipsec("tncfg", "--attach", "--virtual", "ipsec0", "--physical", "eth0");
            assertThat(refused.exit()).isNotZero();
            assertThat(refused.out().lines())
                    .singleElement()
                    .asString()
                    .contains("/dev/net/tun", "this host has no TUN", "modprobe tun");
            assertThat(west.ipsec("tncfg").succeeds()).isEqualTo(empty).doesNotContain("eth0");
            assertThat(field.at("west").run("ip link show ipsec0").exit()).isNotZero();
            assertThat(west.pid()).isEqualTo(daemon);
        }
    }

    @Test
    void with_no_descriptor_left_traffic_flows_on_and_commands_come_again() {
        try (Gateway west = west().follow(TUNNEL);
                Gateway east = east().follow(TUNNEL);
                Wire wire = Wire.tap(field.at("net"), "w", WEST)) {
            long pid = west.pid();
            int limit = descriptors(pid).stream().mapToInt(x -> x).max().orElseThrow() + 9;
            Field.here("prlimit --pid " + pid + " --nofile=" + limit).succeeds();
            List<SocketChannel> clients =
                    IntStream.range(0, 40).mapToObj(_ -> west.client()).toList();
            Running look;
            long deadline = System.nanoTime() + Running.PATIENCE.toNanos();
            try {
                while (descriptors(pid).size() < limit) {
                    assertThat(System.nanoTime()).as("%s", descriptors(pid)).isLessThan(deadline);
                }
                look = west.launch("look");
                // the first packets: whatever they need was loaded before
                Traffic.pings(field.at("hostw"), "10.2.0.10", List.of(56, 1400, 4000));
                Traffic.tcp(field.at("hostw"), field.at("hoste"), "10.2.0.10", "1M");
                field.at("west").sh("ip route add 10.9.0.0/16 dev ipsec0");
                west.awaitOutput("stack: cannot open a netlink socket: too many files are open"); // no guard yet
                assertThat(look.out()).isEmpty();
                assertThat(descriptors(pid)).hasSize(limit);
            } finally {
                clients.forEach(FaultsTest::close);
            }
            assertThat(look.end().succeeds()).contains("10.2.0.0/16");
            assertThat(west.ipsec("look").succeeds()).contains("10.2.0.0/16");
            while (!field.at("west").sh("ip route").contains("unreachable 10.9.0.0/16")) {
                assertThat(System.nanoTime()).as("a guard for the new route").isLessThan(deadline);
                pings();
            }
            wire.carriedOnlyGuardedPackets();
        }
    }

    /** Open ones of a process. */
    private static List<Integer> descriptors(long pid) {
        try (var files = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
            var numbers = new ArrayList<Integer>();
            files.forEach(file -> numbers.add(Integer.valueOf(file.getFileName().toString())));
            return numbers;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void close(SocketChannel client) {
        try {
            client.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A journal of numbers on a full disk goes on to the end of its last page. Large groups that begin one after another
     * ask for numbers until nothing more fits.
     */
    @Test
    void on_a_full_disk_an_sa_stops_where_its_numbers_end_and_goes_on_when_there_is_room() throws IOException {
        List<Plan> plans = IntStream.range(0, 8).mapToObj(FaultsTest::large).toList();
        Path small = Files.createDirectory(job.resolve("small"));
        field.at("hoste").sh("for n in 0 1 2 3 4 5 6 7; do ip addr add 10.2.0.2$n/24 dev eth0; done");
        Field.here("mount -t tmpfs -o size=4m none " + small).succeeds();
        try (Gateway west = west(small);
                Gateway east = east();
                Wire wire = Wire.tap(field.at("net"), "w", WEST)) {
            followAll(west, Side.WEST, plans, "10.2.0.0/16");
            followAll(east, Side.EAST, plans, "10.1.0.0/16");
            Traffic.pings(field.at("hostw"), "10.2.0.20", List.of(56));
            assertThat(Field.here("cat /dev/zero > " + small + "/filler").exit())
                    .isNotZero();

            int stopped = 1;
            while (isAnswered("10.2.0.2" + stopped)) {
                stopped++;
                assertThat(stopped).as("large groups on a full disk").isLessThan(plans.size());
            }
            west.awaitOutput("NUMBERS_NOT_DURABLE: numbers could not be made durable (disk full?), so none was used");
            Traffic.unanswered(field.at("hostw"), "10.2.0.2" + stopped);
            Traffic.unanswered(field.at("hostw"), "10.2.0.27");
            Traffic.pings(field.at("hostw"), "10.2.0.20", List.of(56)); // what was granted is there to be used
            assertThat(west.ipsec("look").succeeds()).contains(" out NUMBERS_NOT_DURABLE=");
            Ran change = west.ipsec("eroute", "--clear");
            assertThat(change.exit()).as(change.out()).isNotZero();

            Files.delete(small.resolve("filler"));
            for (int i = 0; i < plans.size(); i++) {
                Traffic.pings(field.at("hostw"), "10.2.0.2" + i, List.of(56));
            }
            wire.carriedOnlyGuardedPackets();
            assertThat(east.ipsec("look").succeeds()).doesNotContain("REPLAYED");
        } finally {
            Field.here("umount " + small).succeeds();
        }
    }

    private static Plan large(int number) {
        var part = new Plan.Part("tun" + " esp=aes128gcm16".repeat(15), WEST, EAST, 0x1000 + 0x20 * number);
        return new Plan(List.of(part), "10.1.0.0/16", "10.2.0.2" + number + "/32", Plan.Nat.NONE);
    }

    private static void followAll(Gateway gateway, Side side, List<Plan> plans, String network) {
        gateway.script(
                plans.stream().flatMap(plan -> Ours.lines(plan, side).stream()).toList());
        gateway.space().sh("ip route add " + network + " dev ipsec0");
    }

    @Test
    void the_card_under_a_tunnel_goes_down_and_up() {
        try (Gateway west = west().follow(TUNNEL);
                Gateway east = east().follow(TUNNEL);
                Wire wire = Wire.tap(field.at("net"), "w", WEST)) {
            pings();
            field.at("west").sh("ip link set eth0 down");
            west.awaitOutput("eth0 is down");
            Traffic.unanswered(field.at("hostw"), "10.2.0.10");
            cardComes("ip link set eth0 up");
            west.awaitOutput("eth0 is up");
            Traffic.pings(field.at("hostw"), "10.2.0.10", List.of(56, 1400));
            wire.carriedOnlyGuardedPackets();
        }
    }

    @Test
    void the_card_under_a_tunnel_is_taken_away_and_comes_again() {
        try (Gateway west = west().follow(TUNNEL);
                Gateway east = east().follow(TUNNEL);
                Wire wire = Wire.tap(field.at("net"), "w", WEST)) {
            pings();
            field.at("west").sh("ip link set eth0 netns " + field.at("net").unique());
            west.awaitOutput("eth0 is gone: ipsec0 is detached until it comes back");
            Traffic.unanswered(field.at("hostw"), "10.2.0.10");
            field.at("net").sh("ip link set eth0 netns " + field.at("west").unique());
            west.awaitOutput("eth0 is back: ipsec0 is attached again");
            cardComes("ip addr add " + WEST + "/24 dev eth0");
            Traffic.pings(field.at("hostw"), "10.2.0.10", List.of(56, 1400));
            wire.carriedOnlyGuardedPackets();
        }
    }

    @Test
    void a_card_that_is_called_otherwise_for_a_while_works_again_under_its_name() {
        try (Gateway west = west().follow(TUNNEL);
                Gateway east = east().follow(TUNNEL);
                Wire wire = Wire.tap(field.at("net"), "w", WEST)) {
            pings();
            field.at("west").sh("ip link set eth0 down; ip link set eth0 name away");
            west.awaitOutput("eth0 is gone: ipsec0 is detached until it comes back");
            Traffic.unanswered(field.at("hostw"), "10.2.0.10");
            field.at("west").sh("ip link set away name eth0");
            west.awaitOutput("eth0 is back: ipsec0 is attached again");
            cardComes("true");
            Traffic.pings(field.at("hostw"), "10.2.0.10", List.of(56, 1400));
            wire.carriedOnlyGuardedPackets();
        }
    }

    /** And what the card's routes were before. */
    private void cardComes(String first) {
        field.at("west")
                .sh(first + "\nset -e\nip link set eth0 up\n"
                        + "ip -6 addr replace 2001:db8:1::1/64 dev eth0 nodad\n"
                        + "ip route replace default via 192.0.2.254\n"
                        + "ip -6 route replace default via 2001:db8:1::fe");
    }

    @Test
    void an_address_that_the_gateway_gets_later_is_its_own() {
        Plan later = Plan.transport("esp=aes128gcm16", WEST_TOO, EAST);
        try (Gateway west = west();
                Gateway east = east().follow(later);
                Wire wire = Wire.tap(field.at("net"), "w", WEST)) {
            field.at("west").sh("ip addr add " + WEST_TOO + "/24 dev eth0");
            west.follow(later);
            Traffic.pings(field.at("west"), EAST, List.of(56, 1400, 4000));
            wire.carriedOnlyGuardedPackets();
            assertThat(west.ipsec("look").succeeds())
                    .contains(later.receivedBy(Side.WEST).members().getFirst().said() + " in PEELED=");
            // only what a host sends itself to its peer's IKE needs no group
            field.at("west").sh("""
                    python3 -c 'import socket
                    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    s.bind(("192.0.2.2", 500))
                    s.sendto(b"key exchange", ("198.51.100.1", 500))'
                    """);
            assertThat(wire.seen()).contains("clear UDP=1");
        }
    }
}
