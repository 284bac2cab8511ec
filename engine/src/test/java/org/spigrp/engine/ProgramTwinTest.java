package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.spigrp.engine.EngineOptions.Only;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.SaUse;
import org.spigrp.sa.Said;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Selector.PortRange;
import org.spigrp.sa.Transform;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Prefix;
import org.spigrp.wire.Verdict;

/**
 * Groups as programs against their slow twin, layer by layer: for random groups and random traffic, a good part of it
 * damaged, replayed or odd, both give the same packets, the same verdicts at the same members, the same counts.
 */
class ProgramTwinTest {
    private static final int ROUNDS = 150;
    /** Without CBC, whose IVs several members draw in another order. */
    private static final List<String> SUITES =
            List.of("aes128gcm16", "aes256gcm12", "chacha20poly1305", "null-sha256", "aes128ctr-sha1", "aes128gcm16");

    private static final List<String> PLAIN_SUITES = List.of("aes128-sha256", "3des-md5", "aes128gcm16", "null-sha256");

    /** One of the twins. */
    private static StackBed bed(long seed, boolean byLayers) {
        var random = new Random(seed);
        var bed = new StackBed();
        var ids = new HashMap<Said, Integer>();
        bed.seams = new EngineSeams(null, tunnel -> ids.merge(tunnel, 1, Integer::sum), byLayers, false);
        bed.batchSize = 1 + random.nextInt(80);
        bed.esn = random.nextInt(3) == 0;
        boolean plain = random.nextBoolean(); // the group that nearly everybody has
        List<Said> members = new ArrayList<>();
        int tunnels = plain ? 1 : 1 + random.nextInt(2);
        for (int i = 0; i < tunnels; i++) {
            boolean v6 = !plain && random.nextInt(3) == 0;
            IpAddress west = v6 ? StackBed.WEST6 : StackBed.WEST;
            IpAddress east = v6 ? StackBed.EAST6 : StackBed.EAST;
            members.add(bed.add(tunnel(random), west, east));
            int others = plain ? 1 : random.nextInt(4);
            for (int j = 0; j < others; j++) {
                boolean ah = !plain && random.nextInt(3) == 0;
                boolean nat = !ah && i == tunnels - 1 && j == others - 1 && random.nextInt(3) == 0;
                String suite = one(plain ? PLAIN_SUITES : SUITES, random);
                Transform transform = ah
                        ? StackBed.ah(random.nextBoolean() ? "hmac-sha2-256-128" : "aes128gmac")
                        : StackBed.esp(
                                suite,
                                nat ? new NatTraversal(NatTraversal.Kind.NONESP, 4500, 4500) : NatTraversal.NONE);
                members.add(bed.add(transform, west, east));
            }
        }
        Said first = members.getFirst();
        bed.group(members.toArray(Said[]::new)).erouteAll(first).policyAll(first);
        return bed;
    }

    private static Transform tunnel(Random random) {
        return new Transform.Tunnel(
                one(List.of(Transform.DfPolicy.values()), random), one(List.of(Transform.EcnPolicy.values()), random));
    }

    private static <T> T one(List<T> of, Random random) {
        return of.get(random.nextInt(of.size()));
    }

