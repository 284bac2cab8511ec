package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.spigrp.engine.EngineOptions.Only;
import org.spigrp.sa.Lifetimes;
import org.spigrp.sa.NatTraversal;
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

/** Batches: the size changes nothing, and the path makes no garbage. */
class BatchTest {
    /** Two groups, a limited SA, shunts, a NAT-T tunnel. */
    private static StackBed bed() {
        var bed = new StackBed();
        Said tunnel = bed.add(StackBed.tunnel(), StackBed.WEST, StackBed.EAST);
        Said comp = bed.add(StackBed.comp(), StackBed.WEST, StackBed.EAST);
        Said esp = bed.add(StackBed.esp("aes128gcm16"), StackBed.WEST, StackBed.EAST);
        Said ah = bed.add(StackBed.ah("hmac-sha1-96"), StackBed.WEST, StackBed.EAST);
        bed.group(tunnel, comp, esp, ah).policyAll(tunnel).eroute(StackBed.all(Family.INET), tunnel);
        Said tunnel6 = bed.add(StackBed.tunnel(), StackBed.WEST6, StackBed.EAST6);
        bed.lifetimes = new Lifetimes(
                Lifetimes.Limit.NONE,
                new Lifetimes.Limit(0, 9_000),
                Lifetimes.Limit.NONE,
                Lifetimes.Limit.NONE,
                Lifetimes.Limit.NONE);
        Said esp6 = bed.add(StackBed.esp("null-sha256"), StackBed.WEST6, StackBed.EAST6);
        bed.lifetimes = Lifetimes.NONE;
        bed.group(tunnel6, esp6).policyAll(tunnel6).eroute(StackBed.all(Family.INET6), tunnel6);
        Said natTunnel = bed.add(StackBed.tunnel(), StackBed.WEST, StackBed.EAST);
        Said nat = bed.add(
                StackBed.esp("aes256gcm16", new NatTraversal(NatTraversal.Kind.NONESP, 4500, 4500)),
                StackBed.WEST,
                StackBed.EAST);
        bed.group(natTunnel, nat).policyAll(natTunnel).eroute(port(7), natTunnel);
        bed.eroute(port(8), Shunt.DROP).eroute(port(9), Shunt.REJECT).eroute(port(10), Shunt.PASS);
        return bed;
    }

    private static Selector port(int port) {
        return new Selector(
                Prefix.all(Family.INET), Prefix.all(Family.INET), IpProtocol.UDP, PortRange.ANY, PortRange.of(port));
    }

    private static List<byte[]> traffic(Random random, int count) {
        List<byte[]> packets = new ArrayList<>();
        while (packets.size() < count) {
            int size = random.nextInt(600);
            byte[] packet = random.nextInt(3) == 0
                    ? Clear.udp6(size)
                    : Clear.udp(StackBed.WEST_HOST, StackBed.EAST_HOST, 1, 5 + random.nextInt(7), size);
            switch (random.nextInt(12)) {
                case 0 -> packets.add(Clear.changed(packet, random.nextInt(packet.length)));
                case 1 -> {
                    int id = random.nextInt(4);
                    int end = packet.length - (packet[0] >>> 4 == 4 ? 20 : 40);
                    int at = end / 2 & ~7;
                    byte[] first = Clear.fragment(packet, id, 0, at, true);
                    byte[] second = Clear.fragment(packet, id, at, end, false);
                    if (at > 0) {
                        packets.add(random.nextBoolean() ? first : second);
                        packets.add(random.nextBoolean() ? first : second);
                    }
                }
                default -> packets.add(packet);
            }
        }
        return packets;
    }

    private static List<byte[]> disturbed(List<byte[]> sealed, Random random) {
        List<byte[]> packets = new ArrayList<>(sealed);
        for (int i = 0; i < sealed.size() / 3; i++) {
            byte[] one = packets.get(random.nextInt(packets.size()));
            packets.add(
                    random.nextInt(packets.size()),
                    random.nextBoolean() ? one : Clear.changed(one, random.nextInt(one.length)));
        }
        for (int i = 0; i + 1 < packets.size(); i += 2) {
            Collections.swap(packets, i, random.nextInt(packets.size()));
        }
        return packets;
    }

    /** Of random traffic that goes out, and comes back disturbed. */
    private static List<StackBed.Event> events(StackBed bed, long seed, int batchSize) {
        var random = new Random(seed);
        bed.batchSize = batchSize;
        // The stack's own ids count all tunnels' packets; which of two comes first is the batch's affair.
        var ids = new HashMap<Said, Integer>();
        bed.seams = new EngineSeams(null, tunnel -> ids.merge(tunnel, 1, Integer::sum));
        List<StackBed.Event> events = new ArrayList<>(bed.run(traffic(random, 300)));
        List<byte[]> sealed = bed.forwarded(events);
        bed.restart().with(EngineOptions.DEFAULT.withOnly(Only.PEEL));
        events.addAll(bed.run(disturbed(sealed, random)));
        bed.engine().finish(bed.sink);
        return inOrder(events);
    }

    @Test
    void with_so_many_eroutes_that_memory_is_read_ahead_the_results_are_the_same() {
        for (long seed = 1; seed <= 3; seed++) {
            StackBed many = bed();
            for (int i = 0; i < 10_000; i++) {
                many.eroute(
                        Selector.between(
                                Prefix.host(IpAddress.v4(0x14000000 + i)), Prefix.host(IpAddress.v4(0x14100000 + i))),
                        Shunt.DROP);
            }
            assertThat(events(many, seed, 64)).as("seed " + seed).isEqualTo(events(bed(), seed, 64));
        }
    }

