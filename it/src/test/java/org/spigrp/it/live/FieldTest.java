package org.spigrp.it.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The harness itself: traffic in clear flows through the field, and the wire's watcher sees that it is clear. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FieldTest {
    private Field field;

    @BeforeAll
    void make_the_field() {
        field = Field.of(Field.PUBLIC);
    }

    @AfterAll
    void destroy_the_field() {
        if (field != null) {
            field.close();
            assertThat(Field.here("ip netns list").out())
                    .doesNotContain(field.at("west").unique());
        }
    }

    @Test
    void hosts_reach_each_other_in_clear_and_the_wire_tells() {
        try (Wire wire = Wire.tap(field.at("net"), "w", "192.0.2.1")) {
            assertThat(wire.clear()).isZero();
            Traffic.pings(field.at("hostw"), "10.2.0.10", Traffic.SIZES);
            assertThat(wire.clear()).isGreaterThanOrEqualTo(2 * Traffic.SIZES.size());
            assertThat(wire.seen()).contains("clear ICMP with the marker");
            int before = wire.clear();
            Traffic.pings(field.at("hostw"), "fd00:2::10", List.of(56, 1452, 4000));
            assertThat(wire.clear()).isGreaterThanOrEqualTo(before + 6);
            Traffic.tcp(field.at("hostw"), field.at("hoste"), "10.2.0.10", "2M");
            Traffic.udp(field.at("hostw"), field.at("hosti"), "10.5.0.10", 1400, 200);
            assertThat(wire.seen()).contains("clear protocol 6", "clear UDP");
            assertThat(wire.guarded()).isZero();
        }
    }
}
