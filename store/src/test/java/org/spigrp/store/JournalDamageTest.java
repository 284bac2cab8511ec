package org.spigrp.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.spigrp.store.LedgerFixture.gcm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.spigrp.sa.NumberLedger;
import org.spigrp.sa.NumberLedger.Numbers;

/** What a journal says after it was cut, changed, or mixed up with another. */
class JournalDamageTest {
    private static final int SAS = 5;
    private static final int COMMITS = 24;

    private final Random random = new Random(11);
    private final MemoryDisk disk = LedgerFixture.newDisk(random);
    /** What was acknowledged when the journal had this length. */
    private final List<Acked> history = new ArrayList<>();

    private record Acked(
            int length, Map<Integer, Long> sent, Map<Integer, Long> ceiling, Map<Integer, List<Integer>> epochs) {}

    @BeforeEach
    void writes_a_journal() {
        Ledger ledger = LedgerFixture.open(disk, random);
        var sent = new HashMap<Integer, Long>();
        var ceiling = new HashMap<Integer, Long>();
        var epochs = new HashMap<Integer, List<Integer>>();
        remember(sent, ceiling, epochs);
        for (int i = 0; i < COMMITS; i++) {
            for (int spi = 0x1000; spi < 0x1000 + SAS; spi++) {
                Numbers numbers = ledger.numbersOf(gcm(spi));
                switch (random.nextInt(6)) {
                    case 0 -> sent.put(spi, numbers.stageBlock());
                    case 1 -> {
                        numbers.stageCeiling(numbers.ceiling() + 1 + random.nextInt(1000));
                        ceiling.put(spi, numbers.ceiling());
                    }
                    case 2 ->
                        epochs.computeIfAbsent(spi, _ -> new ArrayList<>()).add(numbers.stageEpoch());
                    case 3 -> {
                        long used = Math.max(0, numbers.sentUpTo() - random.nextInt(100));
                        numbers.stageExact(used, numbers.ceiling());
                        sent.put(spi, numbers.sentUpTo());
                    }
                    default -> {}
                }
            }
            assertThat(ledger.commit()).isTrue();
            remember(sent, ceiling, epochs);
        }
        ledger.close();
    }

    private void remember(Map<Integer, Long> sent, Map<Integer, Long> ceiling, Map<Integer, List<Integer>> epochs) {
        var copy = new HashMap<Integer, List<Integer>>();
        epochs.forEach((spi, list) -> copy.put(spi, List.copyOf(list)));
        history.add(new Acked(
                disk.octets(LedgerFixture.JOURNAL).length, Map.copyOf(sent), Map.copyOf(ceiling), Map.copyOf(copy)));
    }

    private Acked lastWholly(int length) {
        Acked last = history.getFirst();
        for (Acked acked : history) {
            if (acked.length() <= length) {
                last = acked;
            }
        }
        return last;
    }

    private MemoryDisk with(byte[] journal) {
        MemoryDisk copy = disk.afterKill();
        copy.put(LedgerFixture.JOURNAL, journal);
        return copy;
    }

    private void assertNothingIsGrantedAgain(MemoryDisk on, Acked acked, boolean torn, String how) {
        for (int spi = 0x1000; spi < 0x1000 + SAS; spi++) {
            var notices = new ArrayList<String>();
            RandomGenerator draws = replaying(acked.epochs().getOrDefault(spi, List.of()));
            Ledger ledger = LedgerFixture.open(on.afterKill(), draws, notices, Long.MAX_VALUE);
            Numbers numbers = ledger.numbersOf(gcm(spi));
            long mustSkip = torn ? NumberLedger.BLOCK : 0;
            assertThat(numbers.sentUpTo())
                    .as("%s, SPI 0x%x", how, spi)
                    .isGreaterThanOrEqualTo(acked.sent().getOrDefault(spi, 0L) + mustSkip);
            assertThat(numbers.ceiling())
                    .as("%s, SPI 0x%x", how, spi)
                    .isGreaterThanOrEqualTo(acked.ceiling().getOrDefault(spi, 0L));
            assertThat(acked.epochs().getOrDefault(spi, List.of()))
                    .as("%s, SPI 0x%x", how, spi)
                    .doesNotContain(numbers.stageEpoch());
            assertThat(notices).as(how).hasSize(torn ? 1 : 0);
        }
    }

