package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.spigrp.sa.AlgorithmNames;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.Transform;
import org.spigrp.sa.Transform.CompThreshold;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

class LayerPropertiesTest {
    private static final List<String> ESP = List.copyOf(AlgorithmNames.espNames());
    private static final List<String> AH = List.copyOf(AlgorithmNames.ahNames());

    /** A group that makes sense: transforms of the family that is outermost where they stand. */
    private static LayerBed randomGroup(Random random, Family inner) {
        var bed = new LayerBed(new ToyCrypto(), EngineSeams.NONE, random.nextLong());
        Family family = inner;
        int members = 1 + random.nextInt(6);
        for (int i = 0; i < members; i++) {
            bed.esn = random.nextInt(4) == 0;
            bed.windowBits = bed.esn ? 64 : random.nextInt(2000);
            bed.firstNumber = random.nextInt(3) == 0 ? 0xffff_ff00L : 0;
            // two IPComp next to each other could not be told apart, nor could a group of IPComp alone refuse anything
            int kind = random.nextInt(5);
            boolean noComp = i == 0 ? members == 1 : bed.layers().getLast() instanceof CompLayer;
            Transform transform = switch (kind == 1 && noComp ? 4 : kind) {
                case 0 -> LayerBed.tunnel();
                case 1 -> LayerBed.comp(random.nextBoolean() ? CompThreshold.KLIPS : CompThreshold.LINUX);
                case 2 -> LayerBed.ah(AH.get(random.nextInt(AH.size())), 4 * random.nextInt(3));
                default -> LayerBed.esp(ESP.get(random.nextInt(ESP.size())), nat(random));
            };
            if (transform instanceof Transform.Tunnel) {
                family = random.nextBoolean() ? Family.INET : Family.INET6;
            }
            bed.add(transform, west(family), east(family));
        }
        return bed;
    }

    private static NatTraversal nat(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> new NatTraversal(NatTraversal.Kind.NONESP, 4500, 4500);
            case 1 -> new NatTraversal(NatTraversal.Kind.NONIKE, 500, 500);
            default -> NatTraversal.NONE;
        };
    }

    private static IpAddress west(Family family) {
        return family == Family.INET ? LayerBed.WEST : LayerBed.WEST6;
    }

    private static IpAddress east(Family family) {
        return family == Family.INET ? LayerBed.EAST : LayerBed.EAST6;
    }

    @Test
    void what_is_protected_is_peeled_to_the_same_octets() {
        for (int seed = 0; seed < 400; seed++) {
            var random = new Random(seed);
            Family family = random.nextBoolean() ? Family.INET : Family.INET6;
            LayerBed bed = randomGroup(random, family);
            for (int i = 0; i < 10; i++) {
                byte[] clear = TestPackets.udp(west(family), east(family), random.nextInt(1400), random);
                var packet = TestPackets.packet(clear);
                assertThat(bed.protect(packet))
                        .as("seed %d packet %d out", seed, i)
                        .isEqualTo(Verdict.NONE);
                if (Ipv4Header.version(packet, 0) == 4) {
                    assertThat(Ipv4Header.checksumIsGood(packet, 0))
                            .as("seed %d", seed)
                            .isTrue();
                }
                byte[] sent = packet.toBytes();
                assertThat(bed.peel(packet)).as("seed %d packet %d in", seed, i).isEqualTo(Verdict.NONE);
                assertThat(packet.toBytes()).as("seed %d packet %d", seed, i).isEqualTo(clear);
                replay(bed, sent, seed);
            }
        }
    }

    private static void replay(LayerBed bed, byte[] sent, int seed) {
        Layer outermost = bed.layers().getLast();
        boolean guarded = outermost.state().sa().hasIntegrity()
                && outermost.state().window().bits() > 0;
        if (guarded) {
            assertThat(bed.peelOne(outermost, TestPackets.packet(sent)))
                    .as("seed %d", seed)
                    .isEqualTo(Verdict.REPLAYED);
        }
    }

    @Test
    void a_packet_cut_anywhere_ends_in_a_word() {
        for (int seed = 0; seed < 80; seed++) {
            var random = new Random(seed);
            Family family = random.nextBoolean() ? Family.INET : Family.INET6;
            LayerBed bed = randomGroup(random, family);
            var packet = TestPackets.packet(TestPackets.udp(west(family), east(family), random.nextInt(200), random));
            assertThat(bed.protect(packet)).isEqualTo(Verdict.NONE);
            byte[] sent = packet.toBytes();
            for (int length = 0; length < sent.length; length++) {
                var cut = TestPackets.packet(Arrays.copyOf(sent, length));
                assertThat(bed.peel(cut)).as("seed %d cut to %d", seed, length).isNotEqualTo(Verdict.NONE);
                // and with lengths that agree with what is left
                var mended = TestPackets.packet(Arrays.copyOf(sent, length));
                mendLength(mended);
                assertThat(bed.peel(mended))
                        .as("seed %d cut to %d", seed, length)
                        .isNotNull();
            }
        }
    }

    private static void mendLength(Packet packet) {
        if (packet.length() >= 20 && Ipv4Header.version(packet, 0) == 4) {
            Ipv4Header.totalLength(packet, 0, packet.length());
        } else if (packet.length() >= 40) {
            packet.putU16(4, packet.length() - 40);
        }
    }

    @Test
    void any_octets_at_all_end_in_a_word() {
        for (int seed = 0; seed < 150; seed++) {
            var random = new Random(seed);
            Family family = random.nextBoolean() ? Family.INET : Family.INET6;
            LayerBed bed = randomGroup(random, family);
            var packet = TestPackets.packet(TestPackets.udp(west(family), east(family), random.nextInt(200), random));
            bed.protect(packet);
            byte[] sent = packet.toBytes();
            for (int i = 0; i < 60; i++) {
                byte[] changed = sent.clone();
                for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                    changed[random.nextInt(Math.min(changed.length, 120))] = (byte) random.nextInt();
                }
                assertThat(bed.peel(TestPackets.packet(changed)))
                        .as("seed %d", seed)
                        .isNotNull();
                assertThat(bed.protect(TestPackets.packet(changed)))
                        .as("seed %d", seed)
                        .isNotNull();
            }
        }
    }

    @Test
    void too_large_packets_are_refused_by_every_layer() {
        List<Transform> transforms = new ArrayList<>();
        transforms.add(LayerBed.tunnel());
        transforms.add(LayerBed.ah("hmac-sha1-96", 0));
        transforms.add(LayerBed.esp("aes128gcm16"));
        for (Transform transform : transforms) {
            var bed = new LayerBed().add(transform);
            byte[] clear = TestPackets.udp(LayerBed.WEST, LayerBed.EAST, 65_535 - 28, new Random(3));
            assertThat(clear.length).isEqualTo(65_535);
            assertThat(bed.protect(Packet.of(clear))).as("%s", transform).isEqualTo(Verdict.TOO_BIG);
            assertThat(bed.state(0).lastSent()).isZero();
        }
    }
}
