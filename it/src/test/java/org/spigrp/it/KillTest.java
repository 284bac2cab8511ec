package org.spigrp.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * kill -9 at random points. 200 kills; {@code -Dspigrp.kills=N} for others, {@code -Dspigrp.long=true} for 1,000.
 * {@code -Dspigrp.seed=N} repeats the choices; where in its work a process was hit no seed can repeat.
 */
class KillTest {
    private static final int WORLDS = 2;

    @TempDir
    Path temporary;

    private static int kills() {
        return Integer.getInteger("spigrp.kills", Boolean.getBoolean("spigrp.long") ? 1000 : 200);
    }

    @Test
    void nothing_is_sent_or_accepted_twice_and_no_acknowledged_change_is_lost() throws Exception {
        long seed = Long.getLong("spigrp.seed", new Random().nextLong(1_000_000_000));
        Path cache = temporary.resolve("classes.aot");
        new KillWorld("training", seed, Files.createDirectory(temporary.resolve("training")), cache).train();
        var left = new AtomicInteger(kills());
        var counts = new TreeMap<String, Integer>();
        try (var threads = Executors.newFixedThreadPool(WORLDS)) {
            List<Callable<KillWorld>> lives = new ArrayList<>();
            for (int i = 0; i < WORLDS; i++) {
                String name = "world " + i;
                long worldSeed = seed + i;
                Path directory = Files.createDirectory(temporary.resolve("world" + i));
                lives.add(() -> live(name, worldSeed, directory, cache, left));
            }
            for (Future<KillWorld> life : threads.invokeAll(lives)) {
                life.get().counts.forEach((what, count) -> counts.merge(what, count, Integer::sum));
            }
        }
        System.out.println("kill -9, seed " + seed + ":");
        counts.forEach((what, count) -> System.out.printf("  %7d %s%n", count, what));
        assertThat(counts.get("kills")).as("seed %d", seed).isGreaterThanOrEqualTo(kills());
        // or the judges had nothing to judge
        assertThat(counts.getOrDefault("packets sent", 0)).as("seed %d", seed).isGreaterThan(10 * kills());
        assertThat(counts.getOrDefault("packets accepted", 0))
                .as("seed %d", seed)
                .isGreaterThan(kills());
        assertThat(counts.getOrDefault("changes acknowledged", 0))
                .as("seed %d", seed)
                .isPositive();
    }

    private static KillWorld live(String name, long seed, Path directory, Path cache, AtomicInteger left)
            throws Exception {
        var world = new KillWorld(name, seed, directory, cache);
        var before = new AtomicInteger();
        try {
            world.live(() -> {
                int now = world.counts.getOrDefault("kills", 0);
                return left.addAndGet(before.getAndSet(now) - now) > 0;
            });
        } catch (Exception | AssertionError e) {
            left.set(0); // the others need not go on
            throw e;
        }
        return world;
    }
}