    /** Draws what was drawn before, then something else. */
    private static RandomGenerator replaying(List<Integer> before) {
        var left = new ArrayList<>(before);
        var then = new Random(99);
        return new RandomGenerator() {
            @Override
            public long nextLong() {
                return then.nextLong();
            }

            @Override
            public int nextInt() {
                return left.isEmpty() ? then.nextInt() : left.removeFirst();
            }
        };
    }

    @Test
    void a_journal_cut_anywhere_grants_nothing_again() {
        byte[] whole = disk.octets(LedgerFixture.JOURNAL);
        for (int length = Journal.HEADER_OCTETS; length <= whole.length; length++) {
            Acked acked = lastWholly(length);
            MemoryDisk cut = with(Arrays.copyOf(whole, length));
            assertNothingIsGrantedAgain(cut, acked, acked.length() != length, "cut at octet " + length);
        }
    }

    @Test
    void a_journal_cut_within_its_header_is_refused() {
        byte[] whole = disk.octets(LedgerFixture.JOURNAL);
        for (int length = 0; length < Journal.HEADER_OCTETS; length++) {
            MemoryDisk cut = with(Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> LedgerFixture.open(cut, random).numbersOf(gcm(0x1000)))
                    .isInstanceOf(StoreTrouble.class)
                    .hasMessageContaining("/state/numbers");
        }
    }

    @Test
    void a_changed_octet_is_refused_in_the_middle_and_torn_at_the_end() {
        byte[] whole = disk.octets(LedgerFixture.JOURNAL);
        int lastRecord = history.get(history.size() - 2).length();
        for (int at = 0; at < whole.length; at++) {
            byte[] changed = whole.clone();
            changed[at] ^= (byte) (1 + random.nextInt(255));
            MemoryDisk on = with(changed);
            String how = "octet " + at + " changed";
            if (at < lastRecord) {
                Throwable trouble =
                        catchThrowable(() -> LedgerFixture.open(on, random).numbersOf(gcm(0x1000)));
                assertThat(trouble).as(how).isInstanceOf(StoreTrouble.class).hasMessageContaining("/state/numbers");
                assertThat(on.octets(LedgerFixture.JOURNAL)).as(how).isEqualTo(changed);
            } else {
                // the last record was acknowledged: what it granted to send is behind the skip
                assertNothingIsGrantedAgain(on, history.get(history.size() - 2), true, how);
                Ledger ledger = LedgerFixture.open(on, random);
                history.getLast()
                        .sent()
                        .forEach((spi, sent) -> assertThat(
                                        ledger.numbersOf(gcm(spi)).sentUpTo())
                                .as("%s, SPI 0x%x", how, spi)
                                .isGreaterThanOrEqualTo(sent));
            }
        }
    }

    @Test
    void garbage_behind_the_last_record_is_torn_and_mended_once() {
        byte[] whole = disk.octets(LedgerFixture.JOURNAL);
        byte[] longer = Arrays.copyOf(whole, whole.length + 4096);
        MemoryDisk on = with(longer);
        assertNothingIsGrantedAgain(on, history.getLast(), true, "zeros behind");
        var notices = new ArrayList<String>();
        LedgerFixture.open(on, random, notices, Long.MAX_VALUE).numbersOf(gcm(0x1000));
        LedgerFixture.open(on, random, notices, Long.MAX_VALUE).numbersOf(gcm(0x1000));
        assertThat(notices).hasSize(1);
    }

    @Test
    void an_sa_unknown_to_a_torn_journal_begins_behind_one_block() {
        byte[] whole = disk.octets(LedgerFixture.JOURNAL);
        MemoryDisk on = with(Arrays.copyOf(whole, whole.length - 1));
        assertThat(LedgerFixture.open(on, random).numbersOf(gcm(0x7777)).stageBlock())
                .isEqualTo(2 * NumberLedger.BLOCK);
        // and so it stays once the journal is folded
        Ledger folding = LedgerFixture.open(on, random, new ArrayList<>(), 1);
        folding.numbersOf(gcm(0x1000)).stageBlock();
        assertThat(folding.commit()).isTrue();
        assertThat(on.exists(LedgerFixture.BASE)).isTrue();
        assertThat(LedgerFixture.open(on, random).numbersOf(gcm(0x8888)).sentUpTo())
                .isEqualTo(NumberLedger.BLOCK);
    }

