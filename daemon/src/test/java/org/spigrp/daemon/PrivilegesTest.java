package org.spigrp.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said of the rights that a process has. */
class PrivilegesTest {
    private static List<String> told(int uid, long effective, int locked) {
        var lines = new ArrayList<String>();
        Privileges.tell(
                List.of(
                        "Name:\tjava",
                        "Uid:\t%d\t%d\t%d\t%d".formatted(uid, uid, uid, uid),
                        "CapPrm:\t000001ffffffffff",
                        "CapEff:\t%016x".formatted(effective),
                        "NoNewPrivs:\t" + locked),
                "somebody",
                lines::add);
        return lines;
    }

    @Test
    void two_capabilities_are_right() {
        assertThat(told(123, 0x3000, 1))
                .containsExactly(
                        "privileges: user somebody with cap_net_admin and cap_net_raw only, and no way to more");
    }

    @Test
    void root_is_too_much_and_told_how_to_get_a_user() {
        assertThat(told(0, 0x1ff_ffff_ffffL, 0))
                .satisfiesExactly(
                        line -> assertThat(line)
                                .isEqualTo("privileges: user somebody with 41 capabilities, cap_chown to"
                                        + " cap_checkpoint_restore; programs it starts could get more (no NoNewPrivs)"),
                        line -> assertThat(line).contains("more than needed", "useradd --system", "spigrp"));
    }

    @Test
    void one_too_many_is_named() {
        assertThat(told(123, 0x3001, 1))
                .satisfiesExactly(
                        line -> assertThat(line).contains("with cap_chown and cap_net_admin and cap_net_raw, and"),
                        line -> assertThat(line).contains("more than needed").doesNotContain("useradd"));
    }

    @Test
    void what_is_missing_is_told_with_what_will_not_work() {
        assertThat(told(123, 0, 0))
                .satisfiesExactly(
                        line -> assertThat(line).contains("no capability"),
                        line -> assertThat(line).contains("without cap_net_admin", "TUN", "route"),
                        line -> assertThat(line).contains("without cap_net_raw", "AH", "NAT-T"));
        assertThat(told(123, 0x1000, 0))
                .satisfiesExactly(
                        line -> assertThat(line).contains("cap_net_admin only"),
                        line -> assertThat(line).contains("without cap_net_raw"));
    }

    @Test
    void a_capability_newer_than_this_program_has_its_number() {
        assertThat(told(123, (1L << 50) | 0x3000, 1).getFirst()).contains("cap_50");
    }

    /** Whatever it is, of this very process something is said. */
    @Test
    void this_process_has_some_rights() {
        var lines = new ArrayList<String>();
        Privileges.tell(lines::add);
        assertThat(lines.getFirst()).startsWith("privileges: user " + System.getProperty("user.name"));
    }
}
