package org.spigrp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestNameTest {
    private static final List<String> NAMES = List.of("aes128-sha1", "aes128gcm16", "3des", "%drop", "spigrp");

    @Test
    void one_slip_of_the_finger_is_forgiven() {
        assertThat(NearestName.of("aes128-sh1", NAMES)).isEqualTo("aes128-sha1");
        assertThat(NearestName.of("aes128-sah1", NAMES)).isEqualTo("aes128-sha1");
        assertThat(NearestName.of("%dorp", NAMES)).isEqualTo("%drop");
        assertThat(NearestName.of("SPIGRP", NAMES)).isEqualTo("spigrp");
        assertThat(NearestName.of("3de", NAMES)).isEqualTo("3des");
    }

    @Test
    void a_beginning_is_completed() {
        assertThat(NearestName.of("aes128g", NAMES)).isEqualTo("aes128gcm16");
    }

    @Test
    void nothing_is_suggested_for_what_is_far_from_everything() {
        assertThat(NearestName.of("blowfish", NAMES)).isNull();
        assertThat(NearestName.of("", NAMES)).isNull();
        assertThat(NearestName.of("x".repeat(10_000), NAMES)).isNull();
        assertThat(NearestName.suggestion("blowfish", NAMES, "; see help")).isEqualTo("; see help");
    }

    @Test
    void distance_counts_each_slip_once() {
        assertThat(NearestName.distance("abc", "abc")).isZero();
        assertThat(NearestName.distance("abc", "acb")).isEqualTo(1);
        assertThat(NearestName.distance("abc", "ab")).isEqualTo(1);
        assertThat(NearestName.distance("", "abc")).isEqualTo(3);
        assertThat(NearestName.distance("kitten", "sitting")).isEqualTo(3);
    }
}
