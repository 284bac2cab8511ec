package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;
import org.spigrp.sa.Transform.CompThreshold;
import org.spigrp.wire.IpCompHeader;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

class CompLayerTest {
    private final LayerBed klips = new LayerBed().add(LayerBed.comp(CompThreshold.KLIPS));
    private final LayerBed linux = new LayerBed().add(LayerBed.comp(CompThreshold.LINUX));

    /** An IPv4 packet of that protocol; its payload is the same octet all over, or noise. */
    private static byte[] packet(int protocol, int payload, boolean noise) {
        byte[] bytes = new byte[20 + payload];
        if (noise) {
            new Random(payload).nextBytes(bytes);
        }
        var octets = new Octets(bytes);
        Ipv4Header.init(octets, 0, bytes.length);
        Ipv4Header.ttl(octets, 0, 64);
        Ipv4Header.protocol(octets, 0, protocol);
        LayerBed.WEST.write(octets, 12);
        LayerBed.EAST.write(octets, 16);
        Ipv4Header.updateChecksum(octets, 0);
        return bytes;
    }

    private static boolean compresses(LayerBed bed, byte[] clear) {
        var packet = Packet.of(clear);
        assertThat(bed.protect(packet)).isEqualTo(Verdict.NONE);
        boolean compressed = packet.length() < clear.length;
        if (!compressed) {
            assertThat(packet.toBytes()).isEqualTo(clear);
        }
        return compressed;
    }

    private static Packet compressed(byte[] deflated, int next) {
        byte[] bytes = Arrays.copyOf(packet(IpProtocol.IPCOMP, 4 + deflated.length, false), 24 + deflated.length);
        var octets = new Octets(bytes);
        IpCompHeader.nextHeader(octets, 20, next);
        IpCompHeader.cpi(octets, 20, 0x1000);
        octets.put(24, deflated, 0, deflated.length);
        return Packet.of(bytes);
    }

    private static byte[] deflate(byte[] plain) {
        try (var deflater = new Deflater(9, true)) {
            deflater.setInput(plain);
            deflater.finish();
            byte[] out = new byte[plain.length + 100];
            return Arrays.copyOf(out, deflater.deflate(out));
        }
    }

    @Test
    void short_payloads_are_left_alone() {
        for (LayerBed bed : new LayerBed[] {klips, linux}) {
            assertThat(compresses(bed, packet(IpProtocol.UDP, 89, false))).isFalse();
            assertThat(compresses(bed, packet(IpProtocol.UDP, 90, false))).isTrue();
        }
    }

    @Test
    void what_is_protected_or_compressed_is_left_alone() {
        assertThat(compresses(klips, packet(IpProtocol.ESP, 500, false))).isFalse();
        assertThat(compresses(klips, packet(IpProtocol.AH, 500, false))).isFalse();
        assertThat(compresses(klips, packet(IpProtocol.IPCOMP, 500, false))).isFalse();
        assertThat(compresses(linux, packet(IpProtocol.IPCOMP, 500, false))).isFalse();
        byte[] fragment = packet(IpProtocol.UDP, 500, false);
        fragment[6] = 0x20;
        assertThat(compresses(klips, fragment)).isFalse();
    }

    @Test
    void klips_wants_to_save_32_octets_or_a_sixteenth() {
        for (int noise = 60; noise < 130; noise++) {
            byte[] clear = packet(IpProtocol.UDP, 130, false);
            byte[] random = new byte[noise];
            new Random(noise).nextBytes(random);
            System.arraycopy(random, 0, clear, 20, noise);
            int size = deflateDefault(Arrays.copyOfRange(clear, 20, 150));
            var fresh = new LayerBed().add(LayerBed.comp(CompThreshold.KLIPS));
            assertThat(compresses(fresh, clear)).as("%d to %d", 130, size).isEqualTo(size <= 130 - 4 - 32);
            assertThat(compresses(linux, clear)).as("%d to %d", 130, size).isEqualTo(size + 4 < 130);
        }
    }

