package org.spigrp.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class TurnsTest {
    /** What {@code work} says in a thread of its own. */
    private static <T> T inThread(Supplier<T> work) {
        return CompletableFuture.supplyAsync(
                        work, task -> Thread.ofPlatform().daemon().start(task))
                .join();
    }

    @Test
    void turns_become_short_for_this_thread_alone() {
        long usual = inThread(Turns::nanos);
        assumeTrue(usual > 0, "this kernel (before 6.12) has no turns that a thread may choose");
        assertThat(usual).isGreaterThan(Turns.SHORT_NANOS);
        List<Long> turns = inThread(() -> {
            Turns.makeShort();
            return List.of(Turns.nanos(), inThread(Turns::nanos));
        });
        assertThat(turns).as("the thread's, and those of one that it starts").containsExactly(Turns.SHORT_NANOS, usual);
        assertThat(inThread(Turns::nanos)).isEqualTo(usual);
    }

    @Test
    void the_kernel_still_shares_as_it_did() {
        List<String> before = inThread(TurnsTest::priority);
        assertThat(before).isNotEmpty();
        assertThat(inThread(() -> {
                    Turns.makeShort();
                    return priority();
                }))
                .isEqualTo(before);
    }

    /** Priority, nice, and the policy of this thread, as proc(5) has them. */
    private static List<String> priority() {
        try {
            String stat = Files.readString(Path.of("/proc/thread-self/stat"));
            List<String> fields =
                    List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" "));
            return List.of(fields.get(15), fields.get(16), fields.get(38));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
