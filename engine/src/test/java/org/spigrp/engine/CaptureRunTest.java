package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.engine.capture.CaptureReader;
import org.spigrp.engine.capture.CaptureRecord;
import org.spigrp.engine.capture.CaptureRun;
import org.spigrp.engine.capture.CaptureRun.Threads;
import org.spigrp.engine.capture.CaptureTrouble;
import org.spigrp.engine.capture.CaptureWriter;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Shunt;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Prefix;

/** One thread is the slow twin of three: whatever goes in or goes wrong, the same comes out. */
class CaptureRunTest {
    private static final int FILE_HEADER = 24;
    private static final long NO_END = Long.MAX_VALUE;

    /** Everything that a run leaves behind; texts, so that a difference can be read. */
    private record Left(String out, String replies, String dropped, String counts, String trouble) {}

    /** What goes in, and after how many octets the machine says no. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Given(byte[] file, long readable, long writable, EngineOptions options) {
        Given(byte[] file, EngineOptions options) {
            this(file, NO_END, NO_END, options);
        }
    }

    // The same octets

    @ParameterizedTest
    @ValueSource(strings = {"web-dns-ipv4.pcap", "tls-ipv4-ipv6.pcap", "fragments-ipv4.pcap"})
    void protected_and_peeled_captures_are_the_same_with_replies_and_dropped_ones(String name) throws IOException {
        byte[] clear = capture(name);
        sameOnBoth(new Given(clear, EngineOptions.DEFAULT.withMtu(1400)));
        byte[] wrapped =
                run(new Given(clear, EngineOptions.DEFAULT), Threads.ONE, false).octets();
        Left peeled = sameOnBoth(new Given(wrapped, EngineOptions.DEFAULT.withOnly(EngineOptions.Only.PEEL)));
        assertThat(peeled.counts).contains("PEELED");
    }

    @Test
    void so_is_pcapng_with_options_and_with_interfaces_that_turn_up_on_the_way() throws IOException {
        byte[] file = pcapNg(capture("web-dns-ipv4.pcap"), ByteOrder.LITTLE_ENDIAN);
        Left left = sameOnBoth(new Given(file, EngineOptions.DEFAULT));
        assertThat(left.out).as("comments stay").contains("\u0007\u0000a frame");
        sameOnBoth(new Given(pcapNg(capture("tls-ipv4-ipv6.pcap"), ByteOrder.BIG_ENDIAN), EngineOptions.DEFAULT));
    }

    @Test
    void records_longer_than_what_one_read_gives_are_put_together() throws IOException {
        var file = new ByteArrayOutputStream();
        file.write(capture("web-dns-ipv4.pcap"), 0, FILE_HEADER);
        for (int length : new int[] {1 << 20, 0, 1, 700_000, 65_536, 1 << 20}) {
            var record = ByteBuffer.allocate(16 + length).order(order(capture("web-dns-ipv4.pcap")));
            record.putInt(1).putInt(2).putInt(length).putInt(length);
            file.write(record.array());
        }
        Left left = sameOnBoth(new Given(file.toByteArray(), EngineOptions.DEFAULT));
        assertThat(left.out.substring(FILE_HEADER))
                .as("no IP in it: it passes")
                .isEqualTo(text(file.toByteArray()).substring(FILE_HEADER));
    }

    // The same troubles

    @Test
    void damage_in_the_middle_is_told_alike_and_what_was_before_it_is_written() throws IOException {
        byte[] file = capture("web-dns-ipv4.pcap");
        int at = recordBehind(file, file.length / 2);
        byte[] damaged = file.clone();
        ByteBuffer.wrap(damaged).putInt(at + 8, -1);
        Left left = sameOnBoth(new Given(damaged, EngineOptions.DEFAULT));
        assertThat(left.trouble).contains("the record at octet " + at + " claims 4294967295 octets");
        Left good = sameOnBoth(new Given(Arrays.copyOf(file, at), EngineOptions.DEFAULT));
        assertThat(left.out).as("all records before").isEqualTo(good.out);
        assertThat(good.trouble).isEmpty();
    }

    @Test
    void a_capture_that_ends_inside_a_record_gives_all_before_it() throws IOException {
        byte[] file = capture("web-dns-ipv4.pcap");
        int at = recordBehind(file, 3 << 20);
        Left left = sameOnBoth(new Given(Arrays.copyOf(file, at + 17), EngineOptions.DEFAULT));
        assertThat(left.counts).contains("inside true");
        assertThat(left.out).isEqualTo(sameOnBoth(new Given(Arrays.copyOf(file, at), EngineOptions.DEFAULT)).out);
    }

    @Test
    void an_input_that_cannot_be_read_on_is_told_behind_what_could_be_read() throws IOException {
        byte[] file = capture("web-dns-ipv4.pcap");
        Left left = sameOnBoth(new Given(file, 2_500_000, NO_END, EngineOptions.DEFAULT));
        assertThat(left.trouble).isEqualTo("in cannot be read: the disk is broken; at fault: the machine");
        assertThat(left.counts).doesNotContain("PROTECTED=0");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 1_500_000, 3_000_000})
    void a_full_disk_is_told_alike_and_the_file_is_a_beginning_of_the_whole_one(long room) throws IOException {
        byte[] file = capture("web-dns-ipv4.pcap");
        String whole = run(new Given(file, EngineOptions.DEFAULT), Threads.ONE, false).left.out;
        for (Threads threads : Threads.values()) {
            Left left = run(new Given(file, NO_END, room, EngineOptions.DEFAULT), threads, true).left;
            assertThat(left.trouble).isEqualTo("out cannot be written: no space; at fault: the machine");
            assertThat(left.out).hasSize((int) room);
            assertThat(whole).startsWith(left.out);
        }
    }

    @Test
    void a_trouble_ends_the_threads_even_if_the_input_never_ends() throws IOException, InterruptedException {
        byte[] file = capture("web-dns-ipv4.pcap");
        var endless = new Endless(file, NO_END);
        var bed = bed();
        try (CaptureReader in = CaptureReader.open("in", endless)) {
            CaptureWriter out = in.writer("out", new Narrow(2_000_000));
            assertThat(troubleOf(() -> new CaptureRun(bed.engine(), in, out, null, null, Threads.THREE).run(_ -> {})))
                    .startsWith("out cannot be written");
        }
        endless.reader.join();
        assertThat(captureThreads()).isEmpty();
    }

    // Nothing for a packet

    @ParameterizedTest
    @EnumSource
    void no_octet_is_allocated_for_a_packet(Threads threads) throws IOException {
        byte[] file = capture("web-dns-ipv4.pcap");
        allocated(file, threads, 10);
        long least = Long.MAX_VALUE;
        // The JIT allocates on the way; what each packet cost would show in every round.
        for (int round = 0; round < 10 && least > 0; round++) {
            least = Math.min(least, allocated(file, threads, 10) - allocated(file, threads, 2));
        }
        assertThat(least).as("octets for eight captures more of 4631 packets").isLessThan(8 * 4631);
    }

    private static long allocated(byte[] file, Threads threads, int times) {
        var mx = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Engine engine = bed().engine();
        long before = mx.getCurrentThreadAllocatedBytes();
        try (CaptureReader in = CaptureReader.open(
                        "in", new Endless(file, FILE_HEADER + times * (long) (file.length - FILE_HEADER)));
                CaptureWriter out = in.writer("out", OutputStream.nullOutputStream())) {
            new CaptureRun(engine, in, out, null, null, threads).run(_ -> {});
        }
        return mx.getCurrentThreadAllocatedBytes() - before;
    }

    // The bed

    /** tun, ESP and AH; one network is told that it is refused, which makes replies and dropped packets. */
    private static StackBed bed() {
        var from = new Prefix(IpAddress.v4(0x0a000000), 8);
        var to = new Prefix(IpAddress.v4(0x5c000000), 8);
        return StackBed.threeMembers().eroute(Selector.between(from, to), Shunt.REJECT);
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Ran(Left left, byte[] octets) {}

    private static Left sameOnBoth(Given given) {
        Left one = run(given, Threads.ONE, false).left;
        assertThat(run(given, Threads.THREE, false).left).isEqualTo(one);
        assertThat(run(given, Threads.THREE, true).left).as("short reads").isEqualTo(one);
        assertThat(run(given, Threads.ONE, true).left)
                .as("short reads, one thread")
                .isEqualTo(one);
        return one;
    }

    private static Ran run(Given given, Threads threads, boolean shortReads) {
        var input = new Input(given, shortReads);
        var out = new Narrow(given.writable);
        var replies = new Narrow(NO_END);
        var dropped = new Narrow(NO_END);
        Engine engine = bed().with(given.options).engine();
        var counts = new StringBuilder();
        String trouble = troubleOf(() -> {
            try (CaptureReader in = CaptureReader.open("in", input);
                    CaptureWriter outWriter = in.writer("out", out);
                    CaptureWriter repliesWriter = in.writer("replies", replies);
                    CaptureWriter droppedWriter = in.writer("dropped", dropped)) {
                var run = new CaptureRun(engine, in, outWriter, repliesWriter, droppedWriter, threads);
                run.run(_ -> {});
                outWriter.flush();
                counts.append(run.records())
                        .append(" read, ")
                        .append(run.written())
                        .append(" written, ");
                counts.append(run.notIp())
                        .append(" no IP, ")
                        .append(run.replied())
                        .append(" replies, inside ");
                counts.append(run.endsInsideRecord()).append(' ').append(engine.counters());
            }
        });
        if (given.writable == NO_END) {
            counts.append(engine.counters());
        }
        byte[] octets = out.octets.toByteArray();
        return new Ran(
                new Left(
                        text(octets),
                        text(replies.octets.toByteArray()),
                        text(dropped.octets.toByteArray()),
                        counts.toString(),
                        trouble),
                octets);
    }

    private static String troubleOf(Runnable action) {
        try {
            action.run();
            return "";
        } catch (CaptureTrouble trouble) {
            return trouble.getMessage() + (trouble.isMachine() ? "; at fault: the machine" : "");
        }
    }

    private static List<String> captureThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.equals("capture writer"))
                .toList();
    }

    private static String text(byte[] octets) {
        return new String(octets, StandardCharsets.ISO_8859_1);
    }

    private static byte[] capture(String name) throws IOException {
        return Files.readAllBytes(Path.of("..", "captures", name));
    }

    private static ByteOrder order(byte[] file) {
        return file[0] == (byte) 0xa1 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    }

    /** Where the first record begins that is not before {@code place}. */
    private static int recordBehind(byte[] file, int place) {
        var view = ByteBuffer.wrap(file).order(order(file));
        int at = FILE_HEADER;
        while (at < place) {
            at += 16 + view.getInt(at + 8);
        }
        return at;
    }

    /** The same packets in pcapng, with comments, and a new interface every thousand. */
    private static byte[] pcapNg(byte[] file, ByteOrder order) {
        var into = ByteBuffer.allocate(2 * file.length).order(order);
        into.putInt(0x0a0d0d0a).putInt(28).putInt(0x1a2b3c4d).putInt(order == ByteOrder.BIG_ENDIAN ? 0x10000 : 1);
        into.putLong(-1).putInt(28);
        byte[] comment = "a frame".getBytes(StandardCharsets.US_ASCII);
        int packets = 0;
        var record = new CaptureRecord();
        try (CaptureReader in = CaptureReader.open("in", new ByteArrayInputStream(file))) {
            while (in.next(record) == CaptureReader.Found.RECORD) {
                if (packets % 1000 == 0) {
                    into.putInt(1)
                            .putInt(20)
                            .putShort((short) record.linkType.number())
                            .putShort((short) 0);
                    into.putInt(0).putInt(20);
                }
                int padded = (record.length + 3) & ~3;
                int total = 32 + padded + 16;
                into.putInt(6).putInt(total).putInt(packets % (packets / 1000 + 1));
                into.putInt(0).putInt(packets).putInt(record.length).putInt(record.originalLength);
                into.put(record.array, record.start, record.length).put(new byte[padded - record.length]);
                into.putShort((short) 1)
                        .putShort((short) comment.length)
                        .put(comment)
                        .put((byte) 0);
                into.putInt(0).putInt(total);
                packets++;
            }
        }
        return Arrays.copyOf(into.array(), into.position());
    }

    /** Breaks after so many octets; a pipe gives fewer than it is asked for. */
    private static final class Input extends InputStream {
        private final ByteArrayInputStream octets;
        private final long readable;
        private final boolean shortReads;
        private final Random random = new Random(7);
        private long given;

        Input(Given given, boolean shortReads) {
            octets = new ByteArrayInputStream(given.file);
            readable = given.readable;
            this.shortReads = shortReads;
        }

        @Override
        public int read() {
            throw new AssertionError("octet by octet");
        }

        @Override
        public int read(byte[] into, int start, int length) throws IOException {
            if (given == readable) {
                throw new IOException("the disk is broken");
            }
            long most = Math.min(length, readable - given);
            int count =
                    octets.read(into, start, (int) (shortReads ? Math.min(most, 1 + random.nextInt(65_536)) : most));
            given += Math.max(count, 0);
            return count;
        }
    }

    /** A capture whose records come again and again, up to so many octets. */
    private static final class Endless extends InputStream {
        private final byte[] file;
        private final long most;
        private long given;
        private int at;
        private Thread reader = Thread.currentThread();

        Endless(byte[] file, long most) {
            this.file = file;
            this.most = most;
        }

        @Override
        public int read() {
            throw new AssertionError("octet by octet");
        }

        @Override
        public int read(byte[] into, int start, int length) {
            reader = Thread.currentThread();
            if (given >= most) {
                return -1;
            }
            if (at == file.length) {
                at = FILE_HEADER;
            }
            int count = Math.min(length, file.length - at);
            System.arraycopy(file, at, into, start, count);
            at += count;
            given += count;
            return count;
        }
    }

    /** A disk with so much room. */
    private static final class Narrow extends OutputStream {
        private final ByteArrayOutputStream octets = new ByteArrayOutputStream();
        private final long room;

        Narrow(long room) {
            this.room = room;
        }

        @Override
        public void write(int octet) {
            throw new AssertionError("octet by octet");
        }

        @Override
        public void write(byte[] from, int start, int length) throws IOException {
            int fits = (int) Math.min(length, room - octets.size());
            octets.write(from, start, fits);
            if (fits < length) {
                throw new IOException("no space");
            }
        }
    }
}
