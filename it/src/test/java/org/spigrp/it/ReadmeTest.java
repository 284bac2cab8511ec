package org.spigrp.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows runs as it stands. */
class ReadmeTest {
    private static final Path ROOT = Path.of("..");

    @TempDir
    private Path directory;

    @Test
    void the_java_example_of_the_readme_protects_the_sample_capture() throws IOException, InterruptedException {
        Matcher example = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(ROOT.resolve("README.md")));
        assertThat(example.find()).as("a block of Java in the README").isTrue();
        Path source = directory.resolve("Example.java");
        Files.writeString(source, example.group(1));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.io.tmpdir=" + directory,
                        "-cp",
                        System.getProperty("java.class.path"),
                        source.toString())
                .directory(ROOT.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("out").toFile())
                .start();
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(Files.readString(directory.resolve("out"))).contains("Done", "{PROTECTED=4631}");
        assertThat(process.exitValue()).isZero();
    }
}
