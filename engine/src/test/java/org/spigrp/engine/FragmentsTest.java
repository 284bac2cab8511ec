package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.sa.Said;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Selector.PortRange;
import org.spigrp.sa.Shunt;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Prefix;
import org.spigrp.wire.Verdict;

/** Fragments of what comes for an SA, of what goes through one, and inside a tunnel. */
class FragmentsTest {
    /** A piece of a datagram's payload. */
    private record Cut(int id, int from, int to, boolean more) {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void reassembly_agrees_with_a_slow_twin(long seed) {
        var random = new Random(seed);
        for (int round = 0; round < 60; round++) {
            StackBed bed = StackBed.threeMembers();
            boolean v6 = random.nextBoolean();
            if (v6) {
                bed = sixBed();
            }
            int datagrams = 1 + random.nextInt(3);
            List<byte[]> clear = new ArrayList<>();
            for (int i = 0; i < datagrams; i++) {
                clear.add(Clear.udp(random.nextInt(3000)));
            }
            List<byte[]> sealed = bed.protect(clear);
            List<Cut> cuts = new ArrayList<>();
            for (int i = 0; i < datagrams; i++) {
                cut(cuts, i, sealed.get(i).length - (v6 ? 40 : 20), random);
            }
            disturb(cuts, random);
            List<byte[]> pieces = cuts.stream()
                    .map(c -> Clear.fragment(sealed.get(c.id), id(sealed.get(c.id), c.id), c.from, c.to, c.more))
                    .toList();
            bed.batchSize = 1 + random.nextInt(64);
            List<byte[]> peeled = bed.forwarded(bed.with(EngineOptions.DEFAULT.withOnly(EngineOptions.Only.PEEL))
                    .run(pieces));
            List<byte[]> expected =
                    slow(cuts, sealed, v6 ? 40 : 20).stream().map(clear::get).toList();
            assertThat(peeled)
                    .as("seed " + seed + " round " + round + " " + cuts)
                    .hasSameSizeAs(expected);
            for (int i = 0; i < expected.size(); i++) {
                assertThat(peeled.get(i)).as("seed " + seed + " round " + round).isEqualTo(expected.get(i));
            }
            bed.engine().finish(bed.sink);
            assertThat(bed.engine().counters().total())
                    .as("every fragment counts once")
                    .isEqualTo(cuts.size());
        }
    }

    /** An IPv4 datagram has one already, which AH covers. */
    private static int id(byte[] packet, int number) {
        return packet[0] >>> 4 == 4 ? new Octets(packet).u16(4) : number;
    }

    private static StackBed sixBed() {
        var bed = new StackBed();
        Said tunnel = bed.add(StackBed.tunnel(), StackBed.WEST6, StackBed.EAST6);
        Said esp = bed.add(StackBed.esp("aes128-sha256"), StackBed.WEST6, StackBed.EAST6);
        return bed.group(tunnel, esp).erouteAll(tunnel).policyAll(tunnel);
    }

    private static void cut(List<Cut> cuts, int id, int length, Random random) {
        int from = 0;
        while (from < length) {
            int to = Math.min(length, from + 8 * (1 + random.nextInt(60)));
            cuts.add(new Cut(id, from, to, to < length));
            from = to;
        }
    }

    /** Another order, some twice, some that overlap, some missing. */
    private static void disturb(List<Cut> cuts, Random random) {
        if (random.nextInt(4) != 0) {
            Collections.shuffle(cuts, random);
        }
        if (random.nextInt(3) == 0) {
            cuts.add(random.nextInt(cuts.size() + 1), cuts.get(random.nextInt(cuts.size())));
        }
        if (random.nextInt(3) == 0) {
            Cut one = cuts.get(random.nextInt(cuts.size()));
            if (one.to - one.from > 8) {
                Cut overlap = random.nextBoolean()
                        ? new Cut(one.id, one.from + 8, one.to, one.more)
                        : new Cut(one.id, one.from, one.from + 8, true);
                cuts.add(random.nextInt(cuts.size() + 1), overlap);
            }
        }
        if (random.nextInt(4) == 0) {
            cuts.remove(random.nextInt(cuts.size()));
        }
    }

