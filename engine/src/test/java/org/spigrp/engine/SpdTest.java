package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.command.MemoryTables;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Selector.PortRange;
import org.spigrp.sa.Shunt;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Packet;
import org.spigrp.wire.PacketSelector;
import org.spigrp.wire.Prefix;
import org.spigrp.wire.Verdict;

/** The eroute tables against a plain list. */
class SpdTest {
    private static final Prefix WEST = prefix(0x0a010000, 16);
    private static final Prefix EAST = prefix(0x0a020000, 16);

    private static Prefix prefix(int address, int bits) {
        return new Prefix(IpAddress.v4(address), bits);
    }

    private static Eroute eroute(Selector selector) {
        return new Eroute(selector, Shunt.DROP.said());
    }

    private static Spd spd(List<Eroute> eroutes) {
        var tables = new MemoryTables();
        eroutes.forEach(tables::putEroute);
        return new Spd(tables);
    }

    private static Route lookup(Spd spd, byte[] packet) {
        var selector = new PacketSelector();
        var octets = new Octets(packet);
        assertThat(selector.parse(octets)).isEqualTo(Verdict.NONE);
        return spd.lookup(octets, selector);
    }

    private static byte[] udp(int source, int destination, int sourcePort, int destinationPort) {
        return Clear.udp(IpAddress.v4(source), IpAddress.v4(destination), sourcePort, destinationPort, 10);
    }

    @Test
    void the_longer_destination_wins_over_the_longer_source() {
        Eroute longSource = eroute(Selector.between(prefix(0x0a010500, 24), prefix(0x0a000000, 8)));
        Eroute longDestination = eroute(Selector.between(WEST, prefix(0x0a020707, 32)));
        var spd = spd(List.of(eroute(Selector.between(WEST, EAST)), longSource, longDestination));
        assertThat(lookup(spd, udp(0x0a010505, 0x0a020707, 1, 2)).eroute()).isEqualTo(longDestination);
        assertThat(lookup(spd, udp(0x0a010505, 0x0a030707, 1, 2)).eroute()).isEqualTo(longSource);
    }

    @Test
    void of_equal_networks_protocol_then_narrow_ports_then_age_decide() {
        Eroute any = eroute(Selector.between(WEST, EAST));
        Eroute udp = eroute(new Selector(WEST, EAST, IpProtocol.UDP, PortRange.ANY, PortRange.ANY));
        Eroute range = eroute(new Selector(WEST, EAST, IpProtocol.UDP, PortRange.ANY, new PortRange(50, 60)));
        Eroute port = eroute(new Selector(WEST, EAST, IpProtocol.UDP, PortRange.ANY, PortRange.of(53)));
        Eroute younger = eroute(new Selector(WEST, EAST, IpProtocol.UDP, PortRange.ANY, new PortRange(55, 65)));
        var spd = spd(List.of(any, udp, range, port, younger));
        assertThat(lookup(spd, udp(0x0a010001, 0x0a020001, 9, 53)).eroute()).isEqualTo(port);
        assertThat(lookup(spd, udp(0x0a010001, 0x0a020001, 9, 54)).eroute()).isEqualTo(range);
        assertThat(lookup(spd, udp(0x0a010001, 0x0a020001, 9, 58)).eroute()).isEqualTo(range);
        assertThat(lookup(spd, udp(0x0a010001, 0x0a020001, 9, 63)).eroute()).isEqualTo(younger);
        assertThat(lookup(spd, udp(0x0a010001, 0x0a020001, 9, 66)).eroute()).isEqualTo(udp);
        byte[] gre = Clear.ip(IpAddress.v4(0x0a010001), IpAddress.v4(0x0a020001), 47, 20);
        assertThat(lookup(spd, gre).eroute()).isEqualTo(any);
        assertThat(lookup(spd, udp(0x0a030001, 0x0a020001, 9, 53))).isSameAs(Route.NONE);
    }

    @Test
    void icmp_type_and_code_are_ports() {
        Eroute echo = eroute(new Selector(WEST, EAST, IpProtocol.ICMP, PortRange.of(8), PortRange.of(0)));
        var spd = spd(List.of(echo));
        byte[] packet = Clear.ip(IpAddress.v4(0x0a010001), IpAddress.v4(0x0a020001), IpProtocol.ICMP, 8);
        assertThat(lookup(spd, packet)).isSameAs(Route.NONE);
        packet[20] = 8;
        assertThat(lookup(spd, packet).eroute()).isEqualTo(echo);
    }

