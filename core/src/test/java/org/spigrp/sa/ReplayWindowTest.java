package org.spigrp.sa;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.spigrp.wire.Verdict;

class ReplayWindowTest {
    /** The same promises with a set of everything received: obviously right, and slow. */
    private static final class Slow {
        final int bits;
        final Set<Long> received = new HashSet<>();
        long highest;
        long floor;

        Slow(int bits) {
            this.bits = bits;
        }

        Verdict check(long number) {
            if (bits == 0) {
                return Verdict.NONE;
            }
            if (number == 0) {
                return Verdict.SEQUENCE_ZERO;
            }
            if (Long.compareUnsigned(number, floor) <= 0) {
                return Verdict.BELOW_CEILING;
            }
            if (Long.compareUnsigned(number, highest) < 0 && highest - number >= bits) {
                return Verdict.TOO_OLD;
            }
            return received.contains(number) ? Verdict.REPLAYED : Verdict.NONE;
        }

        Verdict accept(long number) {
            Verdict verdict = check(number);
            if (verdict == Verdict.NONE) {
                received.add(number);
                if (Long.compareUnsigned(number, highest) > 0) {
                    highest = number;
                }
            }
            return verdict;
        }
    }

    @Test
    void window_agrees_with_a_set_of_all_numbers() {
        for (int seed = 0; seed < 400; seed++) {
            var random = new Random(seed);
            int bits = switch (seed % 8) {
                case 0 -> 0;
                case 1 -> 1;
                case 2 -> 32;
                case 3 -> 64;
                case 4 -> 65;
                case 5 -> 65_536;
                default -> 1 + random.nextInt(2048);
            };
            boolean esn = bits > 0 && random.nextBoolean();
            var window = new ReplayWindow(bits, esn);
            var slow = new Slow(bits);
            if (seed % 3 == 0) {
                long start = esn ? (random.nextLong() >>> 8) : random.nextInt() & 0xffff_0000L;
                window.refuseUpTo(start);
                slow.floor = start;
                slow.highest = start;
            }
            for (int i = 0; i < 2000; i++) {
                long step = random.nextInt(10) == 0 ? random.nextInt(4 * bits + 200) : random.nextInt(8);
                long number = window.highest() + (random.nextInt(3) == 0 ? -random.nextInt(bits + 70) : step);
                number = esn ? Math.max(number, 0) : Math.clamp(number, 0, 0xffff_ffffL);
                Verdict expected = slow.check(number);
                assertThat(window.check(number))
                        .as("seed %d step %d: %d", seed, i, number)
                        .isEqualTo(expected);
                assertThat(window.accept(number))
                        .as("seed %d step %d: %d", seed, i, number)
                        .isEqualTo(expected);
                slow.accept(number);
                assertThat(window.highest()).as("seed %d", seed).isEqualTo(slow.highest);
                if (i % 500 == 0) {
                    var other = new ReplayWindow(bits, esn);
                    other.restore(window.highest(), window.save(), window.maxGap());
                    other.refuseUpTo(window.floor());
                    window = other;
                }
            }
        }
    }

    @Test
    void inference_finds_every_number_that_lies_in_the_window_or_ahead() {
        for (int seed = 0; seed < 300; seed++) {
            var random = new Random(seed);
            int bits = 1 + random.nextInt(65_536);
            var window = new ReplayWindow(bits, true);
            long highest = switch (seed % 4) {
                case 0 -> 1 + random.nextInt(100_000);
                case 1 -> (1L << 32) * (1 + random.nextInt(5)) + random.nextInt(200_000) - 100_000;
                default -> random.nextLong() >>> (1 + random.nextInt(30)) | 1;
            };
            window.accept(highest);
            for (int i = 0; i < 300; i++) {
                long least = Math.max(highest - bits + 1, 1);
                long number = i % 2 == 0
                        ? least + random.nextLong(highest - least + 1)
                        : highest + 1 + random.nextLong((1L << 32) - bits);
                assertThat(window.infer((int) number))
                        .as("seed %d, highest %d, window %d", seed, highest, bits)
                        .isEqualTo(number);
            }
        }
    }

    @Test
    void a_number_before_the_first_is_inferred_as_none() {
        var window = new ReplayWindow(64, true);
        window.accept(1);
        assertThat(window.infer(0xffff_fff0)).isZero();
    }

    @Test
    void behind_a_floor_numbers_are_told_apart_from_the_next_round() {
        var window = new ReplayWindow(64, true);
        window.refuseUpTo((7L << 32) + 5000);
        assertThat(window.infer(3)).isEqualTo((7L << 32) + 3);
        assertThat(window.check(window.infer(3))).isEqualTo(Verdict.BELOW_CEILING);
        assertThat(window.infer(5001)).isEqualTo((7L << 32) + 5001);
        assertThat(window.infer(-5)).isEqualTo((7L << 32) - 5);
    }

    @Test
    void the_last_number_of_32_bits_is_accepted_once() {
        var window = new ReplayWindow(1024, false);
        assertThat(window.accept(0xffff_ffffL)).isEqualTo(Verdict.NONE);
        assertThat(window.accept(0xffff_ffffL)).isEqualTo(Verdict.REPLAYED);
        assertThat(window.check(window.infer(0))).isEqualTo(Verdict.SEQUENCE_ZERO);
    }

    @Test
    void a_wider_window_takes_unknown_numbers_for_received() {
        var narrow = new ReplayWindow(64, false);
        narrow.accept(1000);
        narrow.accept(990);
        var wide = new ReplayWindow(256, false);
        wide.restore(narrow.highest(), narrow.save(), narrow.maxGap());
        assertThat(wide.check(990)).isEqualTo(Verdict.REPLAYED);
        assertThat(wide.check(991)).isEqualTo(Verdict.NONE);
        assertThat(wide.check(1000 - 64)).isEqualTo(Verdict.REPLAYED);
    }

    @Test
    void what_a_floor_refused_stays_refused_when_the_window_is_saved() {
        var window = new ReplayWindow(256, false);
        window.accept(900);
        window.refuseUpTo(1000);
        window.accept(1003);
        var later = new ReplayWindow(256, false);
        later.restore(window.highest(), window.save(), window.maxGap());
        for (long number = 1; number <= 1000; number++) {
            assertThat(later.check(number)).isNotEqualTo(Verdict.NONE);
        }
        assertThat(later.check(1001)).isEqualTo(Verdict.NONE);
    }

    @Test
    void the_largest_gap_is_remembered() {
        var window = new ReplayWindow(32, false);
        window.accept(1);
        window.accept(5);
        window.accept(6);
        assertThat(window.maxGap()).isEqualTo(3);
    }
}