    /** Which datagrams come together, in which order. A datagram is a map from start to end until it is whole or bad. */
    private static List<Integer> slow(List<Cut> cuts, List<byte[]> sealed, int header) {
        List<Integer> whole = new ArrayList<>();
        Map<Integer, TreeMap<Integer, Integer>> open = new HashMap<>();
        List<Integer> bad = new ArrayList<>();
        for (Cut cut : cuts) {
            if (bad.contains(cut.id)) {
                continue;
            }
            TreeMap<Integer, Integer> seen = open.computeIfAbsent(cut.id, _ -> new TreeMap<>());
            boolean duplicate = Integer.valueOf(cut.to).equals(seen.get(cut.from));
            boolean overlaps = seen.entrySet().stream().anyMatch(e -> e.getKey() < cut.to && cut.from < e.getValue());
            if (!duplicate && overlaps) {
                bad.add(cut.id);
                continue;
            }
            seen.put(cut.from, cut.to);
            int length = sealed.get(cut.id).length - header;
            int covered = seen.entrySet().stream()
                    .mapToInt(e -> e.getValue() - e.getKey())
                    .sum();
            if (covered == length) {
                // the same datagram again would be a replay, so that twins need not tell it from the first
                if (!whole.contains(cut.id)) {
                    whole.add(cut.id);
                }
                open.remove(cut.id);
            }
        }
        return whole;
    }

    private static Selector port(int port) {
        return new Selector(
                Prefix.all(Family.INET), Prefix.all(Family.INET), IpProtocol.UDP, PortRange.ANY, PortRange.of(port));
    }

    @Test
    void later_fragments_go_the_way_of_their_first_whichever_comes_first() {
        var bed = new StackBed();
        bed.eroute(port(53), Shunt.DROP).eroute(StackBed.all(Family.INET), Shunt.PASS);
        byte[] dropped = Clear.udp(StackBed.WEST_HOST, StackBed.EAST_HOST, 9, 53, 40);
        byte[] passed = Clear.udp(StackBed.WEST_HOST, StackBed.EAST_HOST, 9, 54, 40);
        List<StackBed.Event> events = bed.run(
                Clear.fragment(dropped, 1, 24, 48, false),
                Clear.fragment(passed, 2, 24, 48, false),
                Clear.fragment(dropped, 1, 0, 24, true),
                Clear.fragment(passed, 2, 0, 24, true),
                Clear.fragment(passed, 3, 0, 24, true),
                Clear.fragment(passed, 3, 24, 48, false));
        assertThat(events.stream().map(StackBed.Event::verdict))
                .containsExactly(
                        Verdict.DROPPED_BY_SHUNT,
                        Verdict.DROPPED_BY_SHUNT,
                        Verdict.PASSED_BY_SHUNT,
                        Verdict.PASSED_BY_SHUNT,
                        Verdict.PASSED_BY_SHUNT,
                        Verdict.PASSED_BY_SHUNT);
        assertThat(events.stream().map(StackBed.Event::tag)).containsExactly(2, 0, 3, 1, 4, 5);
    }

    @Test
    void without_eroutes_that_ask_for_ports_later_fragments_wait_for_nobody() {
        var bed = new StackBed();
        bed.eroute(StackBed.all(Family.INET), Shunt.PASS);
        byte[] datagram = Clear.udp(40);
        assertThat(bed.verdict(Clear.fragment(datagram, 1, 24, 48, false))).isEqualTo(Verdict.PASSED_BY_SHUNT);
    }