    @Test
    void a_later_fragment_is_undecided_only_where_ports_could_have_decided() {
        Eroute port = eroute(new Selector(WEST, EAST, IpProtocol.UDP, PortRange.ANY, PortRange.of(53)));
        var spd = spd(List.of(eroute(Selector.between(WEST, EAST)), port));
        byte[] datagram = udp(0x0a010001, 0x0a020001, 9, 53);
        assertThat(lookup(spd, Clear.fragment(datagram, 7, 8, 18, false))).isSameAs(Route.UNDECIDED);
        byte[] gre = Clear.ip(IpAddress.v4(0x0a010001), IpAddress.v4(0x0a020001), 47, 32);
        assertThat(lookup(spd, Clear.fragment(gre, 7, 8, 32, false))
                        .eroute()
                        .selector()
                        .needsPorts())
                .isFalse();
        byte[] elsewhere = udp(0x0a010001, 0x0a030001, 9, 53);
        assertThat(lookup(spd, Clear.fragment(elsewhere, 7, 8, 18, false))).isSameAs(Route.NONE);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void tables_find_what_a_plain_list_finds(long seed) {
        var random = new Random(seed);
        int count = seed % 2 == 0 ? 12 : 400;
        List<Eroute> eroutes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            eroutes.add(eroute(randomSelector(random)));
        }
        var spd = spd(eroutes);
        for (int i = 0; i < 3000; i++) {
            byte[] packet = randomPacket(random);
            Route found = lookup(spd, packet);
            assertThat(found.hasEroute() ? Optional.of(found.eroute()) : Optional.<Eroute>empty())
                    .as("seed " + seed + " packet " + i)
                    .isEqualTo(slow(eroutes, packet));
        }
    }

    /** Few selectors and many networks of equal length, so that lists become tables and tables lists again. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void tables_that_are_told_of_changes_find_what_tables_made_anew_find(long seed) {
        var random = new Random(seed);
        var tables = new MemoryTables();
        var told = new Spd(tables);
        List<Selector> selectors = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            selectors.add(randomSelector(random));
        }
        for (int step = 0; step < 200; step++) {
            Set<Selector> touched = new HashSet<>();
            int most = random.nextInt(20) == 0 ? 60 : 4;
            for (int i = random.nextInt(most); i >= 0; i--) {
                Selector selector = selectors.get(random.nextInt(selectors.size()));
                touched.add(selector);
                change(tables, selector, random);
            }
            if (random.nextInt(40) == 0) {
                tables.eroutes().forEach(eroute -> touched.add(eroute.selector()));
                tables.clearEroutes();
                tables.putEroute(eroute(selectors.getLast()));
                touched.add(selectors.getLast());
            }
            tables.commit();
            told.refresh(tables, touched);
            var anew = new Spd(tables);
            for (int i = 0; i < 100; i++) {
                byte[] packet = randomPacket(random);
                Route found = lookup(told, packet);
                Route expected = lookup(anew, packet);
                assertThat(found.hasEroute() ? found.eroute() : found)
                        .as("seed " + seed + " step " + step + " packet " + i)
                        .isEqualTo(expected.hasEroute() ? expected.eroute() : expected);
            }
        }
    }

    /** Adds, replaces, removes, or removes and adds again, which makes it the youngest. */
    private static void change(MemoryTables tables, Selector selector, Random random) {
        int kind = random.nextInt(4);
        if (kind <= 1) {
            tables.removeEroute(selector);
        }
        if (kind >= 1) {
            tables.putEroute(new Eroute(selector, (random.nextBoolean() ? Shunt.PASS : Shunt.DROP).said()));
        }
    }

