package org.spigrp.sa;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Verdict;

class SaStateTest {
    /** A ledger of one SA that forgets what was not committed. */
    private static final class Numbers implements NumberLedger.Numbers {
        long sent;
        long ceiling;
        int epochs;

        @Override
        public long sentUpTo() {
            return sent;
        }

        @Override
        public long stageBlock() {
            return sent += 65_536;
        }

        @Override
        public int stageEpoch() {
            return 0xabcd_0000 + ++epochs;
        }

        @Override
        public long ceiling() {
            return ceiling;
        }

        @Override
        public void stageCeiling(long upTo) {
            ceiling = Math.max(ceiling, upTo);
        }

        @Override
        public void stageExact(long lastSent, long highestReceived) {
            sent = lastSent;
            ceiling = highestReceived;
        }
    }

    private final Numbers numbers = new Numbers();

    private static SecurityAssociation gcm(Direction direction, boolean esn, long firstNumber, Lifetimes lifetimes) {
        var suite = new EspSuite("aes128gcm16", EspCipher.AES_GCM, 16, 16, null);
        return new SecurityAssociation(
                new Said(SaProtocol.ESP, 0x1000, IpAddress.v4(0xc0000202)),
                IpAddress.v4(0xc0000201),
                direction,
                new Transform.Esp(suite, KeyMaterial.copyOf(new byte[20]), KeyMaterial.NONE, NatTraversal.NONE),
                1024,
                esn,
                lifetimes,
                1000,
                false,
                1,
                0,
                firstNumber);
    }

    private SaState state(long firstNumber, SaUse use) {
        return SaState.restore(gcm(Direction.AUTO, false, firstNumber, Lifetimes.NONE), use, numbers);
    }

    private static void grant(SaState state, int count) {
        assertThat(state.needsGrant(count)).isTrue();
        state.stageGrants(count);
        state.granted(true);
    }

    private static Verdict accept(SaState state, long number) {
        if (state.needsCeiling(number)) {
            state.stageCeiling(number, 0);
            state.ceilingGranted(true);
        }
        return state.accept(number);
    }

    @Test
    void no_number_is_sent_before_it_is_granted() {
        var state = state(0, SaUse.NONE);
        assertThat(state.maySend()).isEqualTo(Verdict.NUMBERS_NOT_DURABLE);
        grant(state, 32);
        assertThat(state.maySend()).isEqualTo(Verdict.NONE);
        assertThat(state.nextSequence()).isEqualTo(1);
        assertThat(state.nextIv()).isEqualTo(0xabcd_0001_0000_0000L);
        assertThat(state.nextSequence()).isEqualTo(2);
        assertThat(state.nextIv()).isEqualTo(0xabcd_0001_0000_0001L);
        assertThat(state.needsGrant(65_534)).isFalse();
        assertThat(state.needsGrant(65_535)).isTrue();
    }

    @Test
    void what_is_at_hand_may_be_sent_and_no_more() {
        var state = state(0, SaUse.NONE);
        assertThat(state.atHand()).isZero();
        grant(state, 32);
        for (int left = 65_536; left > 65_530; left--) {
            assertThat(state.atHand()).isEqualTo(left);
            assertThat(state.maySend(left)).isEqualTo(Verdict.NONE);
            assertThat(state.maySend(left + 1)).isEqualTo(Verdict.NUMBERS_NOT_DURABLE);
            state.nextSequence();
            state.nextIv();
        }
    }

    @Test
    void grants_that_did_not_become_durable_are_spent() {
        var state = state(0, SaUse.NONE);
        state.stageGrants(10);
        state.granted(false);
        assertThat(state.maySend()).isEqualTo(Verdict.NUMBERS_NOT_DURABLE);
        grant(state, 10);
        assertThat(state.nextSequence()).isEqualTo(65_537);
        assertThat(state.nextIv() >>> 32).isEqualTo(0xabcd_0002L);
    }

    @Test
    void after_a_crash_it_goes_on_behind_the_block() {
        var first = state(0, SaUse.NONE);
        grant(first, 5);
        first.nextSequence();
        var second = state(0, SaUse.NONE);
        grant(second, 5);
        assertThat(second.nextSequence()).isEqualTo(65_537);
        assertThat(second.nextIv() >>> 32).isEqualTo(0xabcd_0002L);
    }

    @Test
    void after_a_clean_end_it_goes_on_with_the_next_number() {
        var first = state(0, SaUse.NONE);
        grant(first, 5);
        first.nextSequence();
        first.nextSequence();
        SaUse use = first.toUse();
        first.stageExact();
        assertThat(first.maySend()).isEqualTo(Verdict.NUMBERS_NOT_DURABLE);
        var second = state(0, use);
        grant(second, 5);
        assertThat(second.nextSequence()).isEqualTo(3);
    }