    @Test
    void a_tunnel_protects_fragments_as_they_are() {
        StackBed bed = StackBed.threeMembers();
        byte[] datagram = Clear.udp(40);
        List<byte[]> pieces =
                List.of(Clear.fragment(datagram, 1, 24, 48, false), Clear.fragment(datagram, 1, 0, 24, true));
        List<byte[]> sealed = bed.protect(pieces);
        assertThat(sealed).hasSize(2);
        List<byte[]> peeled = bed.with(EngineOptions.DEFAULT).forwarded(bed.run(sealed));
        assertThat(peeled).hasSize(2);
        assertThat(peeled.get(0)).isEqualTo(pieces.get(0));
        assertThat(peeled.get(1)).isEqualTo(pieces.get(1));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void transport_mode_puts_the_datagram_together_first(boolean v6) {
        var bed = new StackBed();
        IpAddress from = v6 ? StackBed.WEST_HOST6 : StackBed.WEST_HOST;
        IpAddress to = v6 ? StackBed.EAST_HOST6 : StackBed.EAST_HOST;
        Said esp = bed.add(StackBed.esp("aes128gcm16"), from, to);
        bed.erouteAll(esp);
        byte[] datagram = Clear.udp(from, to, 1, 2, 400);
        List<byte[]> sealed = bed.protect(List.of(
                Clear.fragment(datagram, 0x1234, 200, 408, false), Clear.fragment(datagram, 0x1234, 0, 200, true)));
        assertThat(sealed).hasSize(1);
        StackBed.Event peeled = bed.with(EngineOptions.DEFAULT).one(sealed.getFirst());
        assertThat(peeled.octets()).isEqualTo(datagram);
        assertThat(bed.engine().counters().of(Verdict.REASSEMBLED)).isZero();
    }

    @Test
    void an_atomic_fragment_is_a_datagram_by_itself() {
        var bed = new StackBed();
        Said esp = bed.add(StackBed.esp("aes128gcm16"), StackBed.WEST_HOST6, StackBed.EAST_HOST6);
        bed.erouteAll(esp);
        byte[] datagram = Clear.udp6(40);
        List<byte[]> sealed = bed.protect(List.of(
                Clear.fragment(datagram, 5, 0, 24, true),
                Clear.fragment(datagram, 5, 0, 48, false),
                Clear.fragment(datagram, 5, 24, 48, false)));
        assertThat(sealed).hasSize(2);
    }

    @Test
    void overlapping_fragments_spoil_the_datagram() {
        StackBed bed = StackBed.threeMembers();
        byte[] sealed = bed.protect(Clear.udp(400));
        int end = sealed.length - 20;
        List<StackBed.Event> events = bed.with(EngineOptions.DEFAULT)
                .run(
                        Clear.fragment(sealed, 1, 0, 200, true),
                        Clear.fragment(sealed, 1, 192, 300 & ~7, true),
                        Clear.fragment(sealed, 1, 200, end, false));
        assertThat(events).hasSize(3).allMatch(event -> event.verdict() == Verdict.BAD_FRAGMENT);
    }

    @Test
    void ranges_that_no_datagram_can_have_are_bad() {
        StackBed bed = StackBed.threeMembers();
        byte[] big = Clear.ip(StackBed.WEST, StackBed.EAST, IpProtocol.ESP, 64);
        byte[] beyond = Clear.fragment(big, 1, 0, 64, true);
        new Octets(beyond).putU16(6, 0x1fff); // ends behind 65535
        assertThat(bed.verdict(beyond)).isEqualTo(Verdict.BAD_FRAGMENT);
        byte[] odd = Clear.fragment(big, 2, 0, 61, true); // not a multiple of 8, and more to come
        assertThat(bed.verdict(odd)).isEqualTo(Verdict.BAD_FRAGMENT);
    }

    @Test
    void what_does_not_come_in_time_is_given_up() {
        StackBed bed = StackBed.threeMembers();
        byte[] sealed = bed.protect(Clear.udp(400));
        bed.with(EngineOptions.DEFAULT);
        Packet first = Packet.of(Clear.fragment(sealed, 1, 0, 200, true));
        first.timestamp(1_000);
        assertThat(bed.run(first)).isEmpty();
        assertThat(first.verdict()).isEqualTo(Verdict.HELD_FRAGMENT);
        Packet other = Packet.of(Clear.udp(10));
        other.timestamp(1_000 + Fragments.TIMEOUT_NANOS + 1);
        List<StackBed.Event> events = bed.run(other);
        assertThat(events.getFirst().verdict()).isEqualTo(Verdict.FRAGMENT_TIMEOUT);
        assertThat(events.getFirst().timestamp()).isEqualTo(1_000);
    }

    @Test
    void the_end_gives_up_what_still_waits() {
        StackBed bed = StackBed.threeMembers();
        byte[] sealed = bed.protect(Clear.udp(400));
        bed.with(EngineOptions.DEFAULT).run(Clear.fragment(sealed, 1, 0, 200, true));
        bed.events.clear();
        bed.engine().finish(bed.sink);
        assertThat(bed.events).singleElement().matches(event -> event.verdict() == Verdict.FRAGMENT_TIMEOUT);
    }

    @Test
    void too_many_unfinished_datagrams_push_out_the_oldest() {
        StackBed bed = StackBed.threeMembers();
        byte[] sealed = bed.protect(Clear.udp(400));
        bed.with(EngineOptions.DEFAULT);
        List<byte[]> firsts = new ArrayList<>();
        for (int i = 0; i <= Fragments.MAX_DATAGRAMS; i++) {
            firsts.add(Clear.fragment(sealed, i, 0, 200, true));
        }
        List<StackBed.Event> events = bed.run(firsts);
        assertThat(events).singleElement().matches(event -> event.verdict() == Verdict.FRAGMENT_LIMIT);
        assertThat(events.getFirst().octets()).isEqualTo(firsts.getFirst());
    }

    @Test
    void held_octets_are_bounded() {
        StackBed bed = StackBed.threeMembers();
        byte[] big = Clear.ip(StackBed.WEST, StackBed.EAST, IpProtocol.ESP, 60_008);
        List<byte[]> firsts = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            firsts.add(Clear.fragment(big, i, 8, 60_008, true));
        }
        List<StackBed.Event> events = bed.run(firsts);
        assertThat(events).isNotEmpty().allMatch(event -> event.verdict() == Verdict.FRAGMENT_LIMIT);
        long kept = (100 - events.size()) * 60_020L;
        assertThat(kept).isBetween(Fragments.MAX_HELD_OCTETS - 70_000L, (long) Fragments.MAX_HELD_OCTETS);
    }

