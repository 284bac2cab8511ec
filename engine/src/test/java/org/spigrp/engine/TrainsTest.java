package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.spigrp.engine.EngineOptions.Only;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.Said;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Selector.PortRange;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Prefix;
import org.spigrp.wire.Verdict;

/** Packets that go through one program together, among others that do not. */
class TrainsTest {
    private static final int ROUNDS = 60;
    private static final int HEADERS = 20 + 8 + 8; // IPv4, ESP, IV

    /** What the sink of both twins sees of a packet, and what the engine says of it meanwhile. */
    static List<String> run(StackBed bed, List<byte[]> octets) {
        return run(bed, octets, Engine::process);
    }

    /** How packets are given to an engine. */
    interface Entrance {
        void take(Engine engine, Packet[] packets, int count, PacketSink sink);
    }

    static List<String> run(StackBed bed, List<byte[]> octets, Entrance entrance) {
        var seen = new ArrayList<String>();
        var packets = new Packet[octets.size()];
        for (int i = 0; i < packets.length; i++) {
            packets[i] = Packet.of(octets.get(i));
            packets[i].tag(i);
        }
        PacketSink sink = new PacketSink() {
            @Override
            public void forward(Packet packet) {
                seen.add(line("forward", packet));
            }

            @Override
            public void dropped(Packet packet) {
                seen.add(line("dropped", packet));
            }

            @Override
            public void reply(Packet icmp, Packet about) {
                seen.add(line("reply", icmp));
            }

            private String line(String what, Packet packet) {
                Engine engine = bed.engine();
                return what + " " + packet.tag() + " " + packet.verdict() + "/" + packet.layer() + " "
                        + HexFormat.of().formatHex(packet.toBytes()) + " " + engine.group() + " "
                        + engine.eroute();
            }
        };
        entrance.take(bed.engine(), packets, packets.length, sink);
        bed.engine().forEachUse((said, use) -> seen.add(said + " " + use.out() + use.in() + use.bytes()));
        bed.engine().forEachErouteUse((selector, use) -> seen.add(selector + " " + use.packets()));
        return seen;
    }

    private static Selector port(int port) {
        var all = Prefix.all(Family.INET);
        return new Selector(all, all, IpProtocol.UDP, PortRange.ANY, PortRange.of(port));
    }

    /** Ports 1 and 2 lead to one group by two eroutes, 3 and 4 to two others; the rest has none. */
    private static StackBed bed(boolean byLayers) {
        var bed = new StackBed();
        bed.seams = new EngineSeams(null, _ -> 7, byLayers, false);
        Said first = bed.add(StackBed.tunnel(), StackBed.WEST, StackBed.EAST);
        bed.group(first, bed.add(StackBed.esp("aes128gcm16"), StackBed.WEST, StackBed.EAST));
        Said second = bed.add(StackBed.tunnel(), StackBed.WEST, StackBed.EAST);
        bed.group(
                second,
                bed.add(StackBed.esp("null-sha256"), StackBed.WEST, StackBed.EAST),
                bed.add(StackBed.ah("hmac-sha2-256-128"), StackBed.WEST, StackBed.EAST));
        Said third = bed.add(StackBed.tunnel(), StackBed.WEST, StackBed.EAST);
        bed.group(
                third,
                bed.add(
                        StackBed.esp("aes256gcm16", new NatTraversal(NatTraversal.Kind.NONESP, 4500, 4500)),
                        StackBed.WEST,
                        StackBed.EAST));
        bed.policyAll(first).policyAll(second).policyAll(third);
        return bed.eroute(port(1), first)
                .eroute(port(2), first)
                .eroute(port(3), second)
                .eroute(port(4), third);
    }

    private static byte[] udp(int toPort, int size) {
        return Clear.udp(StackBed.WEST_HOST, StackBed.EAST_HOST, 9, toPort, size);
    }

