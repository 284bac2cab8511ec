package org.spigrp.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.spigrp.command.Samples;

class StoreTest {
    private static final long NOW = 1_800_000_000L;

    @TempDir
    Path temporary;

    private Path state = Path.of("");

    @BeforeEach
    void names() {
        state = temporary.resolve("a/b/state");
    }

    private Store open(Store.Mode mode) {
        return open(mode, NOW, Duration.ofSeconds(5));
    }

    private Store open(Store.Mode mode, long now, Duration patience) {
        return Store.open(
                RealDisk.INSTANCE,
                state,
                mode,
                new Random(1),
                InstantSource.fixed(Instant.ofEpochSecond(now)),
                patience);
    }

    private void addOne(int spi) {
        try (Store store = open(Store.Mode.WRITE)) {
            store.tables().putSa(Samples.esp(spi).withRef(spi), List.of());
            store.tables().commit();
        }
    }

    private String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void reading_creates_nothing_and_finds_empty_tables() {
        try (Store store = open(Store.Mode.READ)) {
            assertThat(store.tables().saCount()).isZero();
            assertThat(store.tables().sas()).isEmpty();
            assertThat(store.tables().attachments()).hasSize(3);
            assertThat(store.notices()).isEmpty();
            assertThat(store.fingerprints().of(Samples.esp(1))).hasSize(2);
            assertThat(store.ledger().numbersOf(Samples.esp(1)).sentUpTo()).isZero();
        }
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void an_empty_directory_reads_as_empty_and_stays_empty() throws IOException {
        Files.createDirectories(state);
        try (Store store = open(Store.Mode.READ)) {
            assertThat(store.tables().saCount()).isZero();
        }
        assertThat(state).isEmptyDirectory();
    }

    @Test
    void a_reader_cannot_change() {
        addOne(0x1001);
        try (Store store = open(Store.Mode.READ)) {
            assertThat(store.tables().saCount()).isEqualTo(1);
            assertThatThrownBy(() -> store.tables().clearSas()).isInstanceOf(IllegalStateException.class);
        }
    }

    /** The live stack runs as a user of its own; root's commands work on the same directory while it is down. */
    @Test
    void what_root_makes_in_the_directory_of_another_is_that_others() throws IOException {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root can give files away");
        int owner = 65_534;
        Files.createDirectories(state);
        Files.setAttribute(state, "unix:gid", owner);
        Files.setAttribute(state, "unix:uid", owner);
        addOne(0x1001);
        addOne(0x1002);
        try (Stream<Path> files = Files.list(state)) {
            assertThat(files.toList())
                    .hasSizeGreaterThanOrEqualTo(4)
                    .allSatisfy(file -> assertThat(
                                    List.of(Files.getAttribute(file, "unix:uid"), Files.getAttribute(file, "unix:gid")))
                            .as(file.toString())
                            .containsExactly(owner, owner));
        }
    }

    @Test
    void everything_is_of_the_owner_alone() throws IOException {
        addOne(0x1001);
        try (Store store = open(Store.Mode.WRITE)) {
            store.ledger().numbersOf(Samples.esp(0x1001)).stageBlock();
            assertThat(store.ledger().commit()).isTrue();
        }
        assertThat(mode(state)).isEqualTo("rwx------");
        try (Stream<Path> files = Files.list(state)) {
            assertThat(files.toList())
                    .hasSizeGreaterThanOrEqualTo(5)
                    .allSatisfy(
                            file -> assertThat(mode(file)).as(file.toString()).isEqualTo("rw-------"));
        }
    }

    @Test
    void everything_is_of_the_owner_alone_also_where_the_umask_forbids_nothing() throws Exception {
        Process process = new ProcessBuilder(
                        "sh",
                        "-c",
                        "umask 000; exec \"$@\"",
                        "sh",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Creator.class.getName(),
                        state.toString())
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isZero();
        assertThat(mode(state)).isEqualTo("rwx------");
        try (Stream<Path> files = Files.list(state)) {
            assertThat(files.toList())
                    .hasSizeGreaterThanOrEqualTo(5)
                    .allSatisfy(
                            file -> assertThat(mode(file)).as(file.toString()).isEqualTo("rw-------"));
        }
    }

    /** The process with that umask. */
    static final class Creator {
        private Creator() {}

        public static void main(String[] args) {
            try (Store store = Store.open(Path.of(args[0]), Store.Mode.WRITE, new Random(1), InstantSource.system())) {
                store.tables().putSa(Samples.esp(0x1001).withRef(1), List.of());
                store.tables().commit();
            }
        }
    }

    @Test
    void a_directory_and_files_that_were_opened_to_others_are_closed_and_that_is_said() throws IOException {
        addOne(0x1001);
        Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(
                state.resolve(StateDirectory.TABLES), PosixFilePermissions.fromString("rw-r-----"));
        try (Store store = open(Store.Mode.READ)) {
            assertThat(store.notices()).singleElement().asString().contains(state.toString(), "rwxr-xr-x", "chmod");
        }
        assertThat(mode(state)).as("a reader mends nothing").isEqualTo("rwxr-xr-x");
        try (Store store = open(Store.Mode.WRITE)) {
            assertThat(store.notices()).hasSize(2);
            assertThat(store.notices().getFirst()).contains(state.toString(), "rwxr-xr-x");
            assertThat(store.notices().getLast()).contains("tables", "rw-r-----");
        }
        assertThat(mode(state)).isEqualTo("rwx------");
        assertThat(mode(state.resolve(StateDirectory.TABLES))).isEqualTo("rw-------");
    }

    @Test
    void an_empty_directory_open_to_others_is_closed_and_one_in_use_by_others_is_refused() throws IOException {
        Files.createDirectories(state);
        Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwxrwxrwx"));
        addOne(0x1001);
        assertThat(mode(state)).isEqualTo("rwx------");

        state = Files.createDirectory(temporary.resolve("shared"));
        Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.writeString(state.resolve("letter.txt"), "not ours");
        assertThatThrownBy(() -> open(Store.Mode.WRITE))
                .isInstanceOf(StoreTrouble.class)
                .hasMessageContaining(state.toString())
                .hasMessageContaining("rwxrwxrwx");
        assertThat(state).isDirectoryContaining("glob:**letter.txt");
        assertThat(mode(state)).isEqualTo("rwxrwxrwx");
    }

    @Test
    void a_second_command_is_told_who_is_at_it() {
        try (Store first = open(Store.Mode.WRITE)) {
            assertThat(first.tables().saCount()).isZero();
            assertThatThrownBy(() -> open(Store.Mode.WRITE, NOW, Duration.ZERO))
                    .isInstanceOf(StoreTrouble.class)
                    .hasMessageContaining(state.toString())
                    .hasMessageContaining("process " + ProcessHandle.current().pid());
        }
        addOne(0x1001);
    }

    @Test
    void a_second_command_waits_for_its_turn() throws Exception {
        Store first = open(Store.Mode.WRITE);
        var started = new CountDownLatch(1);
        var counts = new java.util.concurrent.LinkedBlockingQueue<Integer>();
        Thread second = Thread.ofPlatform().start(() -> {
            started.countDown();
            try (Store store = open(Store.Mode.WRITE, NOW, Duration.ofMinutes(2))) {
                counts.add(store.tables().saCount());
            }
        });
        assertThat(started.await(60, TimeUnit.SECONDS)).isTrue();
        first.tables().putSa(Samples.esp(0x1001).withRef(1), List.of());
        first.tables().commit();
        first.close();
        assertThat(counts.poll(60, TimeUnit.SECONDS)).isEqualTo(1);
        second.join();
    }

    @Test
    void a_command_of_another_process_is_waited_for_and_named() throws Exception {
        addOne(0x1001);
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        LockHolder.class.getName(),
                        state.resolve(StateDirectory.LOCK).toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(other.getInputStream().read()).as("it has the lock").isEqualTo('L');
            assertThatThrownBy(() -> open(Store.Mode.READ, NOW, Duration.ofMillis(30)))
                    .isInstanceOf(StoreTrouble.class)
                    .hasMessageContaining("process " + other.pid());
            var counts = new java.util.concurrent.LinkedBlockingQueue<Integer>();
            Thread waiting = Thread.ofPlatform().start(() -> {
                try (Store store = open(Store.Mode.READ, NOW, Duration.ofMinutes(2))) {
                    counts.add(store.tables().saCount());
                }
            });
            other.destroyForcibly().waitFor();
            assertThat(counts.poll(60, TimeUnit.SECONDS)).isEqualTo(1);
            waiting.join();
        } finally {
            other.destroyForcibly();
        }
    }