    @Test
    void fragments_inside_a_tunnel_share_the_fate_of_their_first() {
        StackBed bed = new StackBed();
        Said tunnel = bed.add(StackBed.tunnel(), StackBed.WEST, StackBed.EAST);
        Said esp = bed.add(StackBed.esp("aes128gcm16"), StackBed.WEST, StackBed.EAST);
        bed.group(tunnel, esp).erouteAll(tunnel).policy(tunnel, port(53));
        byte[] good = Clear.udp(StackBed.WEST_HOST, StackBed.EAST_HOST, 9, 53, 40);
        byte[] wrong = Clear.udp(StackBed.WEST_HOST, StackBed.EAST_HOST, 9, 54, 40);
        List<byte[]> pieces = List.of(
                Clear.fragment(good, 1, 24, 48, false),
                Clear.fragment(wrong, 2, 24, 48, false),
                Clear.fragment(wrong, 2, 0, 24, true),
                Clear.fragment(good, 1, 0, 24, true));
        List<byte[]> sealed = bed.protect(pieces);
        List<StackBed.Event> last = bed.with(EngineOptions.DEFAULT.withOnly(EngineOptions.Only.PEEL))
                .run(sealed);
        assertThat(last.stream().map(StackBed.Event::verdict))
                .containsExactly(Verdict.POLICY_MISMATCH, Verdict.POLICY_MISMATCH, Verdict.PEELED, Verdict.PEELED);
        assertThat(last.get(3).octets()).isEqualTo(pieces.getFirst());
        assertThat(Arrays.equals(last.get(2).octets(), pieces.get(3))).isTrue();
    }
}
