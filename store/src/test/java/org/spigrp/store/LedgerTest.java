package org.spigrp.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.spigrp.store.LedgerFixture.gcm;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.spigrp.command.Samples;
import org.spigrp.sa.NumberLedger;
import org.spigrp.sa.NumberLedger.Numbers;
import org.spigrp.sa.SecurityAssociation;

class LedgerTest {
    private static final long BLOCK = NumberLedger.BLOCK;

    private final Random random = new Random(5);
    private final MemoryDisk disk = LedgerFixture.newDisk(random);

    private Ledger open() {
        return LedgerFixture.open(disk, random);
    }

    @Test
    void blocks_follow_each_other_and_a_reopened_ledger_goes_on_behind_them() {
        Ledger ledger = open();
        Numbers numbers = ledger.numbersOf(gcm(0x1001));
        assertThat(numbers.sentUpTo()).isZero();
        assertThat(numbers.stageBlock()).isEqualTo(BLOCK);
        assertThat(numbers.stageBlock()).as("the same block before the commit").isEqualTo(BLOCK);
        assertThat(ledger.commit()).isTrue();
        assertThat(numbers.stageBlock()).isEqualTo(2 * BLOCK);
        assertThat(ledger.commit()).isTrue();
        assertThat(numbers.sentUpTo()).isEqualTo(2 * BLOCK);

        assertThat(open().numbersOf(gcm(0x1001)).sentUpTo()).isEqualTo(2 * BLOCK);
    }

    @Test
    void what_was_staged_and_not_committed_is_not_there() {
        Ledger ledger = open();
        ledger.numbersOf(gcm(0x1001)).stageBlock();
        ledger.numbersOf(gcm(0x1001)).stageCeiling(500);
        Numbers again = open().numbersOf(gcm(0x1001));
        assertThat(again.sentUpTo()).isZero();
        assertThat(again.ceiling()).isZero();
    }

    @Test
    void numbers_belong_to_said_and_key() {
        Ledger ledger = open();
        Numbers first = ledger.numbersOf(gcm(0x1001));
        first.stageBlock();
        first.stageCeiling(77);
        ledger.commit();
        assertThat(ledger.numbersOf(gcm(0x1001))).as("the same handle").isSameAs(first);
        assertThat(ledger.numbersOf(gcm(0x1002)).sentUpTo()).isZero();
        SecurityAssociation sameSaidOtherKey = Samples.esp(0x1001, Samples.AES_SHA256);
        assertThat(ledger.numbersOf(sameSaidOtherKey).sentUpTo()).isZero();
    }

    @Test
    void a_window_or_lifetime_of_another_size_does_not_make_another_sa_of_it() {
        Ledger ledger = open();
        ledger.numbersOf(gcm(0x1001)).stageBlock();
        ledger.commit();
        assertThat(ledger.numbersOf(gcm(0x1001).withWindowBits(64)).sentUpTo()).isEqualTo(BLOCK);
    }

