package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.spigrp.wire.Verdict;

/** Which compressors of others are used, and for what. */
class CompressorsTest {
    /** The JDK's, in the place of a library's. */
    private static class Sound implements Compressor {
        private final Deflate jdk = new Deflate(null);
        int calls;
        boolean closed;

        @Override
        public int compress(byte[] array, int from, int count, byte[] into, int most) {
            calls++;
            int size = jdk.compress(array, from, count, most);
            if (size > 0) {
                System.arraycopy(jdk.result(), 0, into, 0, size);
            }
            return size;
        }

        @Override
        public void close() {
            closed = true;
            jdk.close();
        }
    }

    @Test
    void one_that_is_right_passes() {
        try (var sound = new Sound()) {
            assertThat(Compressors.isRight(sound)).isTrue();
        }
    }

    @Test
    void one_that_changes_an_octet_does_not() {
        try (var wrong = new Sound() {
            @Override
            public int compress(byte[] array, int from, int count, byte[] into, int most) {
                byte[] other = Arrays.copyOfRange(array, from, from + count);
                other[count / 2] ^= 1;
                return super.compress(other, 0, count, into, most);
            }
        }) {
            assertThat(Compressors.isRight(wrong)).isFalse();
        }
    }

    @Test
    void one_that_does_not_end_its_stream_does_not() {
        try (var wrong = new Sound() {
            @Override
            public int compress(byte[] array, int from, int count, byte[] into, int most) {
                int size = super.compress(array, from, count, into, most + 1) - 1;
                return size > most ? -1 : size;
            }
        }) {
            assertThat(Compressors.isRight(wrong)).isFalse();
        }
    }

    @Test
    void one_that_forgets_the_limit_does_not() {
        try (var wrong = new Sound() {
            @Override
            public int compress(byte[] array, int from, int count, byte[] into, int most) {
                return super.compress(array, from, count, into, into.length);
            }
        }) {
            assertThat(Compressors.isRight(wrong)).isFalse();
        }
    }

    @Test
    void a_library_is_asked_up_to_the_window_and_closed_with_the_worker() {
        var library = new Sound();
        byte[] plain = new byte[3000];
        try (var deflate = new Deflate(library)) {
            assertThat(deflate.compress(plain, 0, Deflate.WINDOW, 2000)).isPositive();
            assertThat(library.calls).isEqualTo(1);
            int size = deflate.compress(plain, 0, Deflate.WINDOW + 1, 2000);
            assertThat(library.calls)
                    .as("its references could reach farther than the window")
                    .isEqualTo(1);
            byte[] stream = Arrays.copyOf(deflate.result(), size);
            assertThat(deflate.expand(stream, 0, size, 3000)).isEqualTo(Verdict.NONE);
            assertThat(deflate.size()).isEqualTo(Deflate.WINDOW + 1);
        }
        assertThat(library.closed).isTrue();
    }
}
