package org.spigrp.engine.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.engine.capture.CaptureReader.Found;
import org.spigrp.wire.Family;
import org.spigrp.wire.Octets;

class CaptureFilesTest {
    private static final int FILE_HEADER = 24;

    @ParameterizedTest
    @ValueSource(strings = {"web-dns-ipv4.pcap", "tls-ipv4-ipv6.pcap", "fragments-ipv4.pcap"})
    void real_captures_are_written_back_octet_for_octet(String name) throws IOException {
        byte[] file = Files.readAllBytes(Path.of("..", "captures", name));
        byte[] copy = copy(file);
        assertThat(Arrays.copyOfRange(copy, FILE_HEADER, copy.length))
                .isEqualTo(Arrays.copyOfRange(file, FILE_HEADER, file.length));
        assertThat(Arrays.copyOf(copy, 16)).isEqualTo(Arrays.copyOf(file, 16));
    }

    @Test
    void every_classic_variant_keeps_byte_order_resolution_and_time() {
        for (var order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
            for (boolean nanos : new boolean[] {false, true}) {
                byte[] file = pcap(order, nanos, 101, packet(20));
                CaptureReader reader = reader(file);
                var record = new CaptureRecord();
                assertThat(reader.next(record)).isEqualTo(Found.RECORD);
                assertThat(record.nanos).isEqualTo(nanos ? 1_000_000_123L : 1_000_123_000L);
                assertThat(reader.next(record)).isEqualTo(Found.END);
                assertThat(copy(file)).as("%s nanos=%s", order, nanos).isEqualTo(file);
            }
        }
    }

    @Test
    void pcapng_keeps_times_options_and_interfaces_and_drops_only_the_hash() {
        var file = new NgFile(ByteOrder.LITTLE_ENDIAN);
        file.section();
        file.idb(1, 9);
        file.idb(276, 0x8a);
        file.epb(1, 5_000_000_000L, packet(33), "comment", true);
        file.epb(0, 7, packet(20), "", false);
        byte[] copied = copy(file.bytes());
        CaptureReader reader = reader(copied);
        var record = new CaptureRecord();
        assertThat(reader.next(record)).isEqualTo(Found.RECORD);
        assertThat(record.linkType).isEqualTo(LinkType.LINUX_SLL2);
        assertThat(record.nanos)
                .isEqualTo(5_000_000_000L / 1024 * 1_000_000_000L + 5_000_000_000L % 1024 * 1_000_000_000L / 1024);
        assertThat(Arrays.copyOfRange(record.array, record.start, record.start + record.length))
                .isEqualTo(packet(33));
        assertThat(record.optionsLength).as("comment and end, without the hash").isEqualTo(4 + 8 + 4);
        assertThat(reader.next(record)).isEqualTo(Found.RECORD);
        assertThat(record.linkType).isEqualTo(LinkType.ETHERNET);
        assertThat(record.nanos).isEqualTo(7);
        assertThat(record.optionsLength).isZero();
        assertThat(reader.next(record)).isEqualTo(Found.END);
    }

    @Test
    void pcapng_of_two_sections_in_different_orders_is_read_to_its_end() {
        var file = new NgFile(ByteOrder.LITTLE_ENDIAN);
        file.section();
        file.idb(1, 6);
        file.epb(0, 1, packet(20), "", false);
        file.order = ByteOrder.BIG_ENDIAN;
        file.section();
        file.idb(101, 6);
        file.spb(packet(24));
        file.epb(0, 2, packet(21), "x", true);
        CaptureReader reader = reader(copy(file.bytes()));
        var record = new CaptureRecord();
        List<String> seen = new ArrayList<>();
        while (reader.next(record) == Found.RECORD) {
            seen.add(record.linkType + " " + record.length + " " + record.nanos);
        }
        assertThat(seen).containsExactly("ETHERNET 20 1000", "RAW 24 0", "RAW 21 2000");
    }

    @Test
    void a_frame_of_an_unknown_link_type_in_pcapng_passes_with_its_number() {
        var file = new NgFile(ByteOrder.BIG_ENDIAN);
        file.section();
        file.idb(147, 6);
        file.epb(0, 1, packet(20), "", false);
        byte[] copied = copy(file.bytes());
        assertThat(ByteBuffer.wrap(copied).getShort(28 + 8)).isEqualTo((short) 147);
    }