    /** The other process. */
    static final class LockHolder {
        private LockHolder() {}

        public static void main(String[] args) throws IOException {
            StateLock lock = StateLock.take(Path.of(args[0]), false, Duration.ofSeconds(60));
            System.out.print("L");
            System.out.flush();
            while (System.in.read() >= 0) {
                // until it is killed
            }
            lock.close();
        }
    }

    @Test
    void a_directory_of_a_newer_version_is_refused_naming_both() throws IOException {
        addOne(0x1001);
        Path file = state.resolve(StateDirectory.STATE);
        byte[] newer = Files.readAllBytes(file);
        newer[11] = 2;
        var crc = new CRC32C();
        crc.update(newer, 0, 12);
        ByteBuffer.wrap(newer).putInt(12, (int) crc.getValue());
        Files.write(file, newer);
        for (Store.Mode mode : Store.Mode.values()) {
            assertThatThrownBy(() -> open(mode))
                    .isInstanceOf(StoreTrouble.class)
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining("format 2")
                    .hasMessageContaining("format 1");
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(newer);
    }

    @Test
    void a_damaged_or_missing_file_is_refused_and_nothing_is_written() throws IOException {
        addOne(0x1001);
        for (String name :
                List.of(StateDirectory.STATE, StateDirectory.TABLES, Ledger.JOURNAL, StateDirectory.SECRET)) {
            Path file = state.resolve(name);
            byte[] whole = Files.readAllBytes(file);
            byte[] damaged = whole.clone();
            for (int at = 0; at < Math.min(damaged.length, 12_000); at++) {
                damaged[at] ^= 0x55;
            }
            Files.write(file, damaged);
            assertRefused(name);
            assertThat(Files.readAllBytes(file)).isEqualTo(damaged);
            Files.write(file, new byte[0]);
            assertRefused(name);
            assertThat(file).isEmptyFile();
            Files.delete(file);
            assertRefused(name);
            Files.write(file, whole);
        }
        try (Store store = open(Store.Mode.WRITE)) {
            assertThat(store.tables().saCount()).isEqualTo(1);
        }
    }

    private void assertRefused(String name) {
        assertThatThrownBy(() -> {
                    try (Store store = open(Store.Mode.WRITE)) {
                        store.ledger().numbersOf(Samples.esp(0x1001));
                    }
                })
                .as(name)
                .isInstanceOf(StoreTrouble.class)
                .hasMessageContaining(state.toString())
                .satisfies(trouble -> assertThat(trouble.getMessage()).doesNotContain("\n"));
    }

    @Test
    void a_first_start_that_was_killed_anywhere_begins_again() throws IOException {
        addOne(0x1001);
        List<String> order = List.of(StateDirectory.SECRET, Ledger.JOURNAL, StateDirectory.TABLES);
        Path whole = state;
        try (Store store = open(Store.Mode.WRITE)) {
            store.tables().clearSas();
            store.tables().commit();
        }
        for (int done = 0; done <= order.size(); done++) {
            state = temporary.resolve("begun" + done);
            Files.createDirectory(
                    state, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Files.createFile(state.resolve(StateDirectory.LOCK));
            for (String name : order.subList(0, done)) {
                if (!name.equals(StateDirectory.TABLES)) {
                    Files.copy(whole.resolve(name), state.resolve(name));
                } else {
                    TablesStore.create(RealDisk.INSTANCE, state.resolve(name), MvTables.NAMES, NOW);
                }
            }
            try (Store store = open(Store.Mode.READ)) {
                assertThat(store.tables().saCount()).isZero();
            }
            addOne(0x1002);
            try (Store store = open(Store.Mode.READ)) {
                assertThat(store.tables().saCount()).isEqualTo(1);
            }
        }
    }

    @Test
    void a_path_that_cannot_be_a_directory_is_named() throws IOException {
        Path file = Files.createFile(temporary.resolve("plain"));
        state = file;
        assertThatThrownBy(() -> open(Store.Mode.WRITE))
                .isInstanceOf(StoreTrouble.class)
                .hasMessageContaining(file.toString());
        state = file.resolve("below");
        assertThatThrownBy(() -> open(Store.Mode.WRITE))
                .isInstanceOf(StoreTrouble.class)
                .hasMessageContaining(state.toString());
    }

    @Test
    void a_clock_set_back_is_said_and_harms_nothing() {
        addOne(0x1001);
        try (Store store = open(Store.Mode.WRITE, NOW - 3600, Duration.ofSeconds(5))) {
            assertThat(store.notices()).singleElement().asString().contains("3600 seconds");
            store.tables().putSa(Samples.esp(0x1002).withRef(2), List.of());
            store.tables().commit();
        }
        try (Store store = open(Store.Mode.READ, NOW - 3600, Duration.ofSeconds(5))) {
            assertThat(store.tables().saCount()).isEqualTo(2);
            assertThat(store.notices()).isEmpty();
        }
    }

    @Test
    void a_change_that_was_never_acknowledged_is_gone_for_readers_too() throws IOException {
        addOne(0x1001);
        byte[] before = Files.readAllBytes(state.resolve(StateDirectory.STATE));
        addOne(0x1002);
        // as if the process had been killed between writing the tables and acknowledging them
        Files.write(state.resolve(StateDirectory.STATE), before);
        try (Store store = open(Store.Mode.READ)) {
            assertThat(store.tables().sas()).extracting(sa -> sa.said().spi()).containsExactly(0x1001);
        }
        addOne(0x1003);
        try (Store store = open(Store.Mode.WRITE)) {
            assertThat(store.tables().sas()).extracting(sa -> sa.said().spi()).containsExactly(0x1001, 0x1003);
        }
    }
}
