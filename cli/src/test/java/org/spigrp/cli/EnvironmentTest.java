package org.spigrp.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Where the state is kept, by the variables that say so. */
class EnvironmentTest {
    private static Environment with(boolean superuser, Map<String, String> variables) {
        Environment environment = TestHost.environment(Path.of("/work"), new TestHost(Path.of("/")) {
            @Override
            public boolean isSuperuser() {
                return superuser;
            }
        });
        return new Environment(
                variables,
                environment.clock(),
                environment.random(),
                environment.workingDirectory(),
                null,
                environment.host(),
                Environment.NAME_TIMEOUT);
    }

    @Test
    void what_is_given_wins() {
        assertThat(with(true, Map.of("IPSEC_STATE", "/here", "HOME", "/root")).stateDirectory())
                .isEqualTo(Path.of("/here"));
        assertThat(with(false, Map.of("IPSEC_STATE", "here")).stateDirectory()).isEqualTo(Path.of("/work/here"));
    }

    @Test
    void the_superuser_keeps_the_machines_state() {
        assertThat(with(true, Map.of("HOME", "/root", "IPSEC_STATE", "")).stateDirectory())
                .isEqualTo(Path.of("/var/lib/spigrp"));
    }

    @Test
    void others_keep_theirs_at_home() {
        assertThat(with(false, Map.of("HOME", "/home/a", "XDG_STATE_HOME", "/xdg"))
                        .stateDirectory())
                .isEqualTo(Path.of("/xdg/spigrp"));
        assertThat(with(false, Map.of("HOME", "/home/a", "XDG_STATE_HOME", "xdg"))
                        .stateDirectory())
                .isEqualTo(Path.of("/home/a/.local/state/spigrp"));
        assertThatThrownBy(() -> with(false, Map.of()).stateDirectory()).hasMessageContaining("IPSEC_STATE");
    }

    @Test
    void the_run_directory_goes_with_the_state() {
        assertThat(with(true, Map.of("IPSEC_RUN", "there", "IPSEC_STATE", "/here"))
                        .runDirectory())
                .isEqualTo(Path.of("/work/there"));
        assertThat(with(true, Map.of("IPSEC_STATE", "/here", "XDG_RUNTIME_DIR", "/xdg"))
                        .runDirectory())
                .isEqualTo(Path.of("/here/run"));
        assertThat(with(true, Map.of("XDG_RUNTIME_DIR", "/xdg")).runDirectory()).isEqualTo(Path.of("/run/spigrp"));
        assertThat(with(false, Map.of("XDG_RUNTIME_DIR", "/xdg", "HOME", "/home/a"))
                        .runDirectory())
                .isEqualTo(Path.of("/xdg/spigrp"));
        assertThat(with(false, Map.of("HOME", "/home/a")).runDirectory())
                .isEqualTo(Path.of("/home/a/.local/state/spigrp/run"));
    }

    @Test
    void a_page_is_as_wide_as_the_terminal_but_not_wider_than_can_be_read() {
        assertThat(with(false, Map.of()).pageWidth()).isEqualTo(80);
        assertThat(with(false, Map.of("COLUMNS", "60")).pageWidth()).isEqualTo(60);
        assertThat(with(false, Map.of("COLUMNS", "400")).pageWidth()).isEqualTo(100);
        assertThat(with(false, Map.of("COLUMNS", "wide")).pageWidth()).isEqualTo(80);
    }

    @Test
    void dates_look_like_those_of_date() {
        assertThat(LookCommand.date(ZonedDateTime.of(2026, 3, 5, 4, 6, 7, 0, ZoneOffset.UTC)))
                .isEqualTo("Thu Mar  5 04:06:07 UTC 2026");
        assertThat(LookCommand.date(ZonedDateTime.of(2026, 12, 31, 23, 59, 59, 0, ZoneOffset.UTC)))
                .isEqualTo("Thu Dec 31 23:59:59 UTC 2026");
    }
}
