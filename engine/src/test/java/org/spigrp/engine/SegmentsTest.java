package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.engine.capture.CaptureReader;
import org.spigrp.engine.capture.CaptureRecord;
import org.spigrp.wire.Checksum;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpHeader;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Packet;
import org.spigrp.wire.PacketSelector;
import org.spigrp.wire.TcpHeader;
import org.spigrp.wire.Verdict;

class SegmentsTest {
    private static final Path CAPTURES = Path.of("..", "captures");

    private final Segments segments = new Segments();
    private final Packet packet = new Packet(Packet.DEFAULT_CAPACITY, Packet.DEFAULT_HEADROOM);

    private Verdict begin(SuperPacket whole) {
        return segments.begin(
                whole.octets(),
                0,
                whole.octets().length,
                whole.gsoType(),
                whole.gsoSize(),
                0,
                true,
                whole.ip(),
                whole.checksumOffset());
    }

    private List<byte[]> rest() {
        List<byte[]> packets = new ArrayList<>();
        while (segments.next(packet)) {
            packets.add(packet.toBytes());
        }
        return packets;
    }

    private List<byte[]> cut(byte[] octets, int gsoType, int gsoSize) {
        assertThat(segments.begin(octets, 0, octets.length, gsoType, gsoSize, 0, false, 0, 0))
                .isEqualTo(Verdict.NONE);
        return rest();
    }

    @Test
    void segments_are_those_of_the_slow_twin() {
        for (int seed = 0; seed < 600; seed++) {
            SuperPacket whole = SuperPacket.random(seed % SuperPacket.KINDS, new Random(seed));
            assertThat(begin(whole)).as("seed " + seed).isEqualTo(Verdict.NONE);
            List<byte[]> expected = whole.cut();
            List<byte[]> packets = rest();
            assertThat(packets).as("seed " + seed).hasSameSizeAs(expected);
            for (int i = 0; i < packets.size(); i++) {
                assertThat(packets.get(i))
                        .as("seed %d, segment %d of %d", seed, i, packets.size())
                        .isEqualTo(expected.get(i));
            }
        }
    }

    @Test
    void what_the_kernel_left_in_the_checksum_field_does_not_matter_without_extension_headers() {
        for (int seed = 0; seed < 40; seed++) {
            SuperPacket whole = SuperPacket.random(seed % 4, new Random(seed));
            List<byte[]> expected = whole.cut();
            whole.octets()[whole.ip() + whole.checksumOffset()] ^= 0x55;
            begin(whole);
            assertThat(rest()).as("seed " + seed).containsExactlyElementsOf(expected);
        }
    }

    @Test
    void a_packet_in_the_middle_of_the_array_is_cut_as_one_at_its_beginning() {
        SuperPacket whole = SuperPacket.random(0, new Random(5));
        byte[] shifted = new byte[whole.octets().length + 30];
        System.arraycopy(whole.octets(), 0, shifted, 10, whole.octets().length);
        segments.begin(
                shifted, 10, whole.octets().length, Segments.TCPV4 | Segments.ECN, whole.gsoSize(), 0, true, 0, 0);
        assertThat(rest()).containsExactlyElementsOf(whole.cut());
        assertThat(packet.headroom()).isEqualTo(Packet.DEFAULT_HEADROOM);
    }

    /** A real stream's packets cut smaller: the payload is the same, and every checksum good when summed anew. */
    @ParameterizedTest
    @ValueSource(strings = {"web-dns-ipv4.pcap", "tls-ipv4-ipv6.pcap"})
    void packets_of_a_real_capture_lose_nothing_and_sum_up(String name) throws IOException {
        int looked = 0;
        var selector = new PacketSelector();
        for (byte[] octets : packets(name)) {
            if (selector.parse(new Octets(octets)) != Verdict.NONE || selector.protocol() != IpProtocol.TCP) {
                continue;
            }
            Family family = selector.family();
            int upper = selector.upperAt();
            int header = upper + TcpHeader.headerLength(new Octets(octets), upper);
            List<byte[]> cut = cut(octets, family == Family.INET ? Segments.TCPV4 : Segments.TCPV6, 100);
            byte[] payload = new byte[selector.end() - header];
            int at = 0;
            for (byte[] segment : cut) {
                assertSumsUp(segment, upper, IpProtocol.TCP);
                System.arraycopy(segment, header, payload, at, segment.length - header);
                at += segment.length - header;
            }
            assertThat(payload).isEqualTo(Arrays.copyOfRange(octets, header, selector.end()));
            looked += cut.size();
        }
        assertThat(looked).as("segments of " + name).isGreaterThan(50);
    }

    private static void assertSumsUp(byte[] segment, int upper, int protocol) {
        var octets = new Octets(segment);
        boolean v4 = segment[0] >>> 4 == 4;
        Family family = v4 ? Family.INET : Family.INET6;
        assertThat(IpHeader.packetLength(octets, 0)).isEqualTo(segment.length);
        assertThat(!v4 || Ipv4Header.checksumIsGood(octets, 0)).isTrue();
        assertThat(Checksum.ofUpper(
                        octets,
                        family,
                        IpHeader.sourceAt(family, 0),
                        IpHeader.destinationAt(family, 0),
                        protocol,
                        upper,
                        segment.length - upper))
                .isZero();
    }