    /** Size of what the compressor of the layer makes of it. */
    int deflateDefault(byte[] plain) {
        try (var deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true)) {
            deflater.setInput(plain);
            deflater.finish();
            return deflater.deflate(new byte[plain.length + 100]);
        }
    }

    @Test
    void after_eight_failures_packets_are_skipped() {
        byte[] noise = packet(IpProtocol.UDP, 500, true);
        byte[] words = packet(IpProtocol.UDP, 500, false);
        for (int i = 0; i < 8; i++) {
            assertThat(compresses(klips, noise)).isFalse();
        }
        for (int i = 0; i < 4; i++) {
            assertThat(compresses(klips, words)).as("skipped %d", i).isFalse();
        }
        assertThat(compresses(klips, noise)).isFalse();
        assertThat(compresses(klips, noise)).isFalse();
        for (int i = 0; i < 8; i++) {
            assertThat(compresses(klips, words)).as("skipped again %d", i).isFalse();
        }
        assertThat(compresses(klips, noise)).isFalse();
        assertThat(compresses(klips, noise)).isFalse();
        for (int i = 0; i < 8; i++) {
            assertThat(compresses(klips, words)).as("skipped for ever %d", i).isFalse();
        }
        assertThat(compresses(klips, words)).isTrue();
        assertThat(compresses(klips, noise)).isFalse();
        assertThat(compresses(klips, words))
                .as("a success forgets the failures")
                .isTrue();
    }

    @Test
    void no_reference_reaches_farther_back_than_two_kilobytes() throws Exception {
        byte[] block = new byte[3000];
        new Random(9).nextBytes(block);
        byte[] clear = packet(IpProtocol.UDP, 9000, false);
        for (int i = 0; i < 3; i++) {
            System.arraycopy(block, 0, clear, 20 + 3000 * i, 3000);
        }
        // a window of 2^15 would shrink this to a third
        assertThat(compresses(linux, clear)).isFalse();
        Arrays.fill(clear, 20, 9020, (byte) 'x');
        var packet = Packet.of(clear);
        assertThat(linux.protect(packet)).isEqualTo(Verdict.NONE);
        try (var inflater = new Inflater(true)) {
            inflater.setInput(packet.toBytes(), 24, packet.length() - 24);
            byte[] out = new byte[9001];
            assertThat(inflater.inflate(out)).isEqualTo(9000);
            assertThat(inflater.finished()).isTrue();
        }
        assertThat(linux.peel(packet)).isEqualTo(Verdict.NONE);
        assertThat(packet.toBytes()).isEqualTo(clear);
    }

    @Test
    void large_packets_come_back() {
        for (int seed = 0; seed < 40; seed++) {
            var random = new Random(seed);
            byte[] clear = packet(IpProtocol.UDP, 90 + random.nextInt(65_000), false);
            for (int at = 20; at < clear.length; at += 1 + random.nextInt(40)) {
                clear[at] = (byte) random.nextInt(8);
            }
            var packet = Packet.of(clear);
            linux.protect(packet);
            if (Ipv4Header.protocol(packet, 0) == IpProtocol.IPCOMP) {
                assertThat(linux.peel(packet)).as("seed %d", seed).isEqualTo(Verdict.NONE);
            }
            assertThat(packet.toBytes()).as("seed %d", seed).isEqualTo(clear);
        }
    }

    @Test
    void a_bomb_is_refused() {
        assertThat(linux.peel(compressed(deflate(new byte[60_000]), 17))).isEqualTo(Verdict.NONE);
        assertThat(linux.peel(compressed(deflate(new byte[65_515]), 17))).isEqualTo(Verdict.NONE);
        assertThat(linux.peel(compressed(deflate(new byte[65_516]), 17))).isEqualTo(Verdict.COMPRESSION_BOMB);
        assertThat(linux.peel(compressed(deflate(new byte[50_000_000]), 17))).isEqualTo(Verdict.COMPRESSION_BOMB);
    }

    @Test
    void damage_is_refused() {
        byte[] deflated = deflate(packet(17, 300, true));
        for (int length = 0; length < deflated.length; length++) {
            assertThat(linux.peel(compressed(Arrays.copyOf(deflated, length), 17)))
                    .as("cut to %d", length)
                    .isIn(Verdict.BAD_COMPRESSION, Verdict.NONE)
                    .isNotEqualTo(Verdict.NONE);
        }
        byte[] noise = new byte[100];
        Arrays.fill(noise, (byte) 0xff);
        assertThat(linux.peel(compressed(noise, 17))).isEqualTo(Verdict.BAD_COMPRESSION);
    }

    @Test
    void compression_inside_compression_is_refused() {
        assertThat(linux.peel(compressed(deflate(new byte[300]), IpProtocol.IPCOMP)))
                .isEqualTo(Verdict.WRONG_ORDER);
    }

    @Test
    void cpi_2_means_deflate_and_another_one_is_refused() {
        Packet packet = compressed(deflate(new byte[300]), 17);
        IpCompHeader.cpi(packet, 20, 2);
        IpCompHeader.flags(packet, 20, 0xff); // reserved: ignored (RFC 3173 2.2)
        assertThat(linux.peel(packet)).isEqualTo(Verdict.NONE);
        packet = compressed(deflate(new byte[300]), 17);
        IpCompHeader.cpi(packet, 20, 3);
        assertThat(linux.peel(packet)).isEqualTo(Verdict.WRONG_CPI);
    }

    @Test
    void sizes_are_counted_before_and_after() {
        byte[] clear = packet(IpProtocol.UDP, 500, false);
        var packet = Packet.of(clear);
        linux.protect(packet);
        assertThat(linux.state(0).plainBytes()).isEqualTo(clear.length);
        assertThat(linux.state(0).compressedBytes()).isEqualTo(packet.length());
    }
}
