package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.spigrp.engine.EngineOptions.Only;
import org.spigrp.wire.Family;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Verdict;

/** Numbers and windows from run to run, after a clean end and after none. */
class RestartTest {
    private static final EngineOptions PEEL = EngineOptions.DEFAULT.withOnly(Only.PEEL);

    private static List<byte[]> clear(int count) {
        return Collections.nCopies(count, Clear.udp(9));
    }

    private static int sequence(byte[] sealed) {
        return new Octets(sealed).u32(28);
    }

    @Test
    void after_a_clean_end_the_next_number_follows() {
        StackBed bed = StackBed.threeMembers();
        List<byte[]> before = bed.protect(clear(3));
        bed.restart();
        List<byte[]> after = bed.protect(clear(1));
        assertThat(sequence(before.getLast())).isEqualTo(3);
        assertThat(sequence(after.getFirst())).isEqualTo(4);
    }

    @Test
    void after_a_crash_numbers_go_on_behind_the_block() {
        StackBed bed = StackBed.threeMembers();
        bed.protect(clear(3));
        bed.crash();
        assertThat(sequence(bed.protect(Clear.udp(9)))).isEqualTo((1 << 16) + 1);
    }

    @Test
    void after_a_clean_end_the_window_goes_on_exactly() {
        StackBed bed = StackBed.threeMembers();
        List<byte[]> sealed = bed.protect(clear(10));
        bed.with(PEEL).run(sealed.get(0), sealed.get(5));
        bed.restart().with(PEEL);
        assertThat(bed.verdict(sealed.get(5))).isEqualTo(Verdict.REPLAYED);
        assertThat(bed.verdict(sealed.get(3))).isEqualTo(Verdict.PEELED);
        assertThat(bed.verdict(sealed.get(9))).isEqualTo(Verdict.PEELED);
    }

    @Test
    void nothing_accepted_before_a_crash_is_accepted_after_it() {
        StackBed bed = StackBed.threeMembers();
        List<byte[]> sealed = bed.protect(clear(1000));
        List<byte[]> accepted = new ArrayList<>();
        bed.with(PEEL);
        for (int i = 0; i < 200; i += 3) {
            assertThat(bed.verdict(sealed.get(i))).isEqualTo(Verdict.PEELED);
            accepted.add(sealed.get(i));
        }
        bed.crash().with(PEEL);
        for (byte[] packet : accepted) {
            assertThat(bed.verdict(packet)).isEqualTo(Verdict.BELOW_CEILING);
        }
        assertThat(bed.verdict(sealed.get(999)))
                .as("beyond the worst refused stretch")
                .isEqualTo(Verdict.PEELED);
    }

    @Test
    void a_clean_end_whose_use_was_not_kept_accepts_nothing_twice() {
        StackBed bed = StackBed.threeMembers();
        List<byte[]> sealed = bed.protect(clear(10));
        bed.with(PEEL).run(sealed.get(5));
        bed.engine().finish(bed.sink);
        bed.engine().settle();
        bed.with(PEEL);
        assertThat(bed.verdict(sealed.get(5))).isEqualTo(Verdict.BELOW_CEILING);
    }

    @Test
    void a_use_stored_half_way_is_not_taken_for_a_clean_end() {
        for (int highest = 60; highest < 70; highest++) { // the first ceiling is somewhere there
            StackBed bed = StackBed.threeMembers();
            List<byte[]> sealed = bed.protect(clear(200));
            bed.with(PEEL).run(sealed.get(0));
            bed.verdict(sealed.get(highest));
            bed.engine().forEachUse(bed.tables::putUse);
            int late = highest - 30;
            assertThat(bed.verdict(sealed.get(late))).isEqualTo(Verdict.PEELED);
            bed.crash().with(PEEL);
            assertThat(bed.verdict(sealed.get(late))).as("highest " + highest).isEqualTo(Verdict.BELOW_CEILING);
        }
    }

    @Test
    void eroute_uses_may_be_asked_for_again_and_again() {
        StackBed bed = StackBed.threeMembers();
        bed.run(clear(2));
        bed.engine().forEachErouteUse(bed.tables::putErouteUse);
        bed.run(clear(1));
        bed.engine().forEachErouteUse(bed.tables::putErouteUse);
        assertThat(bed.tables.erouteUse(StackBed.all(Family.INET)).packets()).isEqualTo(3);
    }

    @Test
    void fresh_windows_accept_again_and_leave_nothing_behind() {
        StackBed bed = StackBed.threeMembers();
        List<byte[]> sealed = bed.protect(clear(4));
        bed.with(PEEL).run(sealed);
        bed.restart();
        int commits = bed.ledger.commits;
        bed.with(PEEL.withFreshWindows(true));
        assertThat(bed.run(sealed)).allMatch(event -> event.verdict() == Verdict.PEELED);
        assertThat(bed.verdict(sealed.get(0))).isEqualTo(Verdict.REPLAYED);
        assertThat(bed.ledger.commits).isEqualTo(commits);
        bed.restart().with(PEEL);
        assertThat(bed.run(sealed)).allMatch(event -> event.verdict() == Verdict.REPLAYED);
    }

    @Test
    void a_batch_costs_one_commit_for_all_its_numbers() {
        StackBed bed = StackBed.threeMembers();
        int before = bed.ledger.commits;
        bed.protect(clear(64));
        assertThat(bed.ledger.commits - before).isEqualTo(1);
        bed.run(clear(64));
        assertThat(bed.ledger.commits - before).as("the block lasts").isEqualTo(1);
    }

    @Test
    void numbers_never_repeat_over_crashes() {
        StackBed bed = StackBed.threeMembers();
        bed.ledger.blockSize = 64;
        Set<Integer> seen = new HashSet<>();
        for (int run = 0; run < 20; run++) {
            for (byte[] sealed : bed.protect(clear(1 + run * 7 % 100))) {
                assertThat(seen.add(sequence(sealed))).isTrue();
            }
            if (run % 3 == 0) {
                bed.restart();
            } else {
                bed.crash();
                bed.ledger.blockSize = 64;
            }
        }
    }
}