    static List<byte[]> packets(String capture) throws IOException {
        List<byte[]> packets = new ArrayList<>();
        try (InputStream in = Files.newInputStream(CAPTURES.resolve(capture));
                CaptureReader reader = CaptureReader.open(capture, in)) {
            var record = new CaptureRecord();
            while (reader.next(record) == CaptureReader.Found.RECORD) {
                var frame = new Octets(record.array, record.start, record.length);
                int offset = record.linkType.ipOffset(frame);
                if (offset >= 0 && !record.isCutShort()) {
                    packets.add(Arrays.copyOfRange(record.array, record.start + offset, record.start + record.length));
                }
            }
        }
        return packets;
    }

    @Test
    void without_gso_the_checksum_is_completed_where_the_kernel_left_it() {
        for (int seed = 0; seed < 100; seed++) {
            SuperPacket whole = SuperPacket.random(seed % SuperPacket.KINDS, new Random(seed));
            var one = new SuperPacket(
                    whole.octets(), whole.ip(), whole.upper(), whole.tcp(), 65_535, whole.finalDestination());
            byte[] expected = one.cut().getFirst();
            byte[] octets = whole.octets();
            octets[10] = octets[0] >>> 4 == 4 ? expected[10] : octets[10]; // the IP header's checksum is not ours here
            octets[11] = octets[0] >>> 4 == 4 ? expected[11] : octets[11];
            assertThat(segments.begin(octets, 0, octets.length, 0, 0, 0, true, whole.ip(), whole.checksumOffset()))
                    .isEqualTo(Verdict.NONE);
            assertThat(rest()).as("seed " + seed).containsExactly(expected);
        }
    }

    @Test
    void without_gso_and_checksum_the_octets_are_only_copied() {
        byte[] octets = {1, 2, 3};
        assertThat(cut(octets, Segments.NO_GSO, 0)).containsExactly(octets);
        assertThat(segments.next(packet)).isFalse();
        assertThat(packet.toBytes()).as("left as it was").isEqualTo(octets);
    }

    @Test
    void malformed_super_packets_have_a_verdict_and_no_segments() {
        byte[] good = SuperPacket.random(0, new Random(1)).octets();
        byte[] udp = SuperPacket.random(1, new Random(1)).octets();
        refused(Verdict.BAD_LENGTH, good, Segments.TCPV4, 0);
        refused(Verdict.BAD_LENGTH, good, Segments.TCPV4, -1);
        refused(Verdict.BAD_LENGTH, good, Segments.TCPV6, 100);
        refused(Verdict.BAD_LENGTH, good, Segments.UDP_L4, 100);
        refused(Verdict.BAD_LENGTH, udp, Segments.TCPV4, 100);
        refused(Verdict.BAD_LENGTH, good, 3, 100); // UFO was never asked for
        refused(Verdict.BAD_LENGTH, Arrays.copyOf(good, good.length - 1), Segments.TCPV4, 100);
        refused(Verdict.TOO_SHORT, Arrays.copyOf(good, 19), Segments.TCPV4, 100);
        refused(Verdict.TOO_SHORT, new byte[0], Segments.TCPV4, 100);
        refused(Verdict.TOO_SHORT, new byte[0], Segments.NO_GSO, 0);
        refused(Verdict.BAD_LENGTH, new byte[65_576], Segments.NO_GSO, 0);
        refused(Verdict.NOT_IP, new byte[40], Segments.TCPV4, 100);
        byte[] offset = good.clone();
        offset[(good[0] & 0xf) * 4 + 12] = 0x40;
        refused(Verdict.BAD_LENGTH, offset, Segments.TCPV4, 100);
        byte[] fragment = good.clone();
        fragment[6] |= 0x20;
        refused(Verdict.BAD_LENGTH, fragment, Segments.TCPV4, 100);
    }

    private void refused(Verdict verdict, byte[] octets, int type, int size) {
        assertThat(segments.begin(octets, 0, octets.length, type, size, 0, false, 0, 0))
                .isEqualTo(verdict);
        assertThat(segments.next(packet)).isFalse();
    }

    @Test
    void a_checksum_field_outside_the_packet_is_refused() {
        byte[] octets = new byte[40];
        int[][] outside = {{39, 0}, {20, 19}, {0, 39}, {-1, 5}, {5, -1}, {Integer.MAX_VALUE, Integer.MAX_VALUE}};
        for (int[] where : outside) {
            assertThat(segments.begin(octets, 0, 40, Segments.NO_GSO, 0, 0, true, where[0], where[1]))
                    .as(Arrays.toString(where))
                    .isEqualTo(Verdict.BAD_LENGTH);
            assertThat(segments.next(packet)).isFalse();
        }
        assertThat(segments.begin(octets, 0, 40, Segments.NO_GSO, 0, 0, true, 38, 0))
                .isEqualTo(Verdict.NONE);
    }

    @Test
    void a_slab_that_is_too_small_is_a_mistake_of_the_caller() {
        segments.begin(new byte[1500], 0, 1500, Segments.NO_GSO, 0, 0, false, 0, 0);
        assertThatThrownBy(() -> segments.next(new Packet(2000, 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("packet of 1500 octets, slab of 2000");
    }

    @Test
    void nothing_is_allocated_for_a_super_packet() {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        List<SuperPacket> all = new ArrayList<>();
        for (int kind = 0; kind < SuperPacket.KINDS; kind++) {
            all.add(SuperPacket.random(kind, new Random(kind)));
        }
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 10 && least >= 1000; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (SuperPacket whole : all) {
                for (int i = 0; i < 1000; i++) {
                    begin(whole);
                    while (segments.next(packet)) {}
                }
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).as("octets for 6000 super-packets in 6 arrays").isLessThan(1000);
    }
}