    /** What is likely was found by 32 bits of a hash, and may be any other that is alone with its destination. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void whichever_eroute_is_likely_the_one_that_is_found_is_the_same(long seed) {
        var random = new Random(seed);
        List<Eroute> eroutes = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            eroutes.add(eroute(randomSelector(random)));
        }
        var spd = spd(eroutes);
        Set<Route> likely = new HashSet<>();
        spd.table(Family.INET).forEach(alone -> {
            if (alone instanceof Route route) {
                likely.add(route);
            }
        });
        assertThat(likely).isNotEmpty();
        for (int i = 0; i < 300; i++) {
            Packet packet = Packet.of(udp(
                    0x0a000000 | random.nextInt(2) << 24 | random.nextInt(8),
                    0x0a000000 | random.nextInt(2) << 24 | random.nextInt(8),
                    random.nextInt(14),
                    random.nextInt(14)));
            Route expected = spd.lookupPlain(packet, IpProtocol.UDP, null);
            for (Route each : likely) {
                assertThat(spd.lookupPlain(packet, IpProtocol.UDP, each))
                        .as("seed " + seed + " packet " + i + " likely " + each.selector())
                        .isSameAs(expected);
            }
        }
    }

    @Test
    void a_change_of_one_among_many_reads_one() {
        var tables = new CountingTables(new MemoryTables());
        List<Selector> selectors = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            selectors.add(Selector.between(WEST, prefix(0x0b000000 + i, 32)));
            tables.putEroute(eroute(selectors.getLast()));
        }
        var spd = new Spd(tables);
        Route other = lookup(spd, udp(0x0a010001, 0x0b000008, 1, 2));
        tables.clear();
        tables.removeEroute(selectors.get(7));
        spd.refresh(tables, Set.of(selectors.get(7)));
        assertThat(lookup(spd, udp(0x0a010001, 0x0b000007, 1, 2))).isSameAs(Route.NONE);
        tables.putEroute(eroute(selectors.get(7)));
        spd.refresh(tables, Set.of(selectors.get(7)));
        assertThat(lookup(spd, udp(0x0a010001, 0x0b000007, 1, 2)).selector()).isEqualTo(selectors.get(7));
        assertThat(tables.walks).as("walks through all eroutes").isZero();
        assertThat(tables.lookups).as("eroutes that were read").isEqualTo(2);
        assertThat(lookup(spd, udp(0x0a010001, 0x0b000008, 1, 2)))
                .as("one that was not touched")
                .isSameAs(other);
    }

    @Test
    void look_ups_allocate_nothing() {
        var random = new Random(1);
        List<Eroute> eroutes = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            eroutes.add(eroute(randomSelector(random)));
        }
        var spd = spd(eroutes);
        var octets = new Octets[64];
        var seen = new PacketSelector[64];
        for (int i = 0; i < octets.length; i++) {
            octets[i] = new Octets(randomPacket(random));
            seen[i] = new PacketSelector();
            seen[i].parse(octets[i]);
        }
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 50 && least > 0; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 2000; i++) {
                spd.lookup(octets[i & 63], seen[i & 63]);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).as("octets allocated by 2000 look-ups").isLessThan(2000);
    }

    /** Every rule again, in the plainest words. */
    private static Optional<Eroute> slow(List<Eroute> eroutes, byte[] packet) {
        var seen = new PacketSelector();
        var octets = new Octets(packet);
        assertThat(seen.parse(octets)).isEqualTo(Verdict.NONE);
        IpAddress source = IpAddress.read(seen.family(), octets, seen.sourceAt());
        IpAddress destination = IpAddress.read(seen.family(), octets, seen.destinationAt());
        Comparator<Eroute> worst = Comparator.<Eroute>comparingInt(
                        e -> e.selector().destination().bits())
                .thenComparingInt(e -> e.selector().source().bits())
                .thenComparingInt(e -> e.selector().protocol() == 0 ? 0 : 1)
                .thenComparingLong(e ->
                        -width(e.selector().sourcePorts()) * width(e.selector().destinationPorts()))
                .thenComparingInt(e -> -eroutes.indexOf(e));
        return eroutes.stream()
                .filter(e -> e.selector().source().contains(source))
                .filter(e -> e.selector().destination().contains(destination))
                .filter(e -> e.selector().protocol() == 0 || e.selector().protocol() == seen.protocol())
                .filter(e -> !e.selector().needsPorts()
                        || (seen.sourcePort() >= 0
                                && e.selector().sourcePorts().contains(seen.sourcePort())
                                && e.selector().destinationPorts().contains(seen.destinationPort())))
                .max(worst);
    }

    private static long width(PortRange range) {
        return range.last() - range.first() + 1L;
    }

    private static Selector randomSelector(Random random) {
        Family family = random.nextInt(3) == 0 ? Family.INET6 : Family.INET;
        int protocol = random.nextInt(3) == 0 ? 0 : random.nextInt(4) == 0 ? IpProtocol.ICMP : IpProtocol.UDP;
        boolean ports = random.nextBoolean();
        return new Selector(
                randomPrefix(random, family),
                randomPrefix(random, family),
                protocol,
                ports ? randomRange(random) : PortRange.ANY,
                ports ? randomRange(random) : PortRange.ANY);
    }

    private static Prefix randomPrefix(Random random, Family family) {
        int[] lengths = family == Family.INET ? new int[] {0, 8, 29, 30, 31, 32} : new int[] {0, 32, 64, 126, 128};
        return new Prefix(near(random, family), lengths[random.nextInt(lengths.length)]);
    }

    /** Few addresses, so that networks overlap. */
    private static IpAddress near(Random random, Family family) {
        return family == Family.INET
                ? IpAddress.v4(0x0a000000 | random.nextInt(2) << 24 | random.nextInt(8))
                : IpAddress.v6(0x20010db800000000L | random.nextInt(2), random.nextInt(4));
    }

    private static PortRange randomRange(Random random) {
        if (random.nextInt(3) == 0) {
            return PortRange.ANY;
        }
        int first = random.nextInt(12);
        return new PortRange(first, first + random.nextInt(4));
    }

    private static byte[] randomPacket(Random random) {
        Family family = random.nextInt(3) == 0 ? Family.INET6 : Family.INET;
        IpAddress source = near(random, family);
        IpAddress destination = near(random, family);
        return switch (random.nextInt(4)) {
            case 0 -> Clear.ip(source, destination, 47, 16);
            case 1 -> {
                byte[] icmp = Clear.ip(source, destination, IpProtocol.ICMP, 8);
                icmp[family.headerOctets()] = (byte) random.nextInt(12);
                icmp[family.headerOctets() + 1] = (byte) random.nextInt(12);
                yield icmp;
            }
            default -> Clear.udp(source, destination, random.nextInt(14), random.nextInt(14), 4);
        };
    }
}
