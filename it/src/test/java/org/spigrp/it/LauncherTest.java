package org.spigrp.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./ipsec} of this checkout, as a shell user starts it. */
class LauncherTest {
    private static final Path CHECKOUT = Path.of(System.getProperty("spigrp.checkout"));

    @TempDir
    Path directory;

    private record Ran(int exit, String out, String err) {}

    /** The first use builds; what it says then is nobody's output in the tests below. */
    @BeforeAll
    static void build(@TempDir Path directory) throws Exception {
        Ran ran = run(directory, Map.of(), List.of(CHECKOUT.resolve("ipsec").toString(), "--version"));
        assertThat(ran.exit).as("first use: %s", ran.err).isZero();
    }

    @Test
    void prints_the_version_and_nothing_else() throws Exception {
        Ran ran = ipsec("--version");
        assertThat(ran.out).contains("spigrp");
        assertThat(ran.err).isEmpty();
        assertThat(ran.exit).isZero();
    }

    /** With AOTMode=on the JVM refuses to start where it would else quietly start without the recording. */
    @Test
    void starts_from_the_recorded_training_run() throws Exception {
        var strict = Map.of("IPSEC_JAVA_OPTS", "-XX:AOTMode=on");
        for (String command : List.of("--version", "pcap", "-f")) {
            Ran ran = run(directory, strict, List.of(CHECKOUT.resolve("ipsec").toString(), command, "--help"));
            assertThat(ran.out + ran.err).as(command).doesNotContain("AOT").isNotEmpty();
        }
        Ran live = run(directory, strict, List.of(CHECKOUT.resolve("ipsec").toString(), "run", "--no-such-option"));
        assertThat(live.out + live.err).as("run").doesNotContain("AOT").contains("there is no option");
        Ran wrong = run(
                directory,
                Map.of("IPSEC_JAVA_OPTS", "-XX:AOTMode=on -XX:+UseParallelGC"),
                List.of(CHECKOUT.resolve("ipsec").toString(), "--version"));
        assertThat(wrong.exit).as("other flags than the recording's").isNotZero();
    }

    /**
     * A class that comes from a jar, or is made while the program runs (by a pattern switch, a record's equals), costs
     * more than a hundred from the recording. If this fails, see which class it is, and add a command to
     * cli/training/commands.txt or write the place plainly.
     */
    @Test
    void lists_groups_with_recorded_classes_alone() throws Exception {
        assertThat(ipsec("spi", "--said", "tun0x1000@192.0.2.2", "--src", "192.0.2.1", "--dst", "192.0.2.2", "--ip4")
                        .exit)
                .isZero();
        Path log = directory.resolve("classes");
        Ran ran = run(
                directory,
                Map.of("IPSEC_JAVA_OPTS", "-Xlog:class+load:file=" + log),
                List.of(CHECKOUT.resolve("ipsec").toString(), "spigrp"));
        assertThat(ran.out).isEqualTo("tun0x1000@192.0.2.2 \n");
        List<String> classes = Files.readAllLines(log);
        assertThat(classes).as("classes loaded").hasSizeGreaterThan(100);
        assertThat(classes)
                .filteredOn(line -> !line.contains("shared objects file"))
                .isEmpty();
    }

    @Test
    void works_through_a_link_from_another_directory() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("a link"), CHECKOUT.resolve("ipsec"));
        Ran ran = run(directory, Map.of(), List.of("./" + link.getFileName(), "--version"));
        Files.delete(link);
        assertThat(ran).isEqualTo(ipsec("--version"));
    }

    @Test
    void passes_the_exit_code_and_the_arguments_as_they_are() throws Exception {
        String odd = "no such * \"command\" $HOME 'é";
        Ran ran = ipsec(odd, "", "-x");
        assertThat(ran.exit).isNotZero();
        assertThat(ran.err).contains(odd);
        assertThat(ran.out).isEmpty();
    }

    /** A copy in a directory with a blank: two first users build it once; a changed source builds it again. */
    @Test
    void builds_once_for_two_first_users_and_again_after_a_change() throws Exception {
        Path copy = copyOfTheSources();
        var line = List.of(copy.resolve("ipsec").toString(), "--version");
        Path other = Files.createDirectory(directory.resolve("other"));
        List<Ran> first;
        try (var users = Executors.newFixedThreadPool(2)) {
            Future<Ran> one = users.submit(() -> run(directory, Map.of(), line));
            Future<Ran> two = users.submit(() -> run(other, Map.of(), line));
            first = List.of(one.get(), two.get());
        }
        assertThat(first).allSatisfy(ran -> {
            assertThat(ran.exit).as(ran.err).isZero();
            assertThat(ran.out).isEqualTo(first.getFirst().out);
        });
        assertThat(first)
                .filteredOn(ran -> ran.err.contains("building on first use"))
                .hasSize(1);
        assertThat(run(directory, Map.of(), line).err).isEmpty();

        Path source = copy.resolve("cli/src/main/java/module-info.java");
        Files.writeString(source, Files.readString(source) + "// changed\n");
        // Not by waiting: the file systems' clocks may tick once in several milliseconds.
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(5)));
        Ran changed = run(directory, Map.of("IPSEC_JAVA_OPTS", "-XX:AOTMode=on"), line);
        assertThat(changed.err).contains("building again");
        assertThat(changed.out).isEqualTo(first.getFirst().out);
        assertThat(run(directory, Map.of(), line).err).isEmpty();
    }

    private Path copyOfTheSources() throws IOException {
        Path copy = Files.createDirectory(directory.resolve("a copy"));
        for (String name : List.of(
                "ipsec",
                "pom.xml",
                ".mvn",
                "core",
                "engine",
                "store",
                "linux",
                "cli",
                "daemon",
                "it/pom.xml",
                "bench/pom.xml")) {
            try (var files = Files.walk(CHECKOUT.resolve(name))) {
                for (Path file : (Iterable<Path>) files::iterator) {
                    String relative = CHECKOUT.relativize(file).toString();
                    if (Files.isRegularFile(file)
                            && !relative.matches("[a-z]+/(target|src/test|\\.cifuzz-corpus)/.*")) {
                        Files.createDirectories(copy.resolve(relative).getParent());
                        Files.copy(file, copy.resolve(relative), StandardCopyOption.COPY_ATTRIBUTES);
                    }
                }
            }
        }
        return copy;
    }

    private Ran ipsec(String... arguments) throws Exception {
        var line = new ArrayList<String>();
        line.add(CHECKOUT.resolve("ipsec").toString());
        line.addAll(List.of(arguments));
        return run(directory, Map.of(), line);
    }

    private static Ran run(Path directory, Map<String, String> environment, List<String> line)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile(directory, "out", "");
        Path err = Files.createTempFile(directory, "err", "");
        var builder = new ProcessBuilder(line)
                .directory(directory.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("IPSEC_STATE", directory.resolve("state").toString());
        builder.environment().remove("IPSEC_JAVA_OPTS");
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().putAll(environment);
        int exit = builder.start().waitFor();
        return new Ran(
                exit, Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
    }
}
