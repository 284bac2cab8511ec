package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.HexFormat;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RandomOctetsTest {
    private static final int IV_OCTETS = 16;

    private static byte[] take(RandomOctets from, int count) {
        byte[] octets = new byte[count];
        for (int at = 0; at < count; at += IV_OCTETS) {
            from.put(octets, at, Math.min(IV_OCTETS, count - at));
        }
        return octets;
    }

    @Test
    void no_iv_comes_twice_across_refills() {
        var octets = new RandomOctets(new Random(1));
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 20_000; i++) {
            seen.add(HexFormat.of().formatHex(take(octets, IV_OCTETS)));
        }
        assertThat(seen).hasSize(20_000);
    }

    @Test
    void it_hangs_on_the_seed_alone_and_on_all_of_it() {
        byte[] one = take(new RandomOctets(new Random(1)), 10_000);
        assertThat(take(new RandomOctets(new Random(1)), 10_000)).isEqualTo(one);
        assertThat(take(new RandomOctets(new Random(2)), 10_000)).isNotEqualTo(one);
    }

    @Test
    void every_bit_is_as_often_one_as_zero() {
        byte[] octets = take(new RandomOctets(new Random(3)), 1 << 16);
        for (int bit = 0; bit < 8; bit++) {
            int ones = 0;
            for (byte octet : octets) {
                ones += octet >> bit & 1;
            }
            assertThat(ones).as("bit %d", bit).isBetween(octets.length / 2 - 1000, octets.length / 2 + 1000);
        }
    }
}
