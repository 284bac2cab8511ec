package org.spigrp.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.spigrp.command.Change;
import org.spigrp.command.DebugFlag;
import org.spigrp.command.Event;
import org.spigrp.command.Listing;
import org.spigrp.command.Outcome;
import org.spigrp.command.Stop;
import org.spigrp.command.Target;
import org.spigrp.engine.MemoryPort;
import org.spigrp.sa.CompAlgorithm;
import org.spigrp.sa.Lifetimes;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Shunt;
import org.spigrp.sa.Transform;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Prefix;

/** The live stack on machines in memory: what is typed, what is sent, what comes out. */
class LiveTest {
    private static final Said OUT = LiveBed.tun(0x1000, LiveBed.EAST);

    @TempDir
    private Path directory;

    private static byte[] toEast() {
        return LiveBed.udp(0x0a010005, 0x0a020007, 100);
    }

    private LiveBed west() {
        return new LiveBed(directory.resolve("west"), LiveBed.WEST);
    }

    private static void done(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Done.class);
    }

    private static void protectEast(LiveBed west) {
        done(west.live().apply(LiveBed.tunnel(0x1000, LiveBed.WEST, LiveBed.EAST)));
        done(west.apply(LiveBed.eroute(LiveBed.TO_EAST, OUT)));
    }

    /** Both are attached, and have the tunnel from west to east. */
    private static void protect(LiveBed west, LiveBed east) {
        attach(west);
        attach(east);
        protectEast(west);
        done(east.live().apply(LiveBed.tunnel(0x1000, LiveBed.WEST, LiveBed.EAST)));
    }

    private static void attach(LiveBed bed) {
        done(bed.apply(new Change.Attach("ipsec0", "eth0")));
    }

    private static MemoryPort tun(LiveBed bed) {
        return Objects.requireNonNull(bed.machine.tuns.get("ipsec0"));
    }

    @Test
    void the_status_tells_how_many_threads_do_the_cryptography() {
        try (var west = west()) {
            assertThat(west.live().status()).contains("\"workers\":1,");
        }
    }

    @Test
    void a_packet_goes_through_two_stacks_and_comes_out_as_it_was() {
        try (var west = west();
                var east = new LiveBed(directory.resolve("east"), LiveBed.EAST)) {
            protect(west, east);
            done(east.apply(LiveBed.inbound(LiveBed.TO_EAST, OUT)));
            tun(west).arrive(toEast());
            west.settle();
            List<byte[]> wire = west.machine.raw("eth0").sent();
            assertThat(wire).hasSize(1);
            assertThat(wire.getFirst()[9]).as("ESP on the wire").isEqualTo((byte) IpProtocol.ESP);
            east.machine.raw("eth0").arrive(wire.getFirst());
            east.settle();
            assertThat(tun(east).sent()).containsExactly(toEast());
            east.machine.raw("eth0").arrive(wire.getFirst());
            east.seconds(1);
            assertThat(tun(east).sent()).as("a second copy is refused").hasSize(1);
            assertThat(east.told(Event.Kind.DROPS))
                    .singleElement()
                    .satisfies(event -> assertThat(event.say()).contains("REPLAYED"));
        }
    }

    @Test
    void what_no_eroute_takes_is_dropped_and_named() {
        try (var west = west()) {
            attach(west);
            protectEast(west);
            tun(west).arrive(LiveBed.udp(0x0a010005, 0x0a030007, 100));
            west.seconds(1);
            assertThat(west.machine.raw("eth0").sent()).isEmpty();
            assertThat(west.told(Event.Kind.DROPS))
                    .singleElement()
                    .satisfies(event -> assertThat(event.say()).contains("NO_EROUTE"));
        }
    }

    @Test
    void attaching_to_an_interface_that_is_not_there_changes_nothing() {
        try (var west = west()) {
            Outcome outcome = west.apply(new Change.Attach("ipsec0", "eth7"));
            assertThat(outcome)
                    .isInstanceOfSatisfying(
                            Outcome.Failed.class,
                            failed -> assertThat(failed.say()).contains("eth7"));
            assertThat(west.machine.tuns).isEmpty();
            attach(west);
        }
    }

    @Test
    void a_udp_port_that_somebody_holds_refuses_the_sa() {
        try (var west = west()) {
            attach(west);
            west.machine.takenPorts.add(4500);
            var nat = new NatTraversal(NatTraversal.Kind.NONESP, 4500, 4500);
            var sa = LiveBed.espSa(0x2000, LiveBed.WEST, LiveBed.EAST, nat);
            assertThat(west.apply(new Change.AddSa(sa)))
                    .isInstanceOfSatisfying(
                            Outcome.Failed.class,
                            failed -> assertThat(failed.say()).contains("charon"));
            assertThat(west.live().sa(sa.said())).isNull();
            west.machine.takenPorts.clear();
            done(west.apply(new Change.AddSa(sa)));
            assertThat(west.machine.udps).hasSize(2);
        }
    }

    @Test
    void without_rights_esp_in_udp_passes_and_what_cannot_is_refused() {
        try (var west = west()) {
            west.machine.rights.clear();
            attach(west);
            assertThat(west.machine.raws).isEmpty();
            assertThat(west.machine.icmps).isEmpty();
            assertThat(west.live().apply(LiveBed.tunnel(0x1000, LiveBed.WEST, LiveBed.EAST)))
                    .isInstanceOfSatisfying(
                            Outcome.Failed.class,
                            failed ->
                                    assertThat(failed.say()).contains("esp0x1001@192.0.2.2", "CAP_NET_RAW", "--natt"));
            assertThat(west.live().sa(LiveBed.tun(0x1000, LiveBed.EAST))).isNull();
            var nat = new NatTraversal(NatTraversal.Kind.NONESP, 4500, 4500);
            Said tunnel = LiveBed.tun(0x1000, LiveBed.EAST);
            done(west.apply(
                    LiveBed.addTun(0x1000, LiveBed.WEST, LiveBed.EAST),
                    new Change.AddSa(LiveBed.espSa(0x1001, LiveBed.WEST, LiveBed.EAST, nat)),
                    new Change.MakeGroup(
                            List.of(Target.of(tunnel), Target.of(LiveBed.esp(0x1001, LiveBed.EAST))), null),
                    LiveBed.eroute(LiveBed.TO_EAST, tunnel)));
            tun(west).arrive(LiveBed.udp(0x0a010005, 0x0a020007, 100));
            west.settle();
            assertThat(Objects.requireNonNull(west.machine.udps.get("eth0" + Family.INET + 4500))
                            .sent())
                    .hasSize(1);
            assertThat(west.machine.mtus).as("root's to change").containsEntry("ipsec0", 1500);
            west.seconds(3);
            assertThat(west.told(Event.Kind.INTERFACE).stream().map(Event::say))
                    .filteredOn(say -> say.contains("ip link set ipsec0 mtu 1438"))
                    .as("told once")
                    .hasSize(1);
            west.restart(Stop.CLOSED);
            assertThat(west.machine.removed).as("it could not be made anew").isEmpty();
        }
    }

    @Test
    void hold_keeps_the_first_and_the_last_and_sends_them_when_replaced() {
        try (var west = west()) {
            attach(west);
            done(west.live().apply(LiveBed.tunnel(0x1000, LiveBed.WEST, LiveBed.EAST)));
            done(west.apply(LiveBed.eroute(LiveBed.TO_EAST, Shunt.HOLD.said())));
            for (int octets : new int[] {60, 61, 62}) {
                tun(west).arrive(LiveBed.udp(0x0a010005, 0x0a020007, octets));
            }
            west.settle();
            assertThat(west.machine.raw("eth0").sent()).isEmpty();
            done(west.apply(new Change.ReplaceEroute(LiveBed.TO_EAST, Target.of(OUT))));
            west.settle();
            assertThat(west.machine.raw("eth0").sent()).hasSize(2);
        }
    }

    @Test
    void trap_asks_once_for_each_pair_of_hosts_and_holds() {
        try (var west = west()) {
            attach(west);
            done(west.live().apply(LiveBed.tunnel(0x1000, LiveBed.WEST, LiveBed.EAST)));
            done(west.apply(LiveBed.eroute(LiveBed.TO_EAST, Shunt.TRAP.said())));
            tun(west).arrive(toEast());
            tun(west).arrive(toEast());
            tun(west).arrive(LiveBed.udp(0x0a010006, 0x0a020007, 100));
            west.settle();
            assertThat(west.told(Event.Kind.ACQUIRE)).hasSize(2);
            done(west.apply(LiveBed.addEsp(0x5000, LiveBed.WEST, LiveBed.EAST)));
            assertThat(west.told(Event.Kind.ACQUIRE))
                    .as("trying again asks nobody")
                    .hasSize(2);
            done(west.apply(new Change.ReplaceEroute(LiveBed.TO_EAST, Target.of(OUT))));
            assertThat(west.machine.raw("eth0").sent()).hasSize(3);
        }
    }

    /** A soft limit at 5 seconds, a hard one at 10, on one of its members. */
    private static void makeGroupOfTenSeconds(LiveBed west) {
        makeLimitedGroup(
                west,
                new Lifetimes(
                        Lifetimes.Limit.NONE,
                        Lifetimes.Limit.NONE,
                        new Lifetimes.Limit(5, 10),
                        Lifetimes.Limit.NONE,
                        Lifetimes.Limit.NONE));
    }

    private static void makeLimitedGroup(LiveBed west, Lifetimes lifetimes) {
        var esp = LiveBed.espSa(0x1001, LiveBed.WEST, LiveBed.EAST, NatTraversal.NONE);
        var limited = new SecurityAssociation(
                esp.said(),
                esp.source(),
                esp.direction(),
                esp.transform(),
                esp.windowBits(),
                false,
                lifetimes,
                0,
                false,
                0,
                0,
                0);
        done(west.apply(
                LiveBed.addTun(0x1000, LiveBed.WEST, LiveBed.EAST),
                new Change.AddSa(limited),
                new Change.MakeGroup(List.of(Target.of(OUT), Target.of(limited.said())), null)));
    }

    @Test
    void a_clock_set_ahead_ends_what_is_over_by_it_and_set_back_brings_nothing_back() {
        try (var west = west()) {
            makeGroupOfTenSeconds(west);
            west.now = west.now.plusSeconds(3600);
            west.seconds(1);
            assertThat(west.told(Event.Kind.HARD_EXPIRY)).hasSize(1);
            assertThat(west.live().sa(OUT)).as("the group goes as a whole").isNull();
            west.now = west.now.minusSeconds(7200);
            makeGroupOfTenSeconds(west);
            west.seconds(4);
            assertThat(west.live().sa(OUT)).isNotNull();
            west.seconds(7);
            assertThat(west.told(Event.Kind.HARD_EXPIRY))
                    .as("ten seconds are ten seconds")
                    .hasSize(2);
        }
    }

    @Test
    @Timeout(20)
    void listings_are_written_half_a_second_behind_the_rest() {
        try (var west = west()) {
            Path files = west.listings();
            west.seconds(1);
            assertThat(files).as("with the rest of a second's work").doesNotExist();
            west.nanos += 499_999_999L;
            west.settle();
            assertThat(files).as("too soon").doesNotExist();
            west.nanos++;
            west.settle();
            while (!Files.exists(files.resolve("ipsec_spi"))) { // another thread writes
                Thread.onSpinWait();
            }
        }
    }

    @Test
    @Timeout(20)
    void listing_files_say_what_the_commands_say() {
        try (var west = west();
                var east = new LiveBed(directory.resolve("east"), LiveBed.EAST)) {
            protect(west, east);
            tun(west).arrive(toEast());
            west.settle();
            assertListed(west, Listing.EROUTE, "1          10.1.0.0/16");
            tun(west).arrive(toEast());
            tun(west).arrive(toEast());
            west.settle();
            assertListed(west, Listing.EROUTE, "3          10.1.0.0/16");
            List<byte[]> wire = List.copyOf(west.machine.raw("eth0").sent());
            west.restart(Stop.RESTART);
            assertListed(west, Listing.EROUTE, "3          10.1.0.0/16");
            wire.forEach(east.machine.raw("eth0")::arrive);
            east.settle();
            assertListed(east, Listing.SPI, "packets(3,0,0)");
            east.restart(Stop.RESTART);
            assertListed(east, Listing.SPI, "packets(3,0,0)");
            done(east.apply(LiveBed.inbound(LiveBed.TO_EAST, OUT)));
            assertListed(east, Listing.SPI, "10.1.0.0/16");
            done(west.apply(new Change.DeleteSa(Target.of(OUT))));
            assertListed(west, Listing.EROUTE, "3          10.1.0.0/16");
            done(west.apply(new Change.Detach("ipsec0")));
            assertListed(west, Listing.TNCFG, "ipsec0 -> NULL");
        }
    }

    /** The listing files become those of now; one of them has {@code text}. */
    private static void assertListed(LiveBed bed, Listing which, String text) {
        Map<Path, List<String>> wanted = new LinkedHashMap<>();
        for (Listing listing : Listing.values()) {
            if (listing != Listing.LOOK) {
                var lines = new ArrayList<String>();
                bed.live().list(listing, false, line -> lines.add(ageless(line)));
                wanted.put(bed.listings().resolve("ipsec_" + listing.text()), lines);
            }
        }
        assertThat(wanted.get(bed.listings().resolve("ipsec_" + which.text()))).anyMatch(line -> line.contains(text));
        while (!wanted.equals(read(wanted.keySet()))) { // another thread writes
            if (Thread.interrupted()) { // by the timeout
                assertThat(read(wanted.keySet())).isEqualTo(wanted);
            }
            bed.nanos += 500_000_000L;
            bed.settle();
        }
    }

    @Test
    void what_sas_have_done_is_durable_every_ten_seconds() {
        try (var west = west()) {
            attach(west);
            protectEast(west);
            tun(west).arrive(toEast());
            west.settle();
            west.seconds(11);
            tun(west).arrive(toEast());
            west.seconds(5);
            west.crash();
            var lines = new ArrayList<String>();
            west.live().list(Listing.EROUTE, false, lines::add);
            assertThat(lines).singleElement().asString().startsWith("1          10.1.0.0/16");
        }
    }

    private static String ageless(String line) {
        return line.replaceAll("(time\\(|idle=)[0-9]+", "$1");
    }

    private static Map<Path, List<String>> read(Set<Path> files) {
        Map<Path, List<String>> found = new LinkedHashMap<>();
        for (Path file : files) {
            try {
                found.put(
                        file,
                        Files.readAllLines(file).stream().map(LiveTest::ageless).toList());
            } catch (IOException e) {
                found.put(file, List.of("none yet"));
            }
        }
        return found;
    }

    @Test
    void seconds_of_use_begin_with_the_first_packet() {
        try (var west = west()) {
            attach(west);
            makeLimitedGroup(
                    west,
                    new Lifetimes(
                            Lifetimes.Limit.NONE,
                            Lifetimes.Limit.NONE,
                            Lifetimes.Limit.NONE,
                            new Lifetimes.Limit(0, 4),
                            Lifetimes.Limit.NONE));
            done(west.apply(LiveBed.eroute(LiveBed.TO_EAST, OUT)));
            west.seconds(100);
            assertThat(west.live().sa(OUT)).as("never used").isNotNull();
            west.seconds(3); // some seconds after uses became durable, and before they do again
            tun(west).arrive(toEast());
            west.settle();
            west.seconds(4);
            assertThat(west.live().sa(OUT)).isNotNull();
            west.seconds(1);
            assertThat(west.told(Event.Kind.HARD_EXPIRY)).hasSize(1);
            assertThat(west.live().sa(OUT)).isNull();
        }
    }

    @Test
    void an_idle_sa_expires_with_its_group_and_says_so() {
        try (var west = west()) {
            attach(west);
            makeGroupOfTenSeconds(west);
            west.seconds(6);
            assertThat(west.told(Event.Kind.SOFT_EXPIRY)).hasSize(1);
            west.restart(Stop.RESTART);
            west.seconds(2);
            assertThat(west.told(Event.Kind.SOFT_EXPIRY)).as("once in its life").hasSize(1);
            west.now = west.now.minusSeconds(3600); // the clock is set back
            west.seconds(4);
            assertThat(west.told(Event.Kind.HARD_EXPIRY)).hasSize(1);
            assertThat(west.live().sa(OUT)).as("the group goes as a whole").isNull();
        }
    }

    @Test
    void numbers_go_on_when_a_group_is_made_anew_under_traffic() {
        try (var west = west()) {
            attach(west);
            protectEast(west);
            tun(west).arrive(toEast());
            west.settle();
            Said esp = LiveBed.esp(0x1001, LiveBed.EAST);
            done(west.apply(
                    new Change.Ungroup(Target.of(OUT)),
                    new Change.MakeGroup(List.of(Target.of(OUT), Target.of(esp)), "again")));
            tun(west).arrive(toEast());
            west.settle();
            List<byte[]> wire = west.machine.raw("eth0").sent();
            assertThat(wire).hasSize(2);
            assertThat(wire.stream().map(octets -> new Octets(octets).u32(24))).containsExactly(1, 2);
        }
    }

    @Test
    void after_a_crash_no_number_is_sent_again() {
        try (var west = west()) {
            attach(west);
            protectEast(west);
            tun(west).arrive(toEast());
            west.settle();
            int before = new Octets(west.machine.raw("eth0").sent().getLast()).u32(24);
            west.crash();
            tun(west).arrive(toEast());
            west.settle();
            int behind = new Octets(west.machine.raw("eth0").sent().getLast()).u32(24);
            assertThat(behind).isGreaterThan(before);
        }
    }

    @Test
    void the_mtu_follows_the_smallest_group_and_stops_at_what_ipv6_needs() {
        try (var west = west()) {
            attach(west);
            protectEast(west);
            west.seconds(1);
            assertThat(west.machine.mtus.get("ipsec0")).isEqualTo(1446);
            west.machine.mtus.put("eth0", 1300);
            west.machine.news.add(new Machine.NetworkNews.Link("eth0", true, true));
            west.seconds(1);
            assertThat(west.machine.mtus.get("ipsec0")).isEqualTo(1280);
            var lines = new ArrayList<String>();
            west.live().list(Listing.TNCFG, false, lines::add);
            assertThat(lines.getFirst()).isEqualTo("ipsec0 -> eth0 mtu=1280(1280) -> 1300");
        }
    }

    @Test
    void guards_stand_beside_routes_and_stay_when_the_stack_stops() {
        try (var west = west()) {
            west.machine.routes.put("ipsec0", List.of(LiveBed.EAST_NET));
            attach(west);
            assertThat(west.machine.guards).containsExactly(LiveBed.EAST_NET);
            var other = new Prefix(IpAddress.v4(0x0a090000), 16);
            west.machine.news.add(new Machine.NetworkNews.RouteCame("ipsec0", other));
            west.settle();
            west.machine.news.add(new Machine.NetworkNews.RouteGone("ipsec0", other, true));
            west.settle();
            assertThat(west.machine.guards).as("taken away by somebody").containsExactly(LiveBed.EAST_NET);
            west.restart(Stop.CLOSED);
            assertThat(west.machine.guards).containsExactly(LiveBed.EAST_NET);
            west.restart(Stop.OPEN);
            assertThat(west.machine.guards).isEmpty();
        }
    }

    @Test
    void a_guard_that_cannot_be_had_is_told_once_and_made_later() {
        try (var west = west()) {
            attach(west);
            west.machine.deaf = true;
            west.machine.news.add(new Machine.NetworkNews.RouteCame("ipsec0", LiveBed.EAST_NET));
            west.seconds(3);
            assertThat(west.machine.guards).isEmpty();
            assertThat(west.told(Event.Kind.STACK).stream().map(Event::say))
                    .filteredOn(say -> say.contains("too many files"))
                    .hasSize(1);
            west.machine.deaf = false;
            west.seconds(1);
            assertThat(west.machine.guards).containsExactly(LiveBed.EAST_NET);
        }
    }

    @Test
    void a_guard_that_could_not_be_had_is_forgotten_with_its_route() {
        try (var west = west()) {
            attach(west);
            west.machine.deaf = true;
            west.machine.news.add(new Machine.NetworkNews.RouteCame("ipsec0", LiveBed.EAST_NET));
            west.settle();
            west.machine.news.add(new Machine.NetworkNews.RouteGone("ipsec0", LiveBed.EAST_NET, true));
            west.settle();
            west.machine.deaf = false;
            west.seconds(1);
            assertThat(west.machine.guards).isEmpty();
        }
    }

    @Test
    void an_interface_that_comes_back_in_a_bad_moment_is_attached_later() {
        try (var west = west()) {
            attach(west);
            west.machine.news.add(new Machine.NetworkNews.Link("eth0", false, false));
            west.settle();
            west.machine.closed.add("eth0");
            west.machine.news.add(new Machine.NetworkNews.Link("eth0", true, true));
            west.seconds(3);
            assertThat(west.told(Event.Kind.INTERFACE).stream().map(Event::say))
                    .filteredOn(say -> say.contains("not permitted"))
                    .hasSize(1);
            west.machine.closed.clear();
            west.seconds(1);
            assertThat(west.told(Event.Kind.INTERFACE).getLast().say()).contains("attached again");
        }
    }

    @Test
    void an_interface_that_goes_and_comes_is_detached_and_attached_again() {
        try (var west = west()) {
            attach(west);
            protectEast(west);
            west.machine.mtus.remove("eth0");
            west.machine.news.add(new Machine.NetworkNews.Link("eth0", false, false));
            west.settle();
            tun(west).arrive(toEast());
            west.settle();
            west.machine.mtus.put("eth0", 1500);
            west.machine.news.add(new Machine.NetworkNews.Link("eth0", true, true));
            west.settle();
            tun(west).arrive(toEast());
            west.settle();
            assertThat(west.machine.raw("eth0").sent()).hasSize(1);
            assertThat(west.told(Event.Kind.INTERFACE).stream().map(Event::say))
                    .anyMatch(say -> say.contains("eth0 is gone"))
                    .anyMatch(say -> say.contains("attached again"));
        }
    }

    @Test
    void a_flood_of_unknown_spis_and_garbage_costs_a_line_a_second() {
        try (var west = west()) {
            attach(west);
            protectEast(west);
            int logged = west.log.size();
            var random = new Random(7);
            for (int i = 0; i < 100_000; i++) {
                byte[] packet = LiveBed.udp(0xc0000202, 0xc0000201, 60);
                packet[9] = IpProtocol.ESP;
                new Octets(packet).putU32(20, i % 3 == 0 ? random.nextInt() : 0x10000 + i);
                west.machine.raw("eth0").arrive(packet);
                if (i % 10 == 0) {
                    byte[] garbage = new byte[random.nextInt(200)];
                    random.nextBytes(garbage);
                    west.machine.raw("eth0").arrive(garbage);
                }
            }
            west.settle();
            west.seconds(1);
            assertThat(west.log.size() - logged)
                    .as("a line for each verdict that occurred")
                    .isLessThan(10);
            assertThat(west.told(Event.Kind.DROPS).stream().map(Event::say)).anyMatch(say -> say.contains("NO_SA"));
            tun(west).arrive(toEast());
            west.settle();
            assertThat(west.machine.raw("eth0").sent())
                    .as("and traffic goes on")
                    .hasSize(1);
        }
    }

    @Test
    void what_cannot_be_attached_or_detached_is_refused() {
        try (var west = west()) {
            attach(west);
            assertThat(west.apply(new Change.Attach("ipsec0", "eth0"))).isInstanceOf(Outcome.Refused.class);
            assertThat(west.apply(new Change.Detach("ipsec1"))).isInstanceOf(Outcome.Refused.class);
            protectEast(west);
            done(west.apply(new Change.Detach("ipsec0")));
            assertThat(west.machine.removed)
                    .as("the interface stays, and what is sent there is lost")
                    .isEmpty();
            done(west.apply(new Change.DeleteInterface("ipsec0")));
            assertThat(west.machine.removed).containsExactly("ipsec0");
        }
    }

    @Test
    void a_refused_attachment_leaves_no_interface_behind() {
        try (var west = west()) {
            west.machine.closed.add("eth0");
            assertThat(west.apply(new Change.Attach("ipsec0", "eth0"))).isInstanceOf(Outcome.Failed.class);
            assertThat(west.machine.removed).containsExactly("ipsec0");
            west.machine.closed.clear();
            attach(west);
        }
    }

    @Test
    void an_interface_moves_to_another_in_one_transaction() {
        try (var west = west()) {
            attach(west);
            protectEast(west);
            west.machine.mtus.put("eth1", 1400);
            done(west.apply(new Change.Detach("ipsec0"), new Change.Attach("ipsec0", "eth1")));
            tun(west).arrive(toEast());
            west.settle();
            assertThat(west.machine.raw("eth0").sent()).isEmpty();
            assertThat(west.machine.raw("eth1").sent()).hasSize(1);
        }
    }

    @Test
    void a_virtual_interface_that_somebody_deletes_is_made_again() {
        try (var west = west()) {
            attach(west);
            protectEast(west);
            MemoryPort before = tun(west);
            west.machine.mtus.remove("ipsec0");
            before.close();
            west.settle();
            assertThat(west.told(Event.Kind.INTERFACE).stream().map(Event::say))
                    .anyMatch(say -> say.contains("ipsec0 was taken away"));
            west.seconds(1);
            assertThat(tun(west)).isNotSameAs(before);
            tun(west).arrive(toEast());
            west.settle();
            assertThat(west.machine.raw("eth0").sent()).hasSize(1);
        }
    }

    @Test
    void a_detached_interface_goes_when_the_stack_stops() {
        try (var west = west()) {
            attach(west);
            done(west.apply(new Change.Detach("ipsec0")));
            west.restart(Stop.RESTART);
            assertThat(west.machine.removed).isEmpty();
            west.restart(Stop.CLOSED);
            assertThat(west.machine.removed).containsExactly("ipsec0");
        }
    }

    @Test
    void an_address_that_comes_after_the_sa_has_its_keepalives() {
        try (var west = west()) {
            attach(west);
            west.machine.addresses.clear();
            west.machine.news.add(new Machine.NetworkNews.Addresses());
            west.settle();
            var nat = new NatTraversal(NatTraversal.Kind.NONESP, 4500, 4500);
            done(west.apply(new Change.AddSa(LiveBed.espSa(0x2000, LiveBed.WEST, LiveBed.EAST, nat))));
            MemoryPort udp = Objects.requireNonNull(west.machine.udps.get("eth0" + Family.INET + 4500));
            west.seconds(25);
            assertThat(udp.sent()).as("the source is not ours").isEmpty();
            west.machine.addresses.add(LiveBed.WEST);
            west.machine.deaf = true; // it is told now, and can be looked at later
            west.machine.news.add(new Machine.NetworkNews.Addresses());
            west.seconds(2);
            west.machine.deaf = false;
            west.seconds(25);
            assertThat(udp.sent()).isNotEmpty();
        }
    }

    @Test
    void a_host_without_ipv6_speaks_ipv4() {
        try (var west = west()) {
            west.machine.families.remove(Family.INET6);
            attach(west);
            protectEast(west);
            assertThat(west.machine.raws).hasSize(1);
            tun(west).arrive(toEast());
            west.settle();
            assertThat(west.machine.raw("eth0").sent()).hasSize(1);
        }
    }

    @Test
    void a_quiet_sa_behind_a_nat_is_kept_alive() {
        try (var west = west()) {
            attach(west);
            var nat = new NatTraversal(NatTraversal.Kind.NONESP, 4500, 4500);
            done(west.apply(new Change.AddSa(LiveBed.espSa(0x2000, LiveBed.WEST, LiveBed.EAST, nat))));
            MemoryPort udp = Objects.requireNonNull(west.machine.udps.get("eth0" + Family.INET + 4500));
            west.seconds(19);
            assertThat(udp.sent()).isEmpty();
            west.seconds(2);
            assertThat(udp.sent()).singleElement().satisfies(octets -> {
                assertThat(octets).hasSize(29);
                assertThat(octets[28]).isEqualTo((byte) 0xff);
            });
        }
    }

    @Test
    void decisions_are_kept_for_who_looks_later_and_cost_nothing_while_off() {
        try (var west = west()) {
            attach(west);
            protectEast(west);
            tun(west).arrive(toEast());
            west.settle();
            var seen = new ArrayList<Event>();
            AutoCloseable _ = west.live().watch(true, seen::add);
            assertThat(seen).as("nothing was asked for").isEmpty();
            done(west.apply(new Change.SetDebug(Set.of(DebugFlag.XMIT, DebugFlag.XFORM))));
            tun(west).arrive(toEast());
            west.settle();
            var later = new ArrayList<Event>();
            AutoCloseable _ = west.live().watch(true, later::add);
            assertThat(later).isNotEmpty().allMatch(event -> event.kind() == Event.Kind.DEBUG);
            assertThat(later.stream().map(Event::say))
                    .anyMatch(say -> say.contains("192.0.2.1 -> 192.0.2.2 protocol 50"))
                    .anyMatch(say -> say.contains("applied [" + OUT));
            assertThat(west.log).noneMatch(line -> line.contains("protocol 50"));
        }
    }

    @Test
    void comp_tells_what_compression_did_and_why_not() {
        Said comp = new Said(SaProtocol.COMP, 0x1234, LiveBed.EAST);
        try (var west = west()) {
            attach(west);
            done(west.apply(
                    LiveBed.addTun(0x1000, LiveBed.WEST, LiveBed.EAST),
                    new Change.AddSa(SecurityAssociation.of(
                            comp,
                            LiveBed.WEST,
                            new Transform.Comp(CompAlgorithm.DEFLATE, Transform.CompThreshold.KLIPS))),
                    LiveBed.addEsp(0x1001, LiveBed.WEST, LiveBed.EAST),
                    new Change.MakeGroup(
                            List.of(
                                    Target.of(LiveBed.tun(0x1000, LiveBed.EAST)),
                                    Target.of(comp),
                                    Target.of(LiveBed.esp(0x1001, LiveBed.EAST))),
                            null),
                    LiveBed.eroute(LiveBed.TO_EAST, LiveBed.tun(0x1000, LiveBed.EAST)),
                    new Change.SetDebug(Set.of(DebugFlag.COMP))));
            var seen = new ArrayList<Event>();
            AutoCloseable _ = west.live().watch(true, seen::add);
            seen.clear();
            tun(west).arrive(LiveBed.udp(0x0a010005, 0x0a020007, 60));
            tun(west).arrive(LiveBed.udp(0x0a010005, 0x0a020007, 1000));
            west.settle();
            assertThat(seen).hasSize(2).allMatch(event -> comp.equals(event.said()));
            assertThat(seen.getFirst().say()).isEqualTo("80 octets stay: its payload is below 90 octets");
            assertThat(seen.getLast().say()).matches("1020 octets became [0-9]{2}");
            done(west.apply(new Change.ClearDebug(Set.of(DebugFlag.COMP))));
            seen.clear();
            tun(west).arrive(LiveBed.udp(0x0a010005, 0x0a020007, 1000));
            west.settle();
            assertThat(seen).isEmpty();
        }
    }

    @Test
    void counters_outlive_their_sa_until_they_are_cleared() {
        try (var west = west()) {
            attach(west);
            protectEast(west);
            tun(west).arrive(toEast());
            west.settle();
            done(west.apply(new Change.DeleteSa(Target.of(OUT))));
            var lines = new ArrayList<String>();
            west.live().list(Listing.LOOK, false, lines::add);
            assertThat(lines).anyMatch(line -> line.contains("(gone) out PROTECTED=1"));
            lines.clear();
            west.live().list(Listing.LOOK, true, lines::add);
            assertThat(String.join("", lines))
                    .contains("\"gone\":[{\"said\":\"" + OUT + "\",\"out\":{\"PROTECTED\":1}");
            west.live().clearCounters();
            lines.clear();
            west.live().list(Listing.LOOK, false, lines::add);
            assertThat(lines).noneMatch(line -> line.contains("(gone)"));
        }
    }
}