    @Test
    void what_is_no_capture_is_refused_in_one_line() {
        assertThatThrownBy(() -> reader(new byte[0]))
                .isInstanceOf(CaptureTrouble.class)
                .hasMessageContaining("is empty");
        assertThatThrownBy(() -> reader(new byte[3])).hasMessageContaining("too short");
        assertThatThrownBy(() -> reader("<html><body>".getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("neither pcap nor pcapng")
                .hasMessageNotContaining("\n");
        assertThatThrownBy(() -> reader(pcap(ByteOrder.BIG_ENDIAN, false, 147, packet(20))))
                .hasMessageContaining("link type 147");
    }

    @Test
    void a_capture_cut_at_any_octet_gives_its_whole_records_and_then_says_so() {
        byte[] file = pcap(ByteOrder.LITTLE_ENDIAN, false, 101, packet(20), packet(31), packet(1));
        int[] ends = {FILE_HEADER, FILE_HEADER + 36, FILE_HEADER + 36 + 47, file.length};
        for (int cut = FILE_HEADER; cut <= file.length; cut++) {
            CaptureReader reader = reader(Arrays.copyOf(file, cut));
            var record = new CaptureRecord();
            int whole = 0;
            Found found = reader.next(record);
            while (found == Found.RECORD) {
                whole++;
                found = reader.next(record);
            }
            int at = cut;
            assertThat(whole)
                    .as("cut at %d", cut)
                    .isEqualTo(
                            (int) Arrays.stream(ends).filter(end -> end <= at).count() - 1);
            assertThat(found)
                    .as("cut at %d", cut)
                    .isEqualTo(Arrays.stream(ends).anyMatch(end -> end == at) ? Found.END : Found.CUT);
        }
    }

    @Test
    void random_octets_behind_any_magic_never_break_the_reader() {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        byte[][] starts = {
            pcap(ByteOrder.BIG_ENDIAN, false, 1),
            pcap(ByteOrder.LITTLE_ENDIAN, true, 101),
            ngStart(ByteOrder.LITTLE_ENDIAN),
            ngStart(ByteOrder.BIG_ENDIAN)
        };
        for (int round = 0; round < 2_000; round++) {
            byte[] start = starts[round % starts.length];
            byte[] file = Arrays.copyOf(start, start.length + random.nextInt(200));
            for (int i = start.length; i < file.length; i++) {
                file[i] = (byte) (random.nextInt(3) == 0 ? random.nextInt(256) : random.nextInt(8));
            }
            try {
                CaptureReader reader = reader(file);
                var record = new CaptureRecord();
                while (reader.next(record) == Found.RECORD) {
                    assertThat(record.length).as("seed %d", seed).isBetween(0, file.length);
                }
            } catch (CaptureTrouble trouble) {
                assertThat(trouble.getMessage()).as("seed %d", seed).startsWith("test");
            }
        }
    }

    @Test
    void vlan_and_qinq_tags_are_stepped_over_and_kept() {
        String addresses = "020000000001020000000002";
        assertThat(offset(LinkType.ETHERNET, addresses + "0800" + "45")).isEqualTo(14);
        assertThat(offset(LinkType.ETHERNET, addresses + "81000064" + "86dd" + "60"))
                .isEqualTo(18);
        assertThat(offset(LinkType.ETHERNET, addresses + "88a80001" + "81000064" + "0800" + "45"))
                .isEqualTo(22);
        assertThat(offset(LinkType.ETHERNET, addresses + "0806" + "0001")).isEqualTo(-1);
        assertThat(offset(LinkType.ETHERNET, addresses + "8100")).isEqualTo(-1);
    }

    @Test
    void a_link_header_announces_the_other_family_when_a_tunnel_changes_it() {
        var ethernet = octets("020000000001020000000002" + "81000064" + "0800");
        LinkType.ETHERNET.announce(ethernet, Family.INET6);
        assertThat(ethernet.u16(16)).isEqualTo(0x86dd);
        var littleEndianNull = octets("02000000");
        LinkType.NULL.announce(littleEndianNull, Family.INET6);
        assertThat(littleEndianNull.u32(0)).isEqualTo(0x0a000000);
        var macos = octets("1e000000");
        LinkType.NULL.announce(macos, Family.INET);
        assertThat(macos.u32(0)).isEqualTo(0x02000000);
        var loop = octets("00000002");
        LinkType.LOOP.announce(loop, Family.INET);
        assertThat(loop.u32(0)).isEqualTo(2);
    }

    private static int offset(LinkType type, String hex) {
        return type.ipOffset(octets(hex));
    }

    private static Octets octets(String hex) {
        return new Octets(HexFormat.of().parseHex(hex));
    }

    private static byte[] packet(int length) {
        byte[] packet = new byte[length];
        for (int i = 0; i < length; i++) {
            packet[i] = (byte) (i + 0x45);
        }
        return packet;
    }

    private static CaptureReader reader(byte[] file) {
        return CaptureReader.open("test", new ByteArrayInputStream(file));
    }

    private static byte[] copy(byte[] file) {
        var out = new ByteArrayOutputStream();
        try (CaptureReader reader = reader(file);
                CaptureWriter writer = reader.writer("copy", out)) {
            var record = new CaptureRecord();
            while (reader.next(record) == Found.RECORD) {
                writer.write(
                        record,
                        record.array,
                        record.start,
                        1,
                        record.array,
                        record.start + 1,
                        record.length - 1,
                        record.originalLength);
            }
        }
        return out.toByteArray();
    }

    private static byte[] pcap(ByteOrder order, boolean nanos, int linkType, byte[]... packets) {
        var buffer = ByteBuffer.allocate(1000).order(order);
        buffer.putInt(nanos ? 0xa1b23c4d : 0xa1b2c3d4)
                .putShort((short) 2)
                .putShort((short) 4)
                .putLong(0);
        buffer.putInt(262_144).putInt(linkType);
        for (byte[] packet : packets) {
            buffer.putInt(1)
                    .putInt(123)
                    .putInt(packet.length)
                    .putInt(packet.length)
                    .put(packet);
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    private static byte[] ngStart(ByteOrder order) {
        var file = new NgFile(order);
        file.section();
        file.idb(1, 6);
        return file.bytes();
    }

    /** Writes pcapng by hand, independent of the code under test. */
    private static final class NgFile {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private ByteOrder order;

        NgFile(ByteOrder order) {
            this.order = order;
        }

        void section() {
            block(
                    0x0a0d0d0a,
                    body -> body.putInt(0x1a2b3c4d)
                            .putShort((short) 1)
                            .putShort((short) 0)
                            .putLong(-1));
        }

        void idb(int linkType, int resolution) {
            block(1, body -> {
                body.putShort((short) linkType).putShort((short) 0).putInt(0);
                option(body, 2, "eth0".getBytes(StandardCharsets.US_ASCII));
                option(body, 9, new byte[] {(byte) resolution});
                body.putInt(0);
            });
        }

        void epb(int interfaceId, long time, byte[] packet, String comment, boolean hash) {
            block(6, body -> {
                body.putInt(interfaceId).putInt((int) (time >>> 32)).putInt((int) time);
                body.putInt(packet.length).putInt(packet.length).put(packet);
                pad(body);
                if (!comment.isEmpty()) {
                    option(body, 1, comment.getBytes(StandardCharsets.US_ASCII));
                }
                if (hash) {
                    option(body, 3, new byte[] {2, 1, 2, 3, 4});
                }
                if (hash || !comment.isEmpty()) {
                    body.putInt(0);
                }
            });
        }

        void spb(byte[] packet) {
            block(3, body -> {
                body.putInt(packet.length).put(packet);
                pad(body);
            });
        }

        byte[] bytes() {
            return out.toByteArray();
        }

        private void block(int type, Consumer<ByteBuffer> fill) {
            var body = ByteBuffer.allocate(400).order(order);
            fill.accept(body);
            int total = 12 + body.position();
            var block = ByteBuffer.allocate(total).order(order);
            block.putInt(type)
                    .putInt(total)
                    .put(body.array(), 0, body.position())
                    .putInt(total);
            out.writeBytes(block.array());
        }

        private static void option(ByteBuffer body, int code, byte[] value) {
            body.putShort((short) code).putShort((short) value.length).put(value);
            pad(body);
        }

        private static void pad(ByteBuffer body) {
            while (body.position() % 4 != 0) {
                body.put((byte) 0);
            }
        }
    }
}