    @Test
    void any_batch_size_gives_the_same_results() {
        for (long seed = 1; seed <= 3; seed++) {
            List<StackBed.Event> wanted = null;
            for (int size : new int[] {1, 2, 3, 7, 16, 31, 64, 200}) {
                List<StackBed.Event> events = events(bed(), seed, size);
                if (wanted == null) {
                    wanted = events;
                    assertThat(wanted.stream()
                                    .map(StackBed.Event::verdict)
                                    .distinct()
                                    .count())
                            .as("the traffic is a mixed one")
                            .isGreaterThan(8);
                } else {
                    assertThat(events.size())
                            .as("seed " + seed + " batch " + size)
                            .isEqualTo(wanted.size());
                    for (int i = 0; i < wanted.size(); i++) {
                        assertThat(events.get(i))
                                .as("seed " + seed + " batch " + size + " event " + i)
                                .isEqualTo(wanted.get(i));
                    }
                }
            }
        }
    }

    /**
     * What goes on keeps the order of arrival; of what is dropped, fragments that are given up may be told of a little
     * earlier or later, and a replay within a batch is found when its layer is off already.
     */
    private static List<StackBed.Event> inOrder(List<StackBed.Event> events) {
        List<StackBed.Event> sorted = new ArrayList<>();
        events.stream().filter(event -> !event.what().equals("dropped")).forEach(sorted::add);
        events.stream()
                .filter(event -> event.what().equals("dropped"))
                .map(event -> new StackBed.Event(
                        "dropped", event.verdict(), event.layer(), new byte[0], event.timestamp(), event.tag()))
                .sorted(Comparator.comparing(StackBed.Event::verdict)
                        .thenComparingLong(StackBed.Event::timestamp)
                        .thenComparingInt(StackBed.Event::layer))
                .forEach(sorted::add);
        return sorted;
    }

    @Test
    void the_crypto_engine_sees_a_whole_batch_at_once() {
        StackBed bed = StackBed.threeMembers();
        var crypto = new StubCrypto();
        bed.crypto = crypto;
        List<byte[]> sealed = bed.protect(Collections.nCopies(64, Clear.udp(9)));
        assertThat(crypto.batches).as("one for ESP, one for AH").isEqualTo(2);
        bed.with(EngineOptions.DEFAULT.withOnly(Only.PEEL)).run(sealed);
        assertThat(crypto.batches).isEqualTo(4);
    }

    /** What a sink needs in order to hand packets back without making garbage. */
    private static final class CopyingSink implements PacketSink {
        private final Packet[] out = new Packet[32];
        private int count;
        private int bad;

        CopyingSink() {
            for (int i = 0; i < out.length; i++) {
                out[i] = new Packet(8192, Packet.DEFAULT_HEADROOM);
            }
        }

        @Override
        public void forward(Packet packet) {
            Packet copy = out[count++];
            copy.reset(Packet.DEFAULT_HEADROOM);
            copy.append(packet.length());
            copy.put(0, packet.array(), packet.start(), packet.length());
        }

        @Override
        public void dropped(Packet packet) {
            bad++;
        }

        @Override
        public void reply(Packet icmp, Packet about) {
            bad++;
        }
    }

    @Test
    void protecting_and_peeling_allocates_nothing() {
        StackBed bed = StackBed.threeMembers();
        Engine engine = bed.engine();
        var batch = new Packet[32];
        for (int i = 0; i < batch.length; i++) {
            batch[i] = new Packet(8192, Packet.DEFAULT_HEADROOM);
        }
        byte[] clear = Clear.udp(500);
        var sealed = new CopyingSink();
        var peeled = new CopyingSink();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int rounds = 150;
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 8; attempt++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int round = 0; round < rounds; round++) {
                for (Packet packet : batch) {
                    packet.reset(Packet.DEFAULT_HEADROOM);
                    packet.append(clear.length);
                    packet.put(0, clear, 0, clear.length);
                    packet.timestamp(1);
                }
                sealed.count = 0;
                engine.process(batch, batch.length, sealed);
                peeled.count = 0;
                engine.process(sealed.out, sealed.count, peeled);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(sealed.bad + peeled.bad).isZero();
        assertThat(peeled.out[31].toBytes()).isEqualTo(clear);
        assertThat(engine.counters().of(Verdict.PEELED)).isEqualTo(8L * rounds * batch.length);
        // The clock hands out an Instant for each of the two calls of a round, and the ledger's commits are the test's.
        double perPacket = (double) least / rounds / batch.length / 2;
        assertThat(perPacket).as("octets allocated per packet and direction").isLessThan(1.0);
    }

    @Test
    void a_flood_of_unknown_spis_leaves_nothing_behind() {
        StackBed bed = StackBed.threeMembers();
        byte[] stranger = Clear.ip(StackBed.WEST, StackBed.EAST, IpProtocol.ESP, 40);
        List<byte[]> flood = new ArrayList<>();
        for (int i = 0; i < 3 * Sad.ABSENT_SLOTS; i++) {
            byte[] one = stranger.clone();
            new Octets(one).putU32(20, 0x10_0000 + i);
            flood.add(one);
        }
        bed.with(EngineOptions.DEFAULT.withOnly(Only.PEEL));
        assertThat(bed.run(flood)).allMatch(event -> event.verdict() == Verdict.PASSED);
        var seen = new ArrayList<Said>();
        bed.engine().forEachUse((said, _) -> seen.add(said));
        assertThat(seen).isEmpty();
        bed.run(flood.subList(0, 100));
        List<byte[]> sealed = bed.protect(List.of(Clear.udp(9)));
        assertThat(bed.with(EngineOptions.DEFAULT.withOnly(Only.PEEL)).verdict(sealed.getFirst()))
                .isEqualTo(Verdict.PEELED);
    }
}