    @Test
    void numbers_handed_over_from_another_system_go_forward_only() {
        var state = state(500_000, SaUse.NONE);
        grant(state, 5);
        assertThat(state.nextSequence()).isEqualTo(500_000);
        assertThat(state.window().check(499_999)).isEqualTo(Verdict.BELOW_CEILING);
        assertThat(state.window().check(500_000)).isEqualTo(Verdict.NONE);
        SaUse use = state.toUse();
        state.stageExact();
        var back = state(3, use);
        grant(back, 1);
        assertThat(back.nextSequence()).isEqualTo(500_001);
    }

    @Test
    void numbers_of_32_bits_end_and_never_wrap() {
        var state = state(0xffff_fffeL, SaUse.NONE);
        grant(state, 100);
        assertThat(state.nextSequence()).isEqualTo(0xffff_fffeL);
        assertThat(state.nextSequence()).isEqualTo(0xffff_ffffL);
        assertThat(state.maySend()).isEqualTo(Verdict.SEQUENCE_EXHAUSTED);
        assertThat(state.needsGrant(1)).isFalse();
        assertThat(state.isExhausted()).isTrue();
    }

    @Test
    void extended_numbers_pass_32_bits() {
        var state = SaState.restore(gcm(Direction.AUTO, true, 0xffff_ffffL, Lifetimes.NONE), SaUse.NONE, numbers);
        grant(state, 3);
        assertThat(state.nextSequence()).isEqualTo(0xffff_ffffL);
        assertThat(state.nextSequence()).isEqualTo(0x1_0000_0000L);
    }

    @Test
    void nothing_is_accepted_above_a_ceiling_that_is_not_durable() {
        var state = state(0, SaUse.NONE);
        assertThat(state.accept(1)).isEqualTo(Verdict.NUMBERS_NOT_DURABLE);
        state.stageCeiling(1, 0);
        state.ceilingGranted(false);
        assertThat(state.accept(1)).isEqualTo(Verdict.NUMBERS_NOT_DURABLE);
        assertThat(accept(state, 1)).isEqualTo(Verdict.NONE);
        assertThat(state.needsCeiling(65)).isFalse();
        assertThat(state.needsCeiling(200)).isTrue();
    }

    @Test
    void after_a_crash_everything_up_to_the_ceiling_is_refused() {
        accept(state(0, SaUse.NONE), 10);
        var second = state(0, SaUse.NONE);
        assertThat(second.mayAccept(10, 10)).isEqualTo(Verdict.BELOW_CEILING);
        assertThat(second.mayAccept(74, 74)).isEqualTo(Verdict.BELOW_CEILING);
        assertThat(second.mayAccept(75, 75)).isEqualTo(Verdict.NONE);
    }

    @Test
    void after_a_clean_end_the_window_is_exact() {
        var first = state(0, SaUse.NONE);
        accept(first, 10);
        accept(first, 8);
        SaUse use = first.toUse();
        first.stageExact();
        var second = state(0, use);
        assertThat(second.mayAccept(9, 9)).isEqualTo(Verdict.NONE);
        assertThat(second.mayAccept(8, 8)).isEqualTo(Verdict.REPLAYED);
        assertThat(second.mayAccept(11, 11)).isEqualTo(Verdict.NONE);
    }

    @Test
    void a_late_number_accepted_before_a_crash_is_refused_after_it() {
        var first = state(0, SaUse.NONE);
        accept(first, 10);
        SaUse use = first.toUse();
        first.stageExact();
        var crashing = state(0, use);
        assertThat(accept(crashing, 9)).isEqualTo(Verdict.NONE);
        var third = state(0, use);
        assertThat(third.mayAccept(9, 9)).isEqualTo(Verdict.BELOW_CEILING);
    }

    @Test
    void a_clean_end_after_a_crash_goes_on_refusing_what_the_crash_made_unsure() {
        accept(state(0, SaUse.NONE), 10);
        var afterCrash = state(0, SaUse.NONE);
        SaUse use = afterCrash.toUse();
        afterCrash.stageExact();
        var third = state(0, use);
        assertThat(third.mayAccept(10, 10)).isNotEqualTo(Verdict.NONE);
        assertThat(third.mayAccept(74, 74)).isNotEqualTo(Verdict.NONE);
        assertThat(third.mayAccept(75, 75)).isEqualTo(Verdict.NONE);
    }

    @Test
    void what_was_accepted_after_the_use_was_saved_keeps_the_ceiling_up() {
        var first = state(0, SaUse.NONE);
        accept(first, 10);
        SaUse use = first.toUse();
        accept(first, 9);
        first.stageExact();
        assertThat(state(0, use).mayAccept(9, 9)).isEqualTo(Verdict.BELOW_CEILING);
    }

