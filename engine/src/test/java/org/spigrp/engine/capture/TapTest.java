package org.spigrp.engine.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.spigrp.engine.MemoryPort;
import org.spigrp.engine.capture.CaptureReader.Found;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

class TapTest {
    private static final long NANOS = 1_700_000_000_123_456_789L;

    private final ByteArrayOutputStream file = new ByteArrayOutputStream();

    /** What our own reader finds: interface, nanoseconds, octets, options. */
    private record Seen(int interfaceId, long nanos, List<Byte> octets, String options) {}

    private static List<Seen> read(byte[] octets) {
        List<Seen> seen = new ArrayList<>();
        try (CaptureReader reader = CaptureReader.open("tap", new ByteArrayInputStream(octets))) {
            var record = new CaptureRecord();
            Found found = reader.next(record);
            while (found == Found.RECORD) {
                assertThat(record.linkType).isEqualTo(LinkType.RAW);
                assertThat(record.originalLength).isEqualTo(record.length);
                List<Byte> packet = new ArrayList<>();
                for (int i = 0; i < record.length; i++) {
                    packet.add(record.array[record.start + i]);
                }
                String options = new String(
                        record.array, record.optionsStart, record.optionsLength, StandardCharsets.ISO_8859_1);
                seen.add(new Seen(record.interfaceId, record.nanos, packet, options));
                found = reader.next(record);
            }
            assertThat(found).isEqualTo(Found.END);
        }
        return seen;
    }

