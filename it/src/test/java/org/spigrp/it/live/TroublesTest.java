package org.spigrp.it.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.it.live.Plan.Side;

/**
 * What goes wrong in a network, and what an administrator does in the middle of traffic; see {@link Field#PUBLIC}. The public
 * net would carry clear text gladly: in every one of these stories none is seen there.
 */
@SuppressWarnings("try") // gateways work while they are open, whether anybody speaks to them or not
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TroublesTest {
    private static final String WEST = "192.0.2.1";
    private static final String EAST = "198.51.100.1";
    private static final Plan TUNNEL =
            Plan.tunnel("tun esp=aes128gcm16 ah=hmac-sha2-256-128", WEST, EAST, "10.1.0.0/16", "10.2.0.0/16");
    private static final Pattern SENT = Pattern.compile("([0-9]+) packets transmitted, ([0-9]+) received");

    @TempDir
    private static Path job;

    private Field field;

    @BeforeAll
    void make_the_field() {
        field = Field.of(Field.PUBLIC);
    }

    @AfterAll
    void destroy_the_field() {
        if (field != null) {
            field.close();
        }
    }

    private Gateway west(String... options) {
        return Gateway.run(field.at("west"), Side.WEST, List.of(WEST), job, options);
    }

    private Gateway east(String... options) {
        return Gateway.run(field.at("east"), Side.EAST, List.of(EAST), job, options);
    }

    /** A ping each so many milliseconds, under way. */
    private Running pinging(int count, int millis) {
        Running ping = field.at("hostw")
                .start("exec ping -O -i " + millis / 1000.0 + " -c " + count + " -W 2 -p " + Wire.MARKER
                        + " 10.2.0.10");
        ping.awaitLine("bytes from");
        return ping;
    }

    /** How many of the pings were lost. */
    private static int lost(Running ping) {
        String out = ping.end().out();
        Matcher found = SENT.matcher(out);
        assertThat(found.find()).as(out).isTrue();
        return Integer.parseInt(found.group(1)) - Integer.parseInt(found.group(2));
    }

    private static void usesNewKeys(Gateway gateway, Side side, Plan fresh) {
        assertThat(gateway.ipsec("look").succeeds())
                .contains(fresh.sentBy(side).members().getFirst().said() + " out PROTECTED=")
                .contains(fresh.receivedBy(side).members().getFirst().said() + " in PEELED=");
    }

    @Test
    void a_rekey_in_the_middle_of_traffic_loses_nothing() {
        try (Gateway west = west().follow(TUNNEL);
                Gateway east = east().follow(TUNNEL);
                Wire wire = Wire.tap(field.at("net"), "w", WEST);
                Running ping = pinging(3000, 2)) {
            Plan fresh = TUNNEL.rekeyed();
            east.script(Ours.addReceived(fresh, Side.EAST));
            west.script(Ours.addReceived(fresh, Side.WEST));
            west.script(Ours.replaceSent(fresh, Side.WEST));
            east.script(Ours.replaceSent(fresh, Side.EAST));
            assertThat(ping.isAlive()).as("traffic was flowing all the while").isTrue();
            assertThat(lost(ping)).isZero();
            wire.carriedOnlyGuardedPackets();
            usesNewKeys(west, Side.WEST, fresh);
            usesNewKeys(east, Side.EAST, fresh);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void after_signal_9_nothing_leaves_in_clear_and_traffic_goes_on(int ignoreLinkdown) {
        field.at("west").sh("echo " + ignoreLinkdown + " > /proc/sys/net/ipv4/conf/all/ignore_routes_with_linkdown");
        try (Gateway west = west().follow(TUNNEL);
                Gateway east = east().follow(TUNNEL);
                Wire wire = Wire.tap(field.at("net"), "w", WEST);
                Running ping = pinging(600, 10)) {
            long killed = System.nanoTime();
            west.kill();
            Traffic.unanswered(field.at("hostw"), "10.2.0.10");
            int clear = wire.clear();
            west.runAgain();
            long ready = System.nanoTime();
            Traffic.pings(field.at("hostw"), "10.2.0.10", List.of(56));
            long flowing = System.nanoTime();
            int lost = lost(ping);
            System.out.printf(
                    "kill -9, ignore_routes_with_linkdown=%d: %d of 600 pings of 10 ms lost; ready %.2f s after the kill,"
                            + " an answer %.2f s after that; %s%n",
                    ignoreLinkdown,
                    lost,
                    (ready - killed) / 1e9,
                    (flowing - ready) / 1e9,
                    wire.carriedOnlyGuardedPackets());
            assertThat(clear).isZero();
            assertThat(lost).as("the dead time shows").isBetween(1, 599);
        } finally {
            field.at("west").sh("echo 0 > /proc/sys/net/ipv4/conf/all/ignore_routes_with_linkdown");
        }
    }

    @Test
    void stopped_and_started_again_the_wire_stays_free_of_clear_text() {
        try (Gateway west = west().follow(TUNNEL);
                Gateway east = east().follow(TUNNEL);
                Wire wire = Wire.tap(field.at("net"), "w", WEST)) {
            Traffic.pings(field.at("hostw"), "10.2.0.10", List.of(56));
            west.ipsec("setup", "stop").succeeds();
            Traffic.unanswered(field.at("hostw"), "10.2.0.10");
            assertThat(field.at("west").sh("ip route")).contains("unreachable 10.2.0.0/16");
            west.runAgain();
            west.attachAgain(TUNNEL);
            Traffic.pings(field.at("hostw"), "10.2.0.10", List.of(56, 1400));
            wire.carriedOnlyGuardedPackets();
            west.ipsec("setup", "stop", "--open").succeeds();
            assertThat(field.at("west").sh("ip route")).doesNotContain("unreachable");
            field.at("hostw").run("ping -c 1 -W 1 -p " + Wire.MARKER + " 10.2.0.10");
            assertThat(wire.clear()).as("asked for: it is open now").isPositive();
        }
    }

    @Test
    void loss_reordering_doubling_and_damage_are_named_and_traffic_gets_through() {
        String faults = "loss=0.02,reorder=0.05,duplicate=0.02,corrupt=0.01,delay=1ms,seed=7";
        try (Gateway west = west("--fault", faults).follow(TUNNEL);
                Gateway east = east("--fault", faults).follow(TUNNEL);
                Wire wire = Wire.tap(field.at("net"), "w", WEST)) {
            Traffic.pings(field.at("hostw"), "10.2.0.10", List.of(56, 1000));
            Traffic.tcp(field.at("hostw"), field.at("hoste"), "10.2.0.10", "1M");
            wire.carriedOnlyGuardedPackets();
            assertThat(east.ipsec("look").succeeds()).contains("BAD_ICV=", "REPLAYED=");
        }
    }

    @Test
    void a_tap_shows_each_packet_clear_and_protected_with_its_group_and_verdict() {
        assumeTrue(Field.here("command -v tshark").exit() == 0, "tshark is not installed; ./check installs it");
        Path file = job.resolve("tap.pcapng");
        try (Gateway west = west("--tap", file.toString()).follow(TUNNEL);
                Gateway east = east().follow(TUNNEL)) {
            Traffic.pings(field.at("hostw"), "10.2.0.10", List.of(56));
            field.at("west").sh("ip route add 10.9.0.0/16 dev ipsec0");
            Traffic.unanswered(field.at("hostw"), "10.9.0.1");
            west.ipsec("setup", "stop").succeeds();
        }
        String seen = Field.here("tshark -r " + file
                        + " -T fields -E separator=/s -e frame.interface_name -e frame.comment -e ip.dst 2> /dev/null")
                .succeeds();
        assertThat(seen.lines())
                .contains(
                        "ipsec0 (clear) " + names(TUNNEL.sentBy(Side.WEST)) + " PROTECTED 10.2.0.10",
                        "eth0 (protected) " + names(TUNNEL.sentBy(Side.WEST)) + " PROTECTED " + EAST,
                        "eth0 (protected) " + names(TUNNEL.receivedBy(Side.WEST)) + " PEELED " + WEST,
                        "ipsec0 (clear) " + names(TUNNEL.receivedBy(Side.WEST)) + " PEELED 10.1.0.10",
                        "ipsec0 (clear) NO_EROUTE 10.9.0.1")
                .noneMatch(line -> line.startsWith("eth0 (protected)") && line.contains("10.9.0.1"));
    }

    private static String names(Flow flow) {
        return flow.members().stream().map(member -> member.said().toString()).collect(Collectors.joining(" "));
    }

    /** With DF clear the hop cuts, and need not say anything; here it may not even if it would. */
    @Test
    void a_narrow_hop_that_says_nothing_is_no_black_hole() {
        field.at("net").sh("iptables-legacy -A OUTPUT -p icmp --icmp-type destination-unreachable -j DROP");
        try {
            a_narrow_hop_is_no_black_hole("clear");
        } finally {
            field.at("net").sh("iptables-legacy -F OUTPUT");
        }
    }

    @Test
    void a_virtual_interface_deleted_by_hand_comes_again_and_nothing_leaks() {
        try (Gateway west = west().follow(TUNNEL);
                Gateway east = east().follow(TUNNEL);
                Wire wire = Wire.tap(field.at("net"), "w", WEST)) {
            Traffic.pings(field.at("hostw"), "10.2.0.10", List.of(56));
            field.at("west").sh("ip link del ipsec0");
            Traffic.unanswered(field.at("hostw"), "10.2.0.10");
            west.awaitOutput("ipsec0 was taken away");
            west.awaitOutput("ipsec0 is attached to eth0");
            west.attachAgain(TUNNEL);
            Traffic.pings(field.at("hostw"), "10.2.0.10", List.of(56, 1400));
            wire.carriedOnlyGuardedPackets();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"clear", "set"})
    void a_narrow_hop_is_no_black_hole(String df) {
        field.at("net").sh("ip link set e mtu 1300");
        field.at("east").sh("ip link set eth0 mtu 1300"); // or its large packets would be lost at the hop's card
        try (Gateway west = west();
                Gateway east = east()) {
            west.follow(TUNNEL, line -> line.startsWith("spi --said tun") ? line + " --df " + df : line);
            east.follow(TUNNEL, line -> line.startsWith("spi --said tun") ? line + " --df " + df : line);
            try (Wire wire = Wire.tap(field.at("net"), "w", WEST)) {
                // the hop teaches west, west its host, and the same on the way back: a packet is lost for each lesson
                field.at("hostw").run("ping -c 8 -i 0.2 -W 1 -s 1372 10.2.0.10");
                Traffic.pings(field.at("hostw"), "10.2.0.10", List.of(56, 1200, 1400, 4000));
                Traffic.tcp(field.at("hostw"), field.at("hoste"), "10.2.0.10", "1M");
                wire.carriedOnlyGuardedPackets();
            } catch (AssertionError e) {
                throw Gateway.told(e, west, east);
            }
            if (df.equals("set")) {
                assertThat(west.output()).contains("path-mtu").contains("takes packets of 1300 octets");
            }
        } finally {
            field.at("net").sh("ip link set e mtu 1500");
            field.at("east").sh("ip link set eth0 mtu 1500");
        }
    }

    @Test
    void a_tunnel_goes_through_a_tunnel_to_another_gateway() {
        Plan nested = Plan.tunnel("tun esp=aes128-sha256", WEST, "10.4.0.2", "10.1.0.0/16", "10.5.0.0/16")
                .within("tun esp=aes128gcm16", WEST, EAST);
        try (Gateway west = west();
                Gateway east = east();
                Gateway inner = Gateway.run(field.at("inner"), Side.EAST, List.of("10.4.0.2"), job)) {
            west.follow(nested);
            east.follow(nested.part(1));
            // what another gateway on the way cuts, a group of four cannot put together between its members
            inner.follow(nested.part(0), line -> line.startsWith("spi --said tun") ? line + " --df set" : line);
            try (Wire wire = Wire.tap(field.at("net"), "w", WEST)) {
                Traffic.pings(field.at("hostw"), "10.5.0.10", List.of(56, 1300, 1472, 4000));
                Traffic.tcp(field.at("hostw"), field.at("hosti"), "10.5.0.10", "1M");
                wire.carriedOnlyGuardedPackets();
            } catch (AssertionError e) {
                throw Gateway.told(e, west, east, inner);
            }
        }
    }
}
