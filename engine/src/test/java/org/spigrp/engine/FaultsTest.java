package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.wire.Parsed;

class FaultsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "loss=0.01,reorder=0.02,duplicate=0.01,corrupt=0.001,delay=5ms,jitter=2ms,seed=7",
                "loss=1",
                "loss=0.00001",
                "delay=1500us",
                "delay=60s,jitter=1us",
                "seed=9223372036854775807",
                "seed=0",
            })
    void what_is_read_is_printed_the_same(String text) {
        Faults faults = Faults.parse(text).orNull();
        assertThat(faults).isNotNull().hasToString(text);
    }

    @Test
    void parts_have_any_order_and_each_its_place() {
        assertThat(Faults.parse("seed=0x10,jitter=2ms,corrupt=.5,delay=1s,duplicate=0.25,reorder=0.125,loss=0.0625"))
                .isEqualTo(Parsed.ok(
                        new Faults(0.0625, 0.125, 0.25, 0.5, Duration.ofSeconds(1), Duration.ofMillis(2), 16)));
        assertThat(Faults.NONE.isNone()).isTrue();
        assertThat(Faults.parse("seed=5").map(Faults::isNone)).isEqualTo(Parsed.ok(true));
        assertThat(Faults.parse("jitter=1us").map(Faults::isNone)).isEqualTo(Parsed.ok(false));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
                    "" | a fault is missing: write NAME=VALUE, as in loss=0.01,delay=5ms,seed=7
                    loss=0.1, | a fault is missing: write NAME=VALUE, as in loss=0.01,delay=5ms,seed=7
                    los=0.1 | 'los' is no fault: did you mean 'loss'?
                    xyzzy=1 | 'xyzzy' is no fault; known are loss, reorder, duplicate, corrupt, delay, jitter, seed
                    loss | 'loss' has no value: write loss=VALUE
                    loss=0.1,loss=0 | loss is given twice, the second time as '0': give it once
                    loss=1.01 | loss cannot be '1.01': it is a rate from 0 to 1, as 0.01 for one in 100
                    reorder=-1 | reorder cannot be '-1': it is a rate from 0 to 1, as 0.01 for one in 100
                    corrupt=1e-3 | corrupt cannot be '1e-3': it is a rate from 0 to 1, as 0.01 for one in 100
                    duplicate=NaN | duplicate cannot be 'NaN': it is a rate from 0 to 1, as 0.01 for one in 100
                    delay=5 | delay cannot be '5': it is a whole number and us, ms or s, as 5ms
                    delay=61s | delay cannot be '61s': the most is 60s
                    jitter=999999999999s | jitter cannot be '999999999999s': the most is 60s
                    jitter=-1ms | jitter cannot be '-1ms': it is a whole number and us, ms or s, as 5ms
                    seed=seven | 'seven' is not a number: 's' is not a decimal digit (hexadecimal numbers begin with 0x)
                    """)
    void what_is_wrong_is_said(String text, String why) {
        assertThat(Faults.parse(text)).isEqualTo(Parsed.bad(why));
    }

    @Test
    void a_record_of_impossible_faults_cannot_be_made() {
        Duration zero = Duration.ZERO;
        assertThatThrownBy(() -> new Faults(1.5, 0, 0, 0, zero, zero, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Faults(0, 0, 0, Double.NaN, zero, zero, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Faults(0, 0, 0, 0, zero, Duration.ofMillis(-1), 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