    /** Few flows with many packets each. */
    private static List<byte[]> traffic(Random random) {
        List<byte[]> packets = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            int size = random.nextInt(40) == 0 ? 65_400 : random.nextInt(random.nextBoolean() ? 12 : 1500);
            byte[] packet = random.nextInt(6) == 0
                    ? Clear.udp6(size)
                    : Clear.udp(StackBed.WEST_HOST, StackBed.EAST_HOST, 1, 5 + random.nextInt(3), size);
            switch (random.nextInt(10)) {
                case 0 -> packet = Clear.changed(packet, random.nextInt(Math.min(packet.length, 28)));
                case 1 -> packet[1] = (byte) random.nextInt(256);
                case 2 -> {
                    if (packet[0] >>> 4 == 4) {
                        packet[6] |= 0x40;
                    }
                }
                default -> {}
            }
            packets.add(packet);
        }
        return packets;
    }

    private static List<byte[]> disturbed(List<byte[]> sealed, Random random) {
        List<byte[]> packets = new ArrayList<>();
        for (byte[] packet : sealed) {
            switch (random.nextInt(12)) {
                case 0 -> packets.add(Clear.changed(packet, random.nextInt(packet.length)));
                case 1 -> {
                    packets.add(packet);
                    packets.add(packet);
                }
                case 2 -> {
                    byte[] marked = packet.clone(); // on the way; breaks no ICV
                    marked[1] |= (byte) (packet[0] >>> 4 == 4 ? random.nextInt(4) : random.nextInt(4) << 4);
                    packets.add(marked);
                }
                case 3 -> packets.add(Clear.changed(packet, random.nextInt(Math.min(packet.length, 60))));
                default -> packets.add(packet);
            }
        }
        for (int i = 0; i < 10 && !packets.isEmpty(); i++) {
            Collections.swap(packets, random.nextInt(packets.size()), random.nextInt(packets.size()));
        }
        return packets;
    }

    private static Map<String, String> counts(StackBed bed) {
        var counts = new TreeMap<String, String>();
        bed.engine().forEachUse((said, use) -> counts.put(said.toString(), text(use)));
        bed.engine().forEachErouteUse((selector, use) -> counts.put(selector.toString(), use.toString()));
        counts.put("verdicts", bed.engine().counters().toMap().toString());
        return counts;
    }

    @Test
    void a_program_does_what_the_layers_do() {
        Set<Verdict> met = EnumSet.noneOf(Verdict.class);
        for (long seed = 1; seed <= ROUNDS; seed++) {
            StackBed program = bed(seed, false);
            StackBed layers = bed(seed, true);
            List<byte[]> clear = traffic(new Random(seed));
            List<byte[]> sealed = sameProtected(seed, program, layers, clear, met);
            program.restart().with(EngineOptions.DEFAULT.withOnly(Only.PEEL));
            layers.restart().with(EngineOptions.DEFAULT.withOnly(Only.PEEL));
            same("peeled", seed, program, layers, disturbed(sealed, new Random(seed)), met);
        }
        assertThat(met)
                .as("the traffic is a mixed one")
                .contains(
                        Verdict.PROTECTED,
                        Verdict.PEELED,
                        Verdict.BAD_ICV,
                        Verdict.REPLAYED,
                        Verdict.TOO_BIG,
                        Verdict.ECN_DROP,
                        Verdict.PASSED);
    }

    private static List<byte[]> sameProtected(
            long seed, StackBed program, StackBed layers, List<byte[]> clear, Set<Verdict> met) {
        List<StackBed.Event> events = same("protected", seed, program, layers, clear, met);
        return program.forwarded(events);
    }

    /** Time passes, and somebody asks what was done, or changes something, or does not. */
    private static Map<String, String> between(StackBed bed, int what) {
        bed.now = bed.now.plusSeconds(what);
        var told = new TreeMap<String, String>();
        switch (what) {
            case 0 -> told.putAll(counts(bed));
            case 1 -> {
                bed.engine().forEachChangedUse((said, use) -> told.put(said.toString(), text(use)));
                bed.engine().usesKept();
            }
            case 2 -> {
                Said one = saids(bed).iterator().next();
                told.put(
                        "one",
                        Objects.toString(
                                Optional.ofNullable(bed.engine().use(one)).map(ProgramTwinTest::text)));
            }
            case 3 -> bed.engine().clearCounts();
            case 4 -> bed.engine().refresh(saids(bed), Set.of());
            default -> {}
        }
        return told;
    }

    private static Set<Said> saids(StackBed bed) {
        Set<Said> saids = new TreeSet<>(Comparator.comparing(Said::toString));
        bed.tables.saids().forEach(saids::add);
        return saids;
    }

    private static String text(SaUse use) {
        return use.toString().replaceFirst("window=[^,]*", "window=" + Arrays.toString(use.window()));
    }

    private static List<StackBed.Event> same(
            String runs, long seed, StackBed program, StackBed layers, List<byte[]> packets, Set<Verdict> met) {
        String where = runs + ", seed " + seed;
        List<StackBed.Event> wanted = new ArrayList<>();
        List<StackBed.Event> got = new ArrayList<>();
        var random = new Random(seed);
        int part = packets.size() / 3;
        for (int from = 0; from < packets.size(); from += Math.max(1, part)) {
            List<byte[]> some = packets.subList(from, Math.min(from + Math.max(1, part), packets.size()));
            wanted.addAll(layers.run(some));
            got.addAll(program.run(some));
            int what = random.nextInt(7);
            assertThat(between(program, what)).as(where + ", from " + from).isEqualTo(between(layers, what));
        }
        assertThat(got).as(where).hasSameSizeAs(wanted);
        for (int i = 0; i < wanted.size(); i++) {
            assertThat(got.get(i)).as(where + ", event " + i).isEqualTo(wanted.get(i));
        }
        assertThat(counts(program)).as(where).isEqualTo(counts(layers));
        wanted.forEach(event -> met.add(event.verdict()));
        return got;
    }

    @Test
    void first_and_last_use_are_those_of_the_packets_whenever_somebody_asks() {
        var bed = new StackBed();
        Said tunnel = bed.add(StackBed.tunnel(), StackBed.WEST, StackBed.EAST);
        Said esp = bed.add(StackBed.esp("aes128gcm16"), StackBed.WEST, StackBed.EAST);
        bed.group(tunnel, esp).erouteAll(tunnel).policyAll(tunnel);
        long start = bed.now.getEpochSecond();
        byte[] packet = Clear.udp(StackBed.WEST_HOST, StackBed.EAST_HOST, 1, 5, 100);
        for (int second : List.of(1, 4, 6)) {
            bed.now = Instant.ofEpochSecond(start + second);
            bed.run(packet, packet);
        }
        bed.now = Instant.ofEpochSecond(start + 8);
        for (Said said : List.of(tunnel, esp)) {
            assertThat(used(bed, said)).containsExactly(6L, start + 1, start + 6);
            assertThat(used(bed, said)).as("asked again").containsExactly(6L, start + 1, start + 6);
        }
        bed.run(packet);
        bed.now = Instant.ofEpochSecond(start + 9);
        bed.engine().refresh(Set.of(tunnel, esp), Set.of());
        assertThat(used(bed, esp)).containsExactly(7L, start + 1, start + 8);
        bed.run(packet);
        bed.tables.removeGroup(tunnel);
        bed.tables.removeSa(tunnel);
        bed.engine().refresh(Set.of(tunnel, esp), Set.of());
        assertThat(used(bed, esp)).as("of a group that is no more").containsExactly(8L, start + 1, start + 9);
    }

    private static List<Long> used(StackBed bed, Said said) {
        SaUse use = Objects.requireNonNull(bed.engine().use(said));
        assertThat(use.out()).containsOnly(Map.entry(Verdict.PROTECTED, use.packets()));
        return List.of(use.packets(), use.firstUsedSeconds(), use.lastUsedSeconds());
    }

    @Test
    void a_changed_use_is_told_once_of_each_member() {
        var bed = new StackBed();
        Said tunnel = bed.add(StackBed.tunnel(), StackBed.WEST, StackBed.EAST);
        Said esp = bed.add(StackBed.esp("aes128gcm16"), StackBed.WEST, StackBed.EAST);
        bed.group(tunnel, esp).erouteAll(tunnel);
        byte[] packet = Clear.udp(StackBed.WEST_HOST, StackBed.EAST_HOST, 1, 5, 100);
        for (long sent = 1; sent <= 3; sent++) {
            bed.run(packet);
            List<String> told = new ArrayList<>();
            bed.engine().forEachChangedUse((said, use) -> told.add(said.protocol() + " " + use.packets()));
            assertThat(told).containsExactlyInAnyOrder("TUN " + sent, "ESP " + sent);
            bed.engine().forEachChangedUse((said, _) -> told.add(said.toString()));
            assertThat(told).hasSize(2);
        }
    }

    /** Of the ESP SA too, though its packets end at the tunnel, which has no policy for them. */
    @Test
    void a_changed_use_is_told_of_each_member_that_a_packet_passes() {
        var west = new StackBed();
        var east = new StackBed();
        for (StackBed bed : List.of(west, east)) {
            Said tunnel = bed.add(StackBed.tunnel(), StackBed.WEST, StackBed.EAST);
            Said esp = bed.add(StackBed.esp("aes128gcm16"), StackBed.WEST, StackBed.EAST);
            bed.group(tunnel, esp).erouteAll(tunnel);
        }
        byte[] packet = Clear.udp(StackBed.WEST_HOST, StackBed.EAST_HOST, 1, 5, 100);
        for (long sent = 1; sent <= 3; sent++) {
            List<StackBed.Event> come = east.run(west.run(packet).getFirst().octets());
            assertThat(come)
                    .singleElement()
                    .satisfies(event -> assertThat(event.verdict()).isEqualTo(Verdict.NO_INBOUND_POLICY));
            List<String> told = new ArrayList<>();
            east.engine().forEachChangedUse((said, use) -> told.add(said.protocol() + " " + use.packets()));
            assertThat(told).containsExactlyInAnyOrder("TUN " + sent, "ESP " + sent);
        }
    }

    /** Type 0, code 0 and this checksum are the octets 0 0 8 0: not to be taken for type 8, code 0, which is let in. */
    @Test
    void an_icmp_type_that_the_policy_forbids_is_not_taken_for_the_one_it_has_let_in() {
        var bed = new StackBed();
        Said tunnel = bed.add(StackBed.tunnel(), StackBed.WEST, StackBed.EAST);
        Said esp = bed.add(StackBed.esp("aes128gcm16"), StackBed.WEST, StackBed.EAST);
        var all = Prefix.all(Family.INET);
        var echo = new Selector(all, all, IpProtocol.ICMP, PortRange.of(8), PortRange.of(0));
        bed.group(tunnel, esp).erouteAll(tunnel).policy(tunnel, echo);
        byte[] request = Clear.ip(StackBed.WEST_HOST, StackBed.EAST_HOST, IpProtocol.ICMP, 8);
        request[20] = 8;
        byte[] reply = Clear.ip(StackBed.WEST_HOST, StackBed.EAST_HOST, IpProtocol.ICMP, 8);
        reply[22] = 8;
        List<byte[]> sealed = bed.protect(List.of(request, request, request, request, reply, request));
        bed.restart().with(EngineOptions.DEFAULT.withOnly(Only.PEEL));
        bed.batchSize = 1;
        assertThat(bed.run(sealed).stream().map(StackBed.Event::verdict))
                .containsExactly(
                        Verdict.PEELED,
                        Verdict.PEELED,
                        Verdict.PEELED,
                        Verdict.PEELED,
                        Verdict.POLICY_MISMATCH,
                        Verdict.PEELED);
    }

    @Test
    void an_inner_flow_that_one_tunnel_has_let_in_is_not_let_in_by_another() {
        var bed = new StackBed();
        List<Said> firsts = new ArrayList<>();
        for (IpAddress west : List.of(StackBed.WEST, StackBed.EAST)) {
            IpAddress east = west.equals(StackBed.WEST) ? StackBed.EAST : StackBed.WEST;
            firsts.add(bed.add(StackBed.tunnel(), west, east));
            bed.group(firsts.getLast(), bed.add(StackBed.esp("aes128gcm16"), west, east));
        }
        var one = Selector.between(Prefix.host(StackBed.WEST_HOST), Prefix.host(StackBed.EAST_HOST));
        var other = Selector.between(Prefix.host(StackBed.EAST_HOST), Prefix.host(StackBed.WEST_HOST));
        bed.policy(firsts.get(0), one).policy(firsts.get(1), other);
        byte[] packet = Clear.udp(StackBed.WEST_HOST, StackBed.EAST_HOST, 1, 5, 100);
        List<byte[]> sealed = new ArrayList<>();
        for (Said first : firsts) {
            bed.tables.putEroute(new Eroute(one, first));
            sealed.addAll(bed.with(EngineOptions.DEFAULT).protect(List.of(packet, packet, packet)));
            bed.restart();
        }
        bed.with(EngineOptions.DEFAULT.withOnly(Only.PEEL));
        bed.batchSize = 1;
        List<byte[]> turns =
                List.of(sealed.get(0), sealed.get(3), sealed.get(1), sealed.get(4), sealed.get(2), sealed.get(5));
        assertThat(bed.run(turns).stream().map(StackBed.Event::verdict))
                .containsExactly(
                        Verdict.PEELED,
                        Verdict.POLICY_MISMATCH,
                        Verdict.PEELED,
                        Verdict.POLICY_MISMATCH,
                        Verdict.PEELED,
                        Verdict.POLICY_MISMATCH);
    }

    @Test
    void a_packet_that_does_not_fit_its_slab_is_named_by_the_layers() {
        StackBed bed = bed(2, false);
        var tight = new Packet(1500, 10);
        byte[] clear = Clear.udp(StackBed.WEST_HOST, StackBed.EAST_HOST, 1, 5, 100);
        tight.append(clear.length);
        tight.put(0, clear, 0, clear.length);
        assertThat(bed.run(Packet.of(clear)).getFirst().verdict()).isEqualTo(Verdict.PROTECTED);
        assertThat(bed.run(tight).getFirst().verdict()).isEqualTo(Verdict.TOO_BIG);
        assertThat(bed.run(Packet.of(clear)).getFirst().verdict()).isEqualTo(Verdict.PROTECTED);
    }
}
