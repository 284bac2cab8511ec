package org.spigrp.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunWordsTest {
    private static RunOptions read(String... words) {
        return RunWords.read(List.of(words), Map.of("IPSEC_STATE", "state"), false);
    }

    @Test
    void workers_are_as_many_as_asked_for_and_else_as_many_as_fit_the_machine() {
        assertThat(read("--workers", "3").workers()).isEqualTo(3);
        assertThat(read().workers()).isBetween(1, 4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "5", "-1", "", "two", "99999999999999999999"})
    void other_numbers_of_workers_are_refused(String number) {
        assertThatThrownBy(() -> read("--workers", number))
                .isInstanceOf(RunWords.Wrong.class)
                .hasMessage("--workers takes 1 to 4, not '" + number + "'");
    }
}