    @Test
    void the_lead_of_the_ceiling_follows_the_rate() {
        var state = state(0, SaUse.NONE);
        long number = 0;
        for (int i = 0; i < 10; i++) {
            number = state.window().highest() + 1;
            while (!state.needsCeiling(number)) {
                state.accept(number++);
            }
            state.stageCeiling(number, i * 1000L);
            state.ceilingGranted(true);
            state.accept(number);
        }
        assertThat(numbers.ceiling - number).isEqualTo(64 << 9);
    }

    @Test
    void a_fresh_window_stores_nothing() {
        var first = state(0, SaUse.NONE);
        accept(first, 10);
        SaUse use = first.toUse();
        first.stageExact();
        var fresh = SaState.restoreWithFreshWindow(first.sa(), use, numbers);
        assertThat(fresh.needsCeiling(10)).isFalse();
        assertThat(fresh.accept(10)).isEqualTo(Verdict.NONE);
        assertThat(fresh.accept(400)).isEqualTo(Verdict.NONE);
        fresh.stageExact();
        assertThat(fresh.toUse().highestReceived()).isEqualTo(10);
        assertThat(state(0, fresh.toUse()).mayAccept(400, 400)).isEqualTo(Verdict.NONE);
        assertThat(state(0, fresh.toUse()).mayAccept(10, 10)).isEqualTo(Verdict.REPLAYED);
    }

    @Test
    void a_hard_limit_of_bytes_counts_before_the_packet() {
        var limits = new Lifetimes(
                Lifetimes.Limit.NONE,
                new Lifetimes.Limit(300, 800),
                Lifetimes.Limit.NONE,
                Lifetimes.Limit.NONE,
                Lifetimes.Limit.NONE);
        var state = SaState.restore(gcm(Direction.AUTO, false, 0, limits), SaUse.NONE, numbers);
        int carried = 0;
        int announced = 0;
        while (state.lifetimeVerdict(1000) == Verdict.NONE) {
            announced += state.takeSoft() == LifetimeKind.BYTES ? 1 : 0;
            state.countUse(312, 1000);
            carried++;
        }
        assertThat(carried).isEqualTo(3);
        assertThat(announced).isEqualTo(1);
        assertThat(state.hardPassed()).isEqualTo(LifetimeKind.BYTES);
    }

    @Test
    void times_count_from_adding_and_from_the_first_packet() {
        var limits = new Lifetimes(
                Lifetimes.Limit.NONE,
                Lifetimes.Limit.NONE,
                new Lifetimes.Limit(0, 100),
                new Lifetimes.Limit(0, 10),
                Lifetimes.Limit.NONE);
        var state = SaState.restore(gcm(Direction.AUTO, false, 0, limits), SaUse.NONE, numbers);
        assertThat(state.lifetimeVerdict(1100)).isEqualTo(Verdict.NONE);
        assertThat(state.lifetimeVerdict(1101)).isEqualTo(Verdict.SA_EXPIRED);
        assertThat(state.hardPassed()).isEqualTo(LifetimeKind.ADDTIME);
        state.countUse(1, 1050);
        assertThat(state.lifetimeVerdict(1060)).isEqualTo(Verdict.NONE);
        assertThat(state.lifetimeVerdict(1061)).isEqualTo(Verdict.SA_EXPIRED);
        assertThat(state.hardPassed()).isEqualTo(LifetimeKind.USETIME);
    }

    @Test
    void what_was_counted_elsewhere_is_brought_in_before_anybody_reads_it() {
        List<Consumer<SaState>> readers =
                List.of(SaState::bytes, SaState::packets, SaState::toUse, state -> state.countUse(1, 1060));
        for (Consumer<SaState> reader : readers) {
            var state = SaState.restore(gcm(Direction.AUTO, false, 0, Lifetimes.NONE), SaUse.NONE, numbers);
            var settled = new AtomicInteger();
            var noted = new AtomicInteger();
            state.whenChanged(noted::incrementAndGet);
            state.owe(() -> {
                settled.incrementAndGet();
                state.countUse(300, 3, 1050, 1055);
                state.count(Verdict.PROTECTED, true, 3);
            });
            assertThat(settled).hasValue(0);
            assertThat(noted).as("somebody will ask").hasValue(1);
            reader.accept(state);
            assertThat(settled).hasValue(1);
            SaUse use = state.toUse();
            assertThat(settled).hasValue(1);
            assertThat(noted).hasValue(1);
            assertThat(use.firstUsedSeconds()).isEqualTo(1050);
            assertThat(use.lastUsedSeconds()).isEqualTo(use.packets() == 3 ? 1055 : 1060);
            assertThat(use.out()).containsOnly(Map.entry(Verdict.PROTECTED, 3L));
        }
    }
}
