package org.spigrp.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.spigrp.command.NotDurable;
import org.spigrp.command.Samples;
import org.spigrp.command.Tables;
import org.spigrp.sa.Group;
import org.spigrp.sa.SecurityAssociation;

/** Kills, power losses and full disks under the tables: what was acknowledged is there, and nothing half. */
class TablesCrashTest {
    private static final Path STATE = Path.of("/state/state");
    private static final Path TABLES = Path.of("/state/tables");

    /** The tables as one process has them. */
    private record Command(Acknowledged acknowledged, TablesStore file, MvTables tables) {
        static Command start(MemoryDisk disk) {
            Acknowledged acknowledged = Acknowledged.open(disk, STATE, true);
            TablesStore file = TablesStore.open(disk, TABLES, false, acknowledged);
            return new Command(acknowledged, file, new MvTables(file, false, () -> 1_800_000_000L));
        }

        void end() {
            file.close();
        }
    }

    private static MemoryDisk newDisk() {
        var disk = new MemoryDisk();
        try {
            Acknowledged.create(disk, STATE, TablesStore.create(disk, TABLES, MvTables.NAMES, 0));
            disk.forceDirectory(STATE.getRoot());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return disk;
    }

    /** One command: some pairs of SAs, each with its group, or the deletion of some. */
    private static List<Integer> change(Tables tables, List<Integer> before, Random random) {
        var after = new ArrayList<>(before);
        int count = 1 + random.nextInt(random.nextInt(8) == 0 ? 200 : 4);
        for (int i = 0; i < count; i++) {
            if (!after.isEmpty() && random.nextInt(3) == 0) {
                Integer spi = after.get(random.nextInt(after.size()));
                after.remove((Object) spi);
                tables.removeGroup(Samples.tun(spi).said());
                tables.removeSa(Samples.tun(spi).said());
                tables.removeSa(Samples.esp(spi).said());
            } else {
                int spi = 0x1000 + random.nextInt(1_000_000);
                if (!after.contains(spi)) {
                    after.add(spi);
                    tables.putSa(Samples.tun(spi).withRef(tables.nextRef()), List.of());
                    tables.putSa(Samples.esp(spi).withRef(tables.nextRef()), List.of("key " + spi));
                    tables.putGroup(new Group(
                            List.of(Samples.tun(spi).said(), Samples.esp(spi).said()), null));
                }
            }
        }
        return after;
    }

    private static List<Integer> content(Tables tables, String when) {
        var spis = new ArrayList<Integer>();
        for (Group group : tables.groups()) {
            int spi = group.first().spi();
            spis.add(spi);
            SecurityAssociation esp = tables.sa(group.outermost());
            assertThat(esp).as(when).isNotNull();
            assertThat(esp.transform()).as(when).isEqualTo(Samples.esp(spi).transform());
            assertThat(tables.saidsWithKey("key " + spi)).as(when).containsExactly(group.outermost());
            assertThat(tables.groupOf(group.outermost())).as(when).isEqualTo(group);
        }
        assertThat(tables.saCount()).as(when).isEqualTo(2 * spis.size());
        return spis;
    }

    @RepeatedTest(60)
    void after_any_kill_or_power_loss_the_last_acknowledged_change_is_there_and_no_half_one(RepetitionInfo repetition) {
        long seed = 4200L + repetition.getCurrentRepetition();
        var random = new Random(seed);
        MemoryDisk disk = newDisk();
        List<Integer> acknowledged = List.of();
        for (int process = 0; process < 10; process++) {
            String when = "seed " + seed + ", process " + process;
            List<Integer> attempted = acknowledged;
            try {
                disk.stepsToLive = random.nextInt(3) == 0 ? Integer.MAX_VALUE : 1 + random.nextInt(30);
                Command running = Command.start(disk);
                assertThat(content(running.tables(), when)).as(when).isEqualTo(acknowledged);
                for (int i = random.nextInt(6); i >= 0; i--) {
                    attempted = change(running.tables(), acknowledged, random);
                    if (random.nextInt(5) == 0) {
                        running.tables().rollback();
                    } else {
                        running.tables().commit();
                        acknowledged = attempted;
                    }
                }
                running.end();
            } catch (MemoryDisk.Killed | NotDurable | StoreTrouble e) {
                // MVStore wraps the kill of our disk; the process is gone in any case
                assertThat(disk.stepsToLive).as(when + ": " + e).isZero();
            }
            disk = random.nextBoolean() ? disk.afterKill() : disk.afterPowerLoss(random);
            Command after = Command.start(disk);
            List<Integer> found = content(after.tables(), when);
            if (!found.equals(acknowledged)) {
                assertThat(found)
                        .as(when + ": all of the unacknowledged change")
                        .isEqualTo(attempted);
                acknowledged = attempted;
            }
            after.end();
        }
    }

    @Test
    void on_a_full_disk_a_change_is_refused_whole_and_the_tables_go_on() {
        var random = new Random(3);
        MemoryDisk disk = newDisk();
        Command running = Command.start(disk);
        List<Integer> acknowledged = change(running.tables(), List.of(), random);
        running.tables().commit();
        for (int room = 0; room < 4096; room += 300) {
            disk.room = room;
            change(running.tables(), acknowledged, random);
            assertThatThrownBy(() -> running.tables().commit())
                    .as("room for %d octets", room)
                    .isInstanceOf(NotDurable.class)
                    .hasMessageContaining("no space left");
            disk.room = Long.MAX_VALUE;
            assertThat(content(running.tables(), "room for " + room)).isEqualTo(acknowledged);
            acknowledged = change(running.tables(), acknowledged, random);
            running.tables().commit();
        }
        assertThat(content(Command.start(disk.afterKill()).tables(), "reopened"))
                .isEqualTo(acknowledged);
    }

    @Test
    void a_failed_force_refuses_the_change() {
        MemoryDisk disk = newDisk();
        Command running = Command.start(disk);
        List<Integer> acknowledged = change(running.tables(), List.of(), new Random(4));
        running.tables().commit();
        disk.forceFails = true;
        change(running.tables(), acknowledged, new Random(5));
        // what cannot be forced cannot be undone durably either: the command may end, but not go on as if it were done
        Throwable refused = catchThrowable(() -> running.tables().commit());
        assertThat(refused).isInstanceOfAny(NotDurable.class, StoreTrouble.class);
        disk.forceFails = false;
        assertThat(content(Command.start(disk.afterKill()).tables(), "reopened"))
                .isEqualTo(acknowledged);
    }

    @Test
    void a_file_cut_or_changed_anywhere_is_refused_or_whole_and_never_written() {
        var random = new Random(6);
        MemoryDisk disk = newDisk();
        Command running = Command.start(disk);
        List<Integer> acknowledged = change(running.tables(), List.of(), random);
        running.tables().commit();
        acknowledged = change(running.tables(), acknowledged, random);
        running.tables().commit();
        running.end();
        byte[] whole = disk.octets(TABLES);
        for (int i = 0; i < 400; i++) {
            byte[] damaged = whole.clone();
            if (i % 4 == 0) {
                damaged = Arrays.copyOf(whole, random.nextInt(whole.length));
            } else {
                damaged[random.nextInt(whole.length)] ^= (byte) (1 + random.nextInt(255));
            }
            MemoryDisk on = disk.afterKill();
            on.put(TABLES, damaged);
            String when = "damage " + i;
            try {
                assertThat(content(readOnly(on), when)).as(when).isEqualTo(acknowledged);
            } catch (StoreTrouble e) {
                assertThat(e.say()).as(when).contains("/state/tables").doesNotContain("\n");
            }
            assertThat(on.octets(TABLES)).as(when).isEqualTo(damaged);
        }
    }

    private static Tables readOnly(MemoryDisk disk) {
        Acknowledged acknowledged = Acknowledged.open(disk, STATE, false);
        TablesStore file = TablesStore.open(disk, TABLES, true, acknowledged);
        return new MvTables(file, true, () -> 0);
    }

    @Test
    void the_file_does_not_grow_without_end() {
        var random = new Random(7);
        MemoryDisk disk = newDisk();
        List<Integer> content = List.of();
        int largest = 0;
        for (int process = 0; process < 400; process++) {
            Command running = Command.start(disk);
            content = change(running.tables(), content, random);
            while (content.size() > 200) {
                int spi = content.removeFirst();
                running.tables().removeGroup(Samples.tun(spi).said());
                running.tables().removeSa(Samples.tun(spi).said());
                running.tables().removeSa(Samples.esp(spi).said());
            }
            running.tables().commit();
            running.end();
            if (process == 200) {
                largest = disk.octets(TABLES).length;
            }
        }
        assertThat(disk.octets(TABLES).length).isLessThan(2 * largest);
    }
}
