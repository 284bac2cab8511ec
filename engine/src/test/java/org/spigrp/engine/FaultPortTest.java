package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

class FaultPortTest {
    private static final long MILLI = 1_000_000;

    private final MemoryPort memory = new MemoryPort();
    private final Packet[] batch =
            Stream.generate(() -> TestPackets.packet(new byte[0])).limit(8).toArray(Packet[]::new);
    private Instant now = Instant.ofEpochSecond(1_700_000_000);
    private final InstantSource clock = () -> now;

    private static Faults faults(String text) {
        return Objects.requireNonNull(Faults.parse(text).orNull(), text);
    }

    private FaultPort receiving(String text) {
        return new FaultPort(memory, faults(text), Faults.NONE, clock);
    }

    private FaultPort sending(String text) {
        return new FaultPort(memory, Faults.NONE, faults(text), clock);
    }

    private static byte[] numbered(int number) {
        byte[] octets = new byte[20 + number % 50];
        new Octets(octets).putU32(0, number);
        return octets;
    }

    private void send(FaultPort port, int from, int to) {
        for (int number = from; number < to; ) {
            int count = 0;
            while (count < batch.length && number < to) {
                batch[count++] = TestPackets.packet(numbered(number++));
            }
            port.send(batch, count);
        }
    }

    private void arrive(int from, int to) {
        IntStream.range(from, to).forEach(number -> memory.arrive(numbered(number)));
    }

    private List<Integer> receive(FaultPort port) {
        List<Integer> numbers = new ArrayList<>();
        for (int count = port.receive(batch); count > 0; count = port.receive(batch)) {
            for (int i = 0; i < count; i++) {
                numbers.add(batch[i].u32(0));
            }
        }
        return numbers;
    }

    private static List<Integer> numbers(List<byte[]> packets) {
        return packets.stream().map(packet -> new Octets(packet).u32(0)).toList();
    }

    private static List<Integer> upTo(int end) {
        return IntStream.range(0, end).boxed().toList();
    }

    private void later(long nanos) {
        now = now.plusNanos(nanos);
    }