    @Test
    void a_kill_during_the_repair_loses_nothing() {
        byte[] whole = disk.octets(LedgerFixture.JOURNAL);
        byte[] cut = Arrays.copyOf(whole, whole.length - 3);
        Acked acked = lastWholly(cut.length);
        for (int step = 1; step <= 4; step++) {
            MemoryDisk on = with(cut);
            on.stepsToLive = step;
            Throwable killed =
                    catchThrowable(() -> LedgerFixture.open(on, random).numbersOf(gcm(0x1000)));
            assertThat(killed).isInstanceOf(MemoryDisk.Killed.class);
            // whatever was repaired so far, the skip is in it or comes next
            for (int spi = 0x1000; spi < 0x1000 + SAS; spi++) {
                assertThat(LedgerFixture.open(on.afterKill(), random)
                                .numbersOf(gcm(spi))
                                .sentUpTo())
                        .as("killed at step %d", step)
                        .isGreaterThanOrEqualTo(acked.sent().getOrDefault(spi, 0L) + NumberLedger.BLOCK);
            }
        }
    }

    @Test
    void a_kill_or_power_loss_at_any_step_of_a_compaction_loses_nothing() {
        Acked acked = history.getLast();
        int step = 0;
        boolean finished = false;
        while (!finished) {
            step++;
            MemoryDisk on = disk.afterKill();
            Ledger ledger = LedgerFixture.open(on, random, new ArrayList<>(), 1);
            ledger.numbersOf(gcm(0x1000)).stageEpoch();
            on.stepsToLive = step;
            finished = catchThrowable(ledger::commit) == null;
            assertNothingIsGrantedAgain(tidy(on.afterKill()), acked, false, "killed at step " + step);
            for (int i = 0; i < 10; i++) {
                MemoryDisk after = on.afterPowerLoss(random);
                assertNothingIsGrantedAgain(tidy(after), acked, false, "power lost at step " + step);
            }
        }
        assertThat(step).isGreaterThan(8);
    }

    /** Lets the next command mend what the crash left, torn end included. */
    private MemoryDisk tidy(MemoryDisk on) {
        LedgerFixture.open(on, random).numbersOf(gcm(0x1000));
        return on;
    }

    @Test
    void a_damaged_or_missing_or_foreign_base_is_refused() {
        Ledger folding = LedgerFixture.open(disk, random, new ArrayList<>(), 1);
        folding.numbersOf(gcm(0x1000)).stageBlock();
        folding.commit();
        byte[] base = disk.octets(LedgerFixture.BASE);
        for (int at = 0; at < base.length; at++) {
            byte[] changed = base.clone();
            changed[at] ^= 4;
            assertRefused(changed, disk.octets(LedgerFixture.JOURNAL));
            assertRefused(Arrays.copyOf(base, at), disk.octets(LedgerFixture.JOURNAL));
        }
        MemoryDisk foreign = LedgerFixture.newDisk(new Random(12));
        assertRefused(base, foreign.octets(LedgerFixture.JOURNAL));

        MemoryDisk missing = LedgerFixture.newDisk(random);
        missing.put(LedgerFixture.JOURNAL, disk.octets(LedgerFixture.JOURNAL));
        assertThatThrownBy(() -> LedgerFixture.open(missing, random).numbersOf(gcm(0x1000)))
                .isInstanceOf(StoreTrouble.class)
                .hasMessageContaining("/state/numbers.base")
                .hasMessageContaining("missing");
    }

    private void assertRefused(byte[] base, byte[] journal) {
        MemoryDisk on = disk.afterKill();
        on.put(LedgerFixture.BASE, base);
        on.put(LedgerFixture.JOURNAL, journal);
        assertThatThrownBy(() -> LedgerFixture.open(on, random).numbersOf(gcm(0x1000)))
                .isInstanceOf(StoreTrouble.class)
                .hasMessageContaining("/state/numbers");
    }

    @Test
    void a_journal_of_a_newer_version_is_refused_naming_both() {
        byte[] newer = disk.octets(LedgerFixture.JOURNAL);
        newer[11] = 9;
        var crc = new java.util.zip.CRC32C();
        crc.update(newer, 0, 44);
        java.nio.ByteBuffer.wrap(newer).putInt(44, (int) crc.getValue());
        MemoryDisk on = with(newer);
        assertThatThrownBy(() -> LedgerFixture.open(on, random).numbersOf(gcm(0x1000)))
                .isInstanceOf(StoreTrouble.class)
                .hasMessageContaining("format 9")
                .hasMessageContaining("format 1");
    }
}
