package org.spigrp.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Runs every story in {@code scenarios/*.txt}; {@link Scenario} says how they are written. */
class ScenarioTest {
    private static final Path STORIES = Path.of("src/test/resources/scenarios");

    @TempDir
    Path directory;

    /** Of these no daemon can be part: they damage the state, or want it for themselves. */
    private static final Set<String> WITHOUT_DAEMON = Set.of("bad-state", "manual-examples-with-packets");

    @TestFactory
    Stream<DynamicTest> stories() throws IOException {
        return stories("", _ -> true, Scenario::play);
    }

    @TestFactory
    Stream<DynamicTest> stories_with_a_daemon() throws IOException {
        return stories("daemon ", name -> !WITHOUT_DAEMON.contains(name), Scenario::playWithDaemon);
    }

    private interface Player {
        void play(Path file, Path world) throws IOException;
    }

    private Stream<DynamicTest> stories(String prefix, Predicate<String> wanted, Player player) throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(STORIES)) {
            files = found.filter(file -> file.toString().endsWith(".txt"))
                    .sorted()
                    .toList();
        }
        assertThat(files).as("stories in " + STORIES).hasSizeGreaterThan(10);
        return files.stream()
                .filter(file -> wanted.test(name(file)))
                .map(file -> DynamicTest.dynamicTest(prefix + name(file), () -> {
                    Path world = Files.createDirectory(directory.resolve(name(file)));
                    player.play(file, world);
                }));
    }

    private static String name(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.length() - ".txt".length());
    }
}
