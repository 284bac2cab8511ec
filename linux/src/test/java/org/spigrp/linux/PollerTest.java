package org.spigrp.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class PollerTest {
    @Test
    void wake_before_the_wait_ends_it_and_only_it() {
        try (var poller = new Poller()) {
            poller.wake();
            poller.wake();
            assertThat(poller.await(-1)).isFalse();
            assertThat(poller.await(0)).isFalse();
            long start = System.nanoTime();
            assertThat(poller.await(3_000_000)).isFalse();
            assertThat(System.nanoTime() - start).as("the wake-ups are used up").isGreaterThanOrEqualTo(3_000_000);
        }
    }

    @Test
    void another_thread_wakes() {
        try (var poller = new Poller()) {
            var woken = CompletableFuture.supplyAsync(() -> poller.await(-1));
            poller.wake();
            assertThat(woken.join()).isFalse();
        }
    }

    @Test
    void time_outs_may_be_shorter_than_a_millisecond() {
        try (var poller = new Poller()) {
            long best = Long.MAX_VALUE;
            for (int i = 0; i < 200; i++) {
                long start = System.nanoTime();
                assertThat(poller.await(200_000)).isFalse();
                long took = System.nanoTime() - start;
                assertThat(took).isGreaterThanOrEqualTo(200_000);
                best = Math.min(best, took);
            }
            assertThat(best).as("of 200 waits of 0.2 ms the shortest, ns").isLessThan(1_000_000);
        }
    }

    @Test
    void what_is_readable_is_told_at_once_and_until_it_is_read() {
        try (var poller = new Poller();
                var other = new Wakeup()) {
            poller.add(other.descriptor());
            assertThat(poller.await(0)).isFalse();
            other.wake();
            assertThat(poller.await(-1)).isTrue();
            poller.wake();
            assertThat(poller.await(-1)).isTrue();
            assertThat(poller.await(-1)).isTrue();
            poller.remove(other.descriptor());
            assertThat(poller.await(0)).isFalse();
        }
    }

    @Test
    void a_look_tells_each_descriptor_by_itself_until_the_next() {
        try (var poller = new Poller();
                var quiet = new Wakeup();
                var other = new Wakeup()) {
            poller.add(quiet.descriptor());
            poller.add(other.descriptor());
            other.wake();
            poller.look();
            assertThat(poller.isReadable(other.descriptor())).isTrue();
            assertThat(poller.isReadable(quiet.descriptor())).isFalse();
            quiet.wake();
            assertThat(poller.isReadable(quiet.descriptor()))
                    .as("not looked yet")
                    .isFalse();
            poller.remove(other.descriptor());
            poller.look();
            assertThat(poller.isReadable(quiet.descriptor())).isTrue();
            assertThat(poller.isReadable(other.descriptor())).isFalse();
        }
    }

    @Test
    void closing_ends_the_wait_of_another_thread() {
        var poller = new Poller();
        var ended = CompletableFuture.supplyAsync(() -> poller.await(-1));
        poller.close();
        assertThat(ended.join()).isFalse();
        assertThat(poller.await(-1)).isFalse();
        poller.wake();
        poller.close();
    }
}
