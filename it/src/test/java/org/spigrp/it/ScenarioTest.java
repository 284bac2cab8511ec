package org.spigrp.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Runs every story in {@code scenarios/*.txt}; {@link Scenario} says how they are written. */
class ScenarioTest {
    private static final Path STORIES = Path.of("src/test/resources/scenarios");

    @TempDir
    Path directory;

    @TestFactory
    Stream<DynamicTest> stories() throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(STORIES)) {
            files = found.filter(file -> file.toString().endsWith(".txt"))
                    .sorted()
                    .toList();
        }
        assertThat(files).as("stories in " + STORIES).hasSizeGreaterThan(10);
        return files.stream()
                .map(file -> DynamicTest.dynamicTest(name(file), () -> {
                    Path world = Files.createDirectory(directory.resolve(name(file)));
                    Scenario.play(file, world);
                }));
    }

    private static String name(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.length() - ".txt".length());
    }
}