    private static Packet packet(int... octets) {
        byte[] bytes = new byte[octets.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) octets[i];
        }
        return Packet.of(bytes);
    }

    @Test
    void packets_come_back_with_their_interface_time_direction_and_comment() {
        try (var tap = new Tap("tap", file)) {
            int clear = tap.addInterface("ipsec0 (clear)");
            tap.packet(clear, false, packet(0x45, 1, 2), NANOS, null);
            int sealed = tap.addInterface("eth0 (protected)");
            tap.packet(sealed, true, packet(0x60, 3, 4, 5), NANOS + 1, "tun0x113@192.0.2.2 PROTECTED");
            tap.packet(clear, true, packet(), 0, "é");
            assertThat(file.size()).as("before the buffer is flushed").isZero();
            tap.flush();
            assertThat(read(file.toByteArray())).hasSize(3);
        }
        assertThat(read(file.toByteArray()))
                .containsExactly(
                        new Seen(0, NANOS, List.of((byte) 0x45, (byte) 1, (byte) 2), "\2\0\4\0\1\0\0\0\0\0\0\0"),
                        new Seen(
                                1,
                                NANOS + 1,
                                List.of((byte) 0x60, (byte) 3, (byte) 4, (byte) 5),
                                "\1\0\34\0tun0x113@192.0.2.2 PROTECTED" + "\2\0\4\0\2\0\0\0\0\0\0\0"),
                        new Seen(0, 0, List.of(), "\1\0\2\0\u00c3\u00a9\0\0\2\0\4\0\2\0\0\0\0\0\0\0"));
    }

    @Test
    void any_length_is_padded_and_a_long_comment_is_cut() {
        try (var tap = new Tap("tap", file)) {
            int id = tap.addInterface("x");
            for (int length = 0; length < 40; length++) {
                tap.packet(id, true, packet(new int[length]), NANOS, "c".repeat(length));
            }
            tap.packet(id, true, Packet.of(new byte[65_000]), NANOS, "c".repeat(70_000));
        }
        List<Seen> seen = read(file.toByteArray());
        assertThat(seen).hasSize(41);
        for (int length = 1; length < 40; length++) {
            assertThat(seen.get(length).octets()).hasSize(length);
            assertThat(seen.get(length).options()).contains("c".repeat(length)).doesNotContain("c".repeat(length + 1));
        }
        assertThat(seen.getLast().octets()).hasSize(65_000);
        assertThat(seen.getLast().options()).hasSizeLessThan(5000);
    }

    @Test
    void comments_name_group_or_place() {
        assertThat(Tap.comment(Verdict.PROTECTED, "tun0x113@192.0.2.2", 0)).isEqualTo("tun0x113@192.0.2.2 PROTECTED");
        assertThat(Tap.comment(Verdict.BAD_ICV, "esp0x115@192.0.2.2", 1))
                .isEqualTo("BAD_ICV at esp0x115@192.0.2.2, layer 1");
        assertThat(Tap.comment(Verdict.NO_EROUTE, null, 0)).isEqualTo("NO_EROUTE");
    }

    /** Takes so many octets, then says what a full disk says. */
    private static final class FullDisk extends OutputStream {
        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
        private int left = 100_000;
        private int closed;

        @Override
        public void write(int octet) throws IOException {
            write(new byte[] {(byte) octet}, 0, 1);
        }

        @Override
        public void write(byte[] from, int start, int length) throws IOException {
            taken.write(from, start, Math.min(left, length));
            if (length > left) {
                throw new IOException("No space left on device");
            }
            left -= length;
        }

        @Override
        public void close() {
            closed++;
        }
    }

    @Test
    void a_full_disk_stops_the_tap_but_not_the_caller_and_is_told_once() {
        var disk = new FullDisk();
        var tap = new Tap("live.pcapng", disk);
        int id = tap.addInterface("ipsec0 (clear)");
        for (int i = 0; i < 10_000; i++) {
            tap.packet(id, false, packet(0x45, 0, 0, 0), NANOS, "comment");
            if (i % 100 == 0) {
                tap.flush();
            }
        }
        assertThat(tap.isWriting()).isFalse();
        assertThat(tap.trouble())
                .isEqualTo("live.pcapng cannot be written: No space left on device;"
                        + " nothing more is written to it, traffic goes on");
        assertThat(tap.trouble()).isNull();
        tap.flush();
        tap.close();
        assertThat(tap.addInterface("late")).isEqualTo(1);
        assertThat(tap.trouble()).isNull();
        assertThat(disk.closed).isEqualTo(1);
        assertThat(disk.taken.size()).as("nothing is written after the trouble").isEqualTo(100_000);
    }

    @Test
    void a_disk_that_is_full_at_the_end_is_told_too() {
        var disk = new FullDisk();
        disk.left = 10;
        var tap = new Tap("live.pcapng", disk);
        tap.close();
        assertThat(tap.trouble()).contains("No space left on device");
    }

    @Test
    void the_file_is_for_its_owner_only(@TempDir Path directory) throws IOException {
        Path path = directory.resolve("tap.pcapng");
        Files.writeString(path, "what was there before, and is longer than a section header");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));
        try (Tap tap = Tap.create(path)) {
            assertThat(tap).hasToString(path.toString());
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-------");
        assertThat(read(Files.readAllBytes(path))).isEmpty();
    }

    @Test
    void a_file_that_cannot_be_opened_is_named(@TempDir Path directory) {
        assertThatThrownBy(() -> Tap.create(directory.resolve("none/tap.pcapng")))
                .isInstanceOf(CaptureTrouble.class)
                .hasMessage(directory + "/none/tap.pcapng cannot be written: its directory does not exist");
        assertThatThrownBy(() -> Tap.create(directory))
                .isInstanceOf(CaptureTrouble.class)
                .hasMessage(directory + " cannot be written: Is a directory");
    }

    @Test
    void a_port_with_a_tap_passes_all_and_writes_all() {
        var memory = new MemoryPort();
        var batch = new Packet[] {packet(), packet(), packet()};
        Instant now = Instant.ofEpochSecond(1_700_000_000, 5);
        try (var tap = new Tap("tap", file);
                var port = new TapPort(memory, tap, "memory", () -> now)) {
            memory.arrive((byte) 0x45, (byte) 1);
            memory.arrive((byte) 0x45, (byte) 2);
            assertThat(port.receive(batch)).isEqualTo(2);
            batch[0].timestamp(NANOS);
            batch[1].verdict(Verdict.PEELED, 0);
            port.send(batch, 2);
            assertThat(port.receive(batch)).isZero();
        }
        assertThat(memory.sent()).containsExactly(new byte[] {0x45, 1}, new byte[] {0x45, 2});
        assertThat(memory.arrive((byte) 1)).as("closed with the port around it").isFalse();
        long at = 1_700_000_000_000_000_005L;
        List<Byte> one = List.of((byte) 0x45, (byte) 1);
        List<Byte> two = List.of((byte) 0x45, (byte) 2);
        String in = "\2\0\4\0\1\0\0\0\0\0\0\0";
        String out = "\2\0\4\0\2\0\0\0\0\0\0\0";
        assertThat(read(file.toByteArray()))
                .containsExactly(
                        new Seen(0, at, one, in),
                        new Seen(0, at, two, in),
                        new Seen(0, at, one, out),
                        new Seen(0, at, two, "\1\0\6\0PEELED\0\0" + out));
    }
}
