package org.spigrp.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.spigrp.engine.CryptoJob;

class HeapViewsTest {
    private final CryptoJob job = new CryptoJob();

    private MemorySegment view(byte[] array, int body) {
        job.array = array;
        job.body = body;
        return HeapViews.of(job);
    }

    @Test
    void as_many_places_of_one_slab_as_members_can_have_are_made_once() {
        byte[] slab = new byte[2048];
        var first = new MemorySegment[HeapViews.MOST];
        for (int i = 0; i < first.length; i++) {
            first[i] = view(slab, 1000 + 20 * i);
        }
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < first.length; i++) {
                assertThat(view(slab, 1000 + 20 * i)).isSameAs(first[i]);
            }
        }
    }

    @Test
    void a_view_begins_at_the_body_and_ends_with_the_array() {
        byte[] slab = new byte[100];
        slab[40] = 7;
        MemorySegment segment = view(slab, 40);
        assertThat(segment.byteSize()).isEqualTo(60);
        assertThat(segment.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 7);
    }

    @Test
    void another_slab_is_never_taken_for_this_one() {
        byte[] one = new byte[100];
        byte[] other = new byte[100];
        other[40] = 9;
        view(one, 40);
        assertThat(view(other, 40).get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 9);
        assertThat(view(one, 40).get(ValueLayout.JAVA_BYTE, 0)).isZero();
    }

    @Test
    void more_places_than_that_push_out_the_oldest_and_are_right() {
        byte[] slab = new byte[1000];
        for (int place = 0; place < 1000; place++) {
            assertThat(view(slab, place).byteSize()).isEqualTo(1000 - place);
        }
    }
}
