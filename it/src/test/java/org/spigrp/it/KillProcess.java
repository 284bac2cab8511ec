package org.spigrp.it;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code ipsec} as a process of its own, killed (SIGKILL): at a random time, when so much has come out of it, or when it has
 * just begun to write into its state directory, where a kill hurts most.
 */
final class KillProcess {
    private static final int KILLED = 128 + 9;

    private final Path directory;
    private final Path cache;
    private final Random random;
    /** How long a command took when nobody killed it, in milliseconds. */
    private final Map<String, Long> usual = new HashMap<>();

    /**
     * How it ended.
     *
     * @param killed it was still at it
     * @param exit where it was not killed
     * @param out what had come out on stdout
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record End(boolean killed, int exit, byte[] out, String err) {}

    /** @param cache what {@link #record} made, if it made anything */
    KillProcess(Path directory, Path cache, Random random) {
        this.directory = directory;
        this.cache = cache;
        this.random = random;
    }

    /** What makes a start fast, as in the launcher. */
    private static List<String> java(String... more) {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-Xlog:disable",
                "-Xmx256m"));
        command.addAll(List.of(more));
        command.addAll(List.of("-cp", String.join(File.pathSeparator, product()), "org.spigrp.cli.Main"));
        return command;
    }

    /** The class path without what only tests need. */
    private static List<String> product() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.matches(".*(/(core|engine|store|cli)/|h2-mvstore|bcprov).*")
                        && !entry.matches(".*(-tests\\.jar|/test-classes)"))
                .toList();
    }

    /**
     * Records the classes that {@code words} loads, where they are in jars already (as in {@code ./check}): two hundred
     * starts are shorter for it.
     */
    void record(Path state, List<String> words) throws IOException, InterruptedException {
        if (product().stream().allMatch(entry -> entry.endsWith(".jar"))) {
            var command = new ArrayList<>(java("-XX:AOTCacheOutput=" + cache));
            command.addAll(words);
            var builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD);
            builder.environment().put("IPSEC_STATE", state.toString());
            builder.start().waitFor();
        }
    }

    private Process start(Path state, @Nullable Path in, List<String> words) throws IOException {
        List<String> command = Files.exists(cache) ? java("-XX:AOTCache=" + cache) : java();
        command.addAll(words);
        var builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().put("IPSEC_STATE", state.toString());
        builder.environment().remove("IPSEC_LEGACY");
        builder.redirectError(directory.resolve("err").toFile());
        if (in != null) {
            builder.redirectInput(in.toFile());
        }
        return builder.start();
    }

    /** Killed at a random time, which may come after its end. Its kind says how long it usually takes. */
    End killSometime(String kind, Path state, List<String> words) throws IOException, InterruptedException {
        long began = System.nanoTime();
        Process process = start(state, null, words);
        long millis = usual.getOrDefault(kind, 700L);
        boolean ended = process.waitFor((long) (millis * (0.3 + random.nextDouble())), TimeUnit.MILLISECONDS);
        if (ended) {
            usual.merge(kind, (System.nanoTime() - began) / 1_000_000, (old, now) -> (3 * old + now) / 4);
        } else {
            // nothing was learnt but that it takes longer
            usual.merge(kind, millis, (old, _) -> old + old / 50);
        }
        return end(process, new ByteArrayOutputStream());
    }

    /** Killed a few milliseconds at most behind its first write into the state directory, or at its end. */
    End killAtWrite(Path state, List<String> words) throws IOException, InterruptedException {
        List<Object> before = written(state);
        Process process = start(state, null, words);
        while (process.isAlive() && written(state).equals(before)) {
            LockSupport.parkNanos(100_000);
        }
        LockSupport.parkNanos(random.nextInt(3) * random.nextLong(8_000_000));
        return end(process, new ByteArrayOutputStream());
    }

    private static List<Object> written(Path state) throws IOException {
        var seen = new ArrayList<Object>();
        for (String name : List.of("state", "tables", "numbers")) {
            Path file = state.resolve(name);
            seen.add(Files.getLastModifiedTime(file));
            seen.add(Files.size(file));
        }
        return seen;
    }

    /** Killed when {@code octets} have come out of it, or at its end. */
    End killAfter(int octets, Path state, @Nullable Path in, List<String> words)
            throws IOException, InterruptedException {
        Process process = start(state, in, words);
        var out = new ByteArrayOutputStream();
        InputStream stream = process.getInputStream();
        byte[] buffer = new byte[4096];
        int count = 0;
        while (out.size() < octets && count >= 0) {
            count = stream.read(buffer, 0, Math.min(buffer.length, octets - out.size()));
            out.write(buffer, 0, Math.max(0, count));
        }
        return end(process, out);
    }

    private End end(Process process, ByteArrayOutputStream out) throws IOException, InterruptedException {
        // by its handle: Process itself would close the pipe, and what is in it went out on the wire already
        process.toHandle().destroyForcibly();
        out.writeBytes(process.getInputStream().readAllBytes());
        int exit = process.waitFor();
        String err = Files.readString(directory.resolve("err"));
        return new End(exit == KILLED, exit, out.toByteArray(), err);
    }

    /** Not killed. */
    End run(Path state, @Nullable Path in, List<String> words) throws IOException, InterruptedException {
        return killAfter(Integer.MAX_VALUE, state, in, words);
    }
}
