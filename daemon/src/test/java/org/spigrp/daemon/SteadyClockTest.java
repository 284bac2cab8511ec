package org.spigrp.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SteadyClockTest {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00.000000500Z");

    private Instant wall = BEGIN;
    private long nanos = 7;

    private SteadyClock clock(Instant notBefore) {
        return new SteadyClock(() -> wall, () -> nanos, notBefore);
    }

    private void passes(Duration time) {
        wall = wall.plus(time);
        nanos += time.toNanos();
    }

    @Test
    void it_follows_the_wall() {
        SteadyClock clock = clock(Instant.EPOCH);
        assertThat(clock.instant()).isEqualTo(BEGIN);
        passes(Duration.ofNanos(1_500_000_001));
        assertThat(clock.instant()).isEqualTo(Instant.parse("2026-01-01T00:00:01.500000501Z"));
        assertThat(clock.millis()).isEqualTo(wall.toEpochMilli());
    }

    @Test
    void set_back_it_goes_on_by_the_counter_and_set_ahead_it_follows() {
        SteadyClock clock = clock(Instant.EPOCH);
        assertThat(clock.millis()).isEqualTo(BEGIN.toEpochMilli());
        wall = wall.minusSeconds(3600);
        passes(Duration.ofSeconds(2));
        assertThat(clock.millis()).isEqualTo(BEGIN.plusSeconds(2).toEpochMilli());
        passes(Duration.ofMillis(1));
        assertThat(clock.instant()).isBetween(BEGIN.plusMillis(2000), BEGIN.plusMillis(2001));
        wall = BEGIN.plusSeconds(60);
        assertThat(clock.instant()).isEqualTo(wall);
    }

    @Test
    void it_begins_where_the_last_change_was_made() {
        SteadyClock clock = clock(BEGIN.plusSeconds(5));
        assertThat(clock.instant()).isEqualTo(BEGIN.plusSeconds(5));
        passes(Duration.ofSeconds(1));
        assertThat(clock.millis()).isEqualTo(BEGIN.plusSeconds(6).toEpochMilli());
    }

    @Test
    void before_1970_is_a_time_too() {
        wall = Instant.EPOCH.minusNanos(1);
        SteadyClock clock = clock(Instant.EPOCH.minusSeconds(9));
        assertThat(clock.instant()).isEqualTo(wall);
    }
}
