package org.spigrp.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.spigrp.store.LedgerFixture.gcm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.spigrp.sa.NumberLedger.Numbers;

/**
 * Against a slow twin that writes down every single number sent and every number accepted: through kills, power losses,
 * full disks, clean ends, compactions, and SAs that come and go.
 */
class LedgerTwinTest {
    private static final int SAS = 4;

    private final Set<List<Long>> sent = new HashSet<>();
    private final Set<List<Long>> accepted = new HashSet<>();
    private final Set<List<Integer>> epochs = new HashSet<>();

    /** One SA as an engine has it in one run. */
    private static final class Run {
        final int spi;
        final Numbers numbers;
        final long floor;
        long lastSent;
        long grantedTo;
        long ceiling;
        long highest;

        Run(int spi, Numbers numbers) {
            this.spi = spi;
            this.numbers = numbers;
            lastSent = numbers.sentUpTo();
            grantedTo = lastSent;
            floor = numbers.ceiling();
            ceiling = floor;
            highest = floor;
        }
    }

    @RepeatedTest(200)
    void nothing_is_ever_sent_or_accepted_twice(RepetitionInfo repetition) {
        long seed = 77_000L + repetition.getCurrentRepetition();
        var random = new Random(seed);
        MemoryDisk disk = LedgerFixture.newDisk(random);
        for (int process = 0; process < 12; process++) {
            disk = oneProcess(disk, random, "seed " + seed + ", process " + process);
        }
    }

    private MemoryDisk oneProcess(MemoryDisk disk, Random random, String when) {
        Ledger ledger = LedgerFixture.open(disk, drawsFromFew(random), new ArrayList<>(), random.nextInt(2000));
        Map<Integer, Run> runs = new HashMap<>();
        try {
            int rounds = random.nextInt(12);
            boolean killed = random.nextInt(3) != 0;
            if (killed) {
                disk.stepsToLive = 1 + random.nextInt(40);
            }
            for (int round = 0; round < rounds; round++) {
                disk.room = random.nextInt(4) == 0 ? random.nextInt(200) : Long.MAX_VALUE;
                disk.forceFails = random.nextInt(25) == 0;
                oneBatch(ledger, runs, random, when);
            }
            disk.room = Long.MAX_VALUE;
            disk.forceFails = false;
            if (random.nextBoolean()) {
                for (Run run : runs.values()) {
                    run.numbers.stageExact(run.lastSent, run.highest);
                }
                ledger.commit();
            }
            ledger.close();
        } catch (MemoryDisk.Killed e) {
            // goes on below, as another process
        } catch (StoreTrouble e) {
            // no room to mend what the last one left: the command said so and ended
            assertThat(disk.room != Long.MAX_VALUE || disk.forceFails)
                    .as(when + ": " + e.say())
                    .isTrue();
        }
        return random.nextInt(3) == 0 ? disk.afterPowerLoss(random) : disk.afterKill();
    }

    /** So few that a repeat would show at once. */
    private static Random drawsFromFew(Random random) {
        return new Random(random.nextLong()) {
            private static final long serialVersionUID = 1;

            @Override
            public int nextInt() {
                return nextInt(2000);
            }
        };
    }

    private void oneBatch(Ledger ledger, Map<Integer, Run> runs, Random random, String when) {
        int spi = 0x1000 + random.nextInt(SAS);
        if (random.nextInt(10) == 0) {
            // deleted and added again in this process: an engine begins a new state from the same ledger
            Run old = runs.remove(spi);
            if (old != null && random.nextBoolean()) {
                old.numbers.stageExact(old.lastSent, old.highest);
                ledger.commit();
            }
        }
        Run run = runs.computeIfAbsent(spi, s -> new Run(s, ledger.numbersOf(gcm(s))));
        if (random.nextBoolean()) {
            send(ledger, run, random, when);
        } else {
            receive(ledger, run, random, when);
        }
    }

    private void send(Ledger ledger, Run run, Random random, String when) {
        int epoch = run.numbers.stageEpoch();
        boolean needsBlock = run.lastSent == run.grantedTo || random.nextInt(3) == 0;
        long end = needsBlock ? run.numbers.stageBlock() : run.grantedTo;
        boolean durable = ledger.commit();
        if (!durable) {
            if (needsBlock) {
                run.lastSent = end;
                run.grantedTo = end;
            }
            return;
        }
        run.grantedTo = end;
        assertThat(epochs.add(List.of(run.spi, epoch)))
                .as("%s: epoch %d of 0x%x is new", when, epoch, run.spi)
                .isTrue();
        for (int i = random.nextInt(5); i > 0 && run.lastSent < run.grantedTo; i--) {
            run.lastSent++;
            assertThat(sent.add(List.of((long) run.spi, run.lastSent)))
                    .as("%s: number %d of 0x%x is new", when, run.lastSent, run.spi)
                    .isTrue();
        }
        if (random.nextInt(4) == 0) {
            run.lastSent = run.grantedTo;
        }
    }

    /** The attacker offers old numbers as well; what lies above the floor and was not accepted in this run passes. */
    private void receive(Ledger ledger, Run run, Random random, String when) {
        long offered = random.nextBoolean() ? run.highest + 1 + random.nextInt(100) : 1L + random.nextInt(500);
        if (offered <= run.highest) {
            return;
        }
        if (offered > run.ceiling) {
            long wanted = offered + random.nextInt(64);
            run.numbers.stageCeiling(wanted);
            if (!ledger.commit()) {
                return;
            }
            run.ceiling = wanted;
        }
        assertThat(accepted.add(List.of((long) run.spi, offered)))
                .as("%s: number %d of 0x%x was not accepted before", when, offered, run.spi)
                .isTrue();
        run.highest = offered;
    }
}