    @Test
    void groups_and_eroutes_in_turns_are_not_mixed_up() {
        for (int seed = 0; seed < ROUNDS; seed++) {
            StackBed programs = bed(false);
            StackBed layers = bed(true);
            var random = new Random(seed);
            List<byte[]> clear = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                int port = 1 + random.nextInt(5);
                for (int left = random.nextInt(8); left >= 0; left--) {
                    clear.add(udp(port, random.nextInt(200)));
                }
            }
            List<String> wanted = run(layers, clear);
            assertThat(run(programs, clear)).as("seed " + seed).isEqualTo(wanted);

            List<byte[]> sealed = new ArrayList<>(programs.restart().protect(clear));
            programs.restart().with(EngineOptions.DEFAULT.withOnly(Only.PEEL));
            layers.restart();
            layers.protect(clear);
            layers.restart().with(EngineOptions.DEFAULT.withOnly(Only.PEEL));
            for (int i = 0; i < 4; i++) {
                int at = random.nextInt(sealed.size());
                sealed.set(at, Clear.changed(sealed.get(at), -1));
                sealed.add(random.nextInt(sealed.size()), sealed.get(random.nextInt(sealed.size())));
            }
            run(layers, sealed); // inner flows are known from here on, and all that comes again is a replay
            run(programs, sealed);
            assertThat(run(programs, sealed)).as("seed " + seed).isEqualTo(run(layers, sealed));
        }
    }

    @Test
    void one_that_cannot_be_sealed_is_dropped_alone() {
        var bed = bed(false);
        var crypto = new StubCrypto();
        bed.crypto = crypto;
        crypto.refuses = job -> job.array[job.body + 28] == (byte) ~'x'; // the first octet of the payload, inverted
        List<byte[]> packets = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            byte[] packet = udp(1, 100);
            packet[28] = (byte) (i == 3 || i == 7 ? 'x' : 'a');
            packets.add(packet);
        }
        bed.run(packets.subList(0, 1)); // the flow is known
        List<StackBed.Event> events = bed.run(packets);
        assertThat(events.stream().map(StackBed.Event::verdict))
                .containsExactly(
                        Verdict.PROTECTED,
                        Verdict.PROTECTED,
                        Verdict.PROTECTED,
                        Verdict.CRYPTO_FAILED,
                        Verdict.PROTECTED,
                        Verdict.PROTECTED,
                        Verdict.PROTECTED,
                        Verdict.CRYPTO_FAILED);
        assertThat(events.stream().map(StackBed.Event::tag)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
        assertThat(bed.engine().counters().of(Verdict.PROTECTED)).isEqualTo(7);
        assertThat(bed.engine().counters().of(Verdict.CRYPTO_FAILED)).isEqualTo(2);
        var failed = new ArrayList<Long>();
        bed.engine().forEachUse((_, use) -> failed.add(use.out().getOrDefault(Verdict.CRYPTO_FAILED, 0L)));
        assertThat(failed)
                .as("counted on the SA whose layer it was, and on no other")
                .containsExactlyInAnyOrder(0L, 2L);
    }

    /** Beyond what is granted packets wait for numbers; none is lost, and none has the number of another. */
    @Test
    void where_numbers_end_within_a_train_the_rest_gets_the_next_ones() {
        var bed = bed(false);
        List<byte[]> packets = new ArrayList<>();
        for (int i = 0; i < Engine.BATCH; i++) {
            packets.add(udp(1, 10));
        }
        long next = 1;
        for (int i = 0; i < 65_536 / Engine.BATCH + 2; i++) {
            for (StackBed.Event event : bed.run(i == 0 ? packets.subList(0, 33) : packets)) {
                assertThat(event.verdict()).isEqualTo(Verdict.PROTECTED);
                assertThat(Packet.of(event.octets()).u32(HEADERS - 12)).isEqualTo((int) next++);
            }
        }
        assertThat(next).as("more than a block").isGreaterThan(65_536);
    }
}