    private long nowNanos() {
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    private static void assertAccounted(FaultPort port) {
        assertThat(port.taken() + port.duplicated()).isEqualTo(port.lost() + port.given() + port.held());
    }

    @Test
    void without_faults_all_passes_as_it_is() {
        var port = new FaultPort(memory, Faults.NONE, Faults.NONE, clock);
        arrive(0, 20);
        assertThat(receive(port)).isEqualTo(upTo(20));
        send(port, 0, 20);
        assertThat(numbers(memory.sent())).isEqualTo(upTo(20));
        assertThat(port.nextDueNanos(nowNanos())).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void loss_and_duplicates_come_at_their_rates_and_are_counted() {
        FaultPort port = receiving("loss=0.1,duplicate=0.2,seed=1");
        arrive(0, 10_000);
        List<Integer> received = receive(port);
        assertThat(port.taken()).isEqualTo(10_000);
        assertThat(port.lost()).isBetween(900L, 1100L);
        assertThat(port.duplicated()).isBetween(1650L, 1950L);
        assertThat(received).isSorted().hasSize((int) port.given());
        assertThat(new HashSet<>(received)).hasSize(10_000 - (int) port.lost());
        assertThat(port.held()).isZero();
        assertAccounted(port);
    }

    @Test
    void a_corrupt_packet_has_one_wrong_bit() {
        FaultPort port = sending("corrupt=0.5,seed=2");
        send(port, 0, 1000);
        int changed = 0;
        for (int i = 0; i < 1000; i++) {
            byte[] was = numbered(i);
            byte[] is = memory.sent().get(i);
            assertThat(is).hasSameSizeAs(was);
            int bits = 0;
            for (int at = 0; at < was.length; at++) {
                bits += Integer.bitCount((was[at] ^ is[at]) & 0xff);
            }
            assertThat(bits).isLessThanOrEqualTo(1);
            changed += bits;
        }
        assertThat(changed).isEqualTo((int) port.corrupted()).isBetween(420, 580);
    }

    @Test
    void reordered_packets_are_overtaken_by_a_few_and_none_is_missing() {
        FaultPort port = sending("reorder=0.1,seed=3");
        send(port, 0, 5000);
        later(FaultLine.MAX_ASIDE_NANOS);
        port.flush();
        List<Integer> sent = numbers(memory.sent());
        assertThat(sent).containsExactlyInAnyOrderElementsOf(upTo(5000)).isNotEqualTo(upTo(5000));
        int late = 0;
        int newest = -1;
        for (int number : sent) {
            assertThat(newest - number).isLessThanOrEqualTo(FaultLine.MAX_OVERTAKING);
            late += number < newest ? 1 : 0;
            newest = Math.max(newest, number);
        }
        assertThat(port.reordered()).isBetween(420L, 580L);
        assertThat(late).isBetween((int) port.reordered() / 2, (int) port.reordered());
        assertAccounted(port);
    }

    @Test
    void a_reordered_packet_that_nobody_overtakes_comes_in_the_end() {
        FaultPort port = receiving("reorder=1");
        arrive(0, 1);
        assertThat(receive(port)).isEmpty();
        assertThat(port.held()).isEqualTo(1);
        assertThat(port.nextDueNanos(nowNanos())).isEqualTo(FaultLine.MAX_ASIDE_NANOS);
        later(FaultLine.MAX_ASIDE_NANOS - 1);
        assertThat(receive(port)).isEmpty();
        later(1);
        assertThat(receive(port)).containsExactly(0);
    }

    @Test
    void what_is_delayed_comes_when_it_is_due_and_not_before() {
        FaultPort port = sending("delay=5ms");
        send(port, 0, 2);
        later(MILLI);
        send(port, 2, 4);
        assertThat(memory.sent()).isEmpty();
        assertThat(port.nextDueNanos(nowNanos())).isEqualTo(4 * MILLI);
        later(4 * MILLI - 1);
        port.flush();
        assertThat(memory.sent()).isEmpty();
        later(1);
        assertThat(port.nextDueNanos(nowNanos())).isZero();
        port.flush();
        assertThat(numbers(memory.sent())).isEqualTo(upTo(2));
        later(MILLI);
        receive(port);
        assertThat(numbers(memory.sent())).as("receiving sends on too").isEqualTo(upTo(4));
        assertThat(port.delayed()).isEqualTo(4);
        assertThat(port.nextDueNanos(nowNanos())).isEqualTo(Long.MAX_VALUE);
        assertAccounted(port);
    }

    @Test
    void jitter_adds_up_to_its_time() {
        FaultPort port = receiving("delay=5ms,jitter=10ms,seed=4");
        arrive(0, 1000);
        assertThat(receive(port)).isEmpty();
        int[] perMilli = new int[16];
        for (int milli = 1; milli < perMilli.length; milli++) {
            later(MILLI);
            perMilli[milli] = receive(port).size();
        }
        assertThat(Arrays.stream(perMilli).limit(5).sum()).isZero();
        assertThat(Arrays.stream(perMilli).sum()).isEqualTo(1000);
        assertThat(Arrays.stream(perMilli).skip(6)).allMatch(count -> count > 60 && count < 140);
    }

    @Test
    void a_clock_that_is_set_back_makes_nobody_wait_longer() {
        FaultPort port = receiving("delay=5ms");
        arrive(0, 1);
        receive(port);
        now = now.minus(Duration.ofHours(1));
        assertThat(receive(port)).isEmpty();
        assertThat(port.nextDueNanos(nowNanos())).isEqualTo(5 * MILLI);
        later(5 * MILLI);
        assertThat(receive(port)).containsExactly(0);
    }

    @Test
    void the_end_comes_after_the_last_that_waits() {
        FaultPort port = receiving("delay=5ms");
        arrive(0, 1);
        memory.close();
        assertThat(port.receive(batch)).isZero();
        assertThat(port.receive(batch)).isZero();
        later(5 * MILLI);
        assertThat(port.receive(batch)).isEqualTo(1);
        assertThat(port.receive(batch)).isEqualTo(-1);
    }

    @Test
    void when_too_many_wait_the_oldest_goes_on_at_once() {
        FaultPort port = sending("delay=1s");
        send(port, 0, FaultLine.MAX_HELD + 100);
        assertThat(numbers(memory.sent())).isEqualTo(upTo(100));
        assertThat(port.held()).isEqualTo(FaultLine.MAX_HELD);
        assertAccounted(port);
        FaultPort other = receiving("reorder=1,delay=1s,duplicate=1");
        arrive(0, 3 * FaultLine.MAX_HELD);
        receive(other);
        assertThat(other.held()).isLessThanOrEqualTo(FaultLine.MAX_HELD);
        assertAccounted(other);
    }

    @Test
    void large_packets_are_limited_by_their_octets() {
        FaultPort port = sending("delay=1s");
        batch[0] = Packet.of(new byte[60_000]);
        int fit = FaultLine.MAX_HELD_OCTETS / 60_000;
        for (int i = 0; i < fit + 3; i++) {
            port.send(batch, 1);
        }
        assertThat(port.held()).isEqualTo(fit);
        assertThat(memory.sent()).hasSize(3);
    }

    @Test
    void what_travels_with_a_packet_comes_out_with_it() {
        List<String> out = new ArrayList<>();
        var port = new FaultPort(
                new Port() {
                    @Override
                    public int receive(Packet[] packets) {
                        return 0;
                    }

                    @Override
                    public void send(Packet[] packets, int count) {
                        for (int i = 0; i < count; i++) {
                            out.add(packets[i].tag() + " " + packets[i].timestamp() + " " + packets[i].verdict() + " "
                                    + packets[i].layer());
                        }
                    }

                    @Override
                    public void close() {}
                },
                Faults.NONE,
                faults("duplicate=1"),
                clock);
        batch[0] = TestPackets.packet(numbered(1));
        batch[0].tag(5);
        batch[0].timestamp(77);
        batch[0].verdict(Verdict.PROTECTED, 3);
        port.send(batch, 1);
        assertThat(out).containsExactly("5 77 PROTECTED 3", "5 77 PROTECTED 3");
    }

    @Test
    void what_waits_when_the_port_is_closed_stays_accounted_for() {
        FaultPort port = sending("delay=1ms,duplicate=1");
        send(port, 0, 1);
        port.close();
        assertThat(port.held()).isEqualTo(2);
        assertAccounted(port);
        assertThat(port.nextDueNanos(nowNanos())).as("nobody comes back for it").isEqualTo(Long.MAX_VALUE);
        assertThat(memory.arrive((byte) 1)).as("the port behind is closed").isFalse();
    }

    @Test
    void a_seed_gives_the_same_faults_again_and_another_gives_others() {
        assertThat(run(7)).isEqualTo(run(7)).isNotEqualTo(run(8));
    }

    private List<Integer> run(int seed) {
        var port = new MemoryPort();
        var faulty = new FaultPort(
                port,
                faults("loss=0.1,reorder=0.1,duplicate=0.1,corrupt=0.1,delay=1ms,jitter=1ms,seed=" + seed),
                Faults.NONE,
                clock);
        var times = new Random(1);
        List<Integer> received = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            port.arrive(numbered(i));
            later(times.nextInt(300_000));
            received.addAll(receive(faulty));
            assertAccounted(faulty);
        }
        return received;
    }
}