    @Test
    void tunnels_have_no_numbers() {
        assertThatThrownBy(() -> open().numbersOf(Samples.tun(0x1001))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_32_bit_sa_stops_at_its_last_number_and_one_with_esn_does_not() {
        Ledger ledger = open();
        SecurityAssociation sa = gcm(0x1001);
        Numbers numbers = ledger.numbersOf(sa);
        numbers.stageExact(0xffff_fff0L, 0);
        assertThat(numbers.stageBlock()).isEqualTo(0xffff_ffffL);
        ledger.commit();
        assertThat(numbers.stageBlock()).as("nothing is left").isEqualTo(0xffff_ffffL);
        assertThat(ledger.commit()).isTrue();

        Numbers esn = ledger.numbersOf(Samples.numbered(true, 1024, 0, sa));
        assertThat(esn.stageBlock()).isEqualTo(0xffff_ffffL + BLOCK);
        esn.stageExact(-3, 0);
        assertThat(esn.stageBlock()).as("unsigned to the very end").isEqualTo(-1L);
    }

    @Test
    void a_clean_end_gives_back_what_was_not_used() {
        Ledger ledger = open();
        Numbers numbers = ledger.numbersOf(gcm(0x1001));
        numbers.stageBlock();
        numbers.stageCeiling(10_000);
        ledger.commit();
        numbers.stageExact(123, 456);
        assertThat(ledger.commit()).isTrue();

        Numbers again = open().numbersOf(gcm(0x1001));
        assertThat(again.sentUpTo()).isEqualTo(123);
        assertThat(again.ceiling()).isEqualTo(456);
    }

    @Test
    void a_clean_end_never_goes_behind_what_held_at_the_start() {
        Ledger ledger = open();
        ledger.numbersOf(gcm(0x1001)).stageBlock();
        ledger.numbersOf(gcm(0x1001)).stageCeiling(1000);
        ledger.commit();

        Ledger afterCrash = open();
        afterCrash.numbersOf(gcm(0x1001)).stageExact(5, 6);
        afterCrash.commit();
        Numbers again = open().numbersOf(gcm(0x1001));
        assertThat(again.sentUpTo()).isEqualTo(BLOCK);
        assertThat(again.ceiling()).isEqualTo(1000);
    }

    @Test
    void a_ceiling_is_never_lowered_by_a_lower_one() {
        Ledger ledger = open();
        Numbers numbers = ledger.numbersOf(gcm(0x1001));
        numbers.stageCeiling(1000);
        numbers.stageCeiling(900);
        ledger.commit();
        assertThat(numbers.ceiling()).isEqualTo(1000);
        numbers.stageCeiling(-5);
        ledger.commit();
        numbers.stageCeiling(2000);
        ledger.commit();
        assertThat(open().numbersOf(gcm(0x1001)).ceiling()).as("unsigned").isEqualTo(-5);
    }

    @Test
    void a_cipher_key_never_gets_an_epoch_again_in_whatever_sa_and_with_whatever_salt() {
        Ledger ledger = open();
        int had = ledger.numbersOf(gcm(0x1001)).stageEpoch();
        ledger.commit();
        SecurityAssociation otherSa = LedgerFixture.sameKeyOtherSalt(gcm(0x1001), 0x2002);

        Ledger again = LedgerFixture.open(disk, LedgerFixture.stubborn(had, 3, random));
        assertThat(again.numbersOf(otherSa).stageEpoch()).isNotEqualTo(had);
        Ledger otherKey = LedgerFixture.open(disk, LedgerFixture.stubborn(had, 3, random));
        assertThat(otherKey.numbersOf(gcm(0x3003)).stageEpoch())
                .as("another key may have it")
                .isEqualTo(had);
    }

    @Test
    void an_epoch_that_was_staged_is_spent_even_if_the_disk_was_full() {
        Ledger ledger = LedgerFixture.open(disk, LedgerFixture.stubborn(42, 2, random));
        assertThat(ledger.numbersOf(gcm(0x1001)).stageEpoch()).isEqualTo(42);
        disk.room = 0;
        assertThat(ledger.commit()).isFalse();
        disk.room = Long.MAX_VALUE;
        assertThat(ledger.numbersOf(gcm(0x1001)).stageEpoch()).isNotEqualTo(42);
    }

    @Test
    void after_a_full_disk_grants_go_on_behind_the_spent_ones() {
        Ledger ledger = open();
        Numbers numbers = ledger.numbersOf(gcm(0x1001));
        numbers.stageBlock();
        ledger.commit();
        for (long room = 0; room < 36; room++) {
            disk.room = room;
            long spent = numbers.stageBlock();
            numbers.stageCeiling(1000 + room);
            assertThat(ledger.commit()).as("with room for %d octets", room).isFalse();
            assertThat(numbers.ceiling()).as("not raised").isZero();
            disk.room = Long.MAX_VALUE;
            assertThat(numbers.stageBlock()).isEqualTo(spent + BLOCK);
            assertThat(ledger.commit()).isTrue();
        }
        var notices = new ArrayList<String>();
        Ledger again = LedgerFixture.open(disk, random, notices, Long.MAX_VALUE);
        assertThat(again.numbersOf(gcm(0x1001)).sentUpTo()).isEqualTo(numbers.sentUpTo());
        assertThat(notices).as("nothing torn is left").isEmpty();
    }

    @Test
    void after_a_failed_force_nothing_is_granted_until_it_is_opened_again() {
        Ledger ledger = open();
        Numbers numbers = ledger.numbersOf(gcm(0x1001));
        disk.forceFails = true;
        long spent = numbers.stageBlock();
        assertThat(ledger.commit()).isFalse();
        disk.forceFails = false;
        numbers.stageBlock();
        assertThat(ledger.commit()).isFalse();
        assertThat(ledger.commit()).as("nothing staged").isTrue();
        ledger.close();
        Ledger again = open();
        assertThat(again.numbersOf(gcm(0x1001)).stageBlock()).isGreaterThan(spent);
        assertThat(again.commit()).isTrue();
    }

    @Test
    void a_partial_record_that_cannot_be_cut_off_stops_the_ledger_and_is_torn_for_the_next() {
        Ledger ledger = open();
        Numbers numbers = ledger.numbersOf(gcm(0x1001));
        disk.truncateFails = true;
        disk.room = 20;
        long spent = numbers.stageBlock();
        assertThat(ledger.commit()).isFalse();
        disk.room = Long.MAX_VALUE;
        disk.truncateFails = false;
        numbers.stageBlock();
        assertThat(ledger.commit()).isFalse();
        var notices = new ArrayList<String>();
        Ledger again = LedgerFixture.open(disk, random, notices, Long.MAX_VALUE);
        assertThat(again.numbersOf(gcm(0x1001)).stageBlock()).isGreaterThan(spent);
        assertThat(notices).singleElement().asString().contains("/state/numbers", "torn");
    }

    @Test
    void a_ledger_for_reading_reads_and_writes_nothing() {
        Ledger ledger = open();
        ledger.numbersOf(gcm(0x1001)).stageBlock();
        ledger.commit();
        byte[] before = disk.octets(LedgerFixture.JOURNAL);
        var reader = new Ledger(
                disk,
                LedgerFixture.DIRECTORY,
                true,
                new Fingerprints(disk, LedgerFixture.SECRET, random),
                random,
                new ArrayList<>());
        assertThat(reader.numbersOf(gcm(0x1001)).sentUpTo()).isEqualTo(BLOCK);
        assertThatThrownBy(() -> reader.numbersOf(gcm(0x1001)).stageBlock()).isInstanceOf(IllegalStateException.class);
        assertThat(disk.octets(LedgerFixture.JOURNAL)).isEqualTo(before);
    }

    @Test
    void a_folded_ledger_knows_what_the_journals_knew() {
        List<Integer> epochs = new ArrayList<>();
        for (int run = 0; run < 30; run++) {
            Ledger ledger = LedgerFixture.open(disk, random, new ArrayList<>(), 200);
            for (int spi = 0x1000; spi < 0x1000 + 1 + run % 7; spi++) {
                Numbers numbers = ledger.numbersOf(gcm(spi));
                numbers.stageBlock();
                numbers.stageCeiling(run);
                int epoch = numbers.stageEpoch();
                if (spi == 0x1000) {
                    epochs.add(epoch);
                }
            }
            assertThat(ledger.commit()).isTrue();
            ledger.close();
        }
        assertThat(disk.octets(LedgerFixture.BASE).length).isGreaterThan(30 * 4);
        assertThat(disk.octets(LedgerFixture.JOURNAL).length).isLessThan(2000);
        Ledger last = open();
        assertThat(last.numbersOf(gcm(0x1000)).sentUpTo()).isEqualTo(30 * BLOCK);
        assertThat(last.numbersOf(gcm(0x1000)).ceiling()).isEqualTo(29);
        assertThat(last.numbersOf(gcm(0x1006)).sentUpTo()).isEqualTo(4 * BLOCK);
        assertThat(last.numbersOf(gcm(0x1007)).sentUpTo()).isZero();
        for (int epoch : epochs) {
            Ledger stubborn = LedgerFixture.open(disk, LedgerFixture.stubborn(epoch, 1, random));
            assertThat(stubborn.numbersOf(gcm(0x1000)).stageEpoch()).isNotEqualTo(epoch);
        }
    }

    @Test
    void a_ledger_that_cannot_be_folded_for_want_of_room_goes_on() {
        Ledger ledger = LedgerFixture.open(disk, random, new ArrayList<>(), 400);
        Numbers numbers = ledger.numbersOf(gcm(0x1001));
        boolean full = false;
        for (int i = 1; i < 100; i++) {
            numbers.stageBlock();
            // room for the record, but not for a base
            disk.room = 60;
            full |= !ledger.commit();
            assertThat(disk.exists(LedgerFixture.BASE)).isFalse();
        }
        assertThat(full).isFalse();
        assertThat(open().numbersOf(gcm(0x1001)).sentUpTo()).isEqualTo(99 * BLOCK);
    }

    @Test
    void the_secret_makes_fingerprints_of_two_directories_differ() {
        MemoryDisk other = LedgerFixture.newDisk(new Random(6));
        var here = new Fingerprints(disk, LedgerFixture.SECRET, random);
        var there = new Fingerprints(other, LedgerFixture.SECRET, random);
        assertThat(here.of(gcm(0x1001))).isNotEqualTo(there.of(gcm(0x1001))).hasSize(1);
        assertThat(here.of(gcm(0x1001)))
                .isEqualTo(new Fingerprints(disk, LedgerFixture.SECRET, random).of(gcm(0x1001)));
    }
}
