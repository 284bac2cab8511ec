package org.spigrp.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class PrefetchTest {
    private static final int OCTETS = 1 << 16;

    @Test
    void it_changes_nothing_and_ends_whatever_the_pieces_are() {
        assumeTrue(Libc.IS_X86, "machine code for x86-64 only");
        assertThat(Prefetch.isPossible()).as("the kernel lets it be run").isTrue();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(OCTETS, Prefetch.LINE);
            for (int i = 0; i < OCTETS; i++) {
                memory.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 31));
            }
            long start = memory.address();
            Prefetch.lines(start, start + OCTETS, start + 1, start + 2);
            Prefetch.lines(start, start, start + 100, start); // nothing, and less than nothing
            Prefetch.lines(0, 64, -4096, -4000); // nobody's
            for (int i = 0; i < OCTETS; i++) {
                assertThat(memory.get(ValueLayout.JAVA_BYTE, i)).isEqualTo((byte) (i * 31));
            }
        }
    }
}
