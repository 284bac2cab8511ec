package org.spigrp.engine;

/** A cipher without integrity, in one direction, with its key. Not thread-safe. */
interface BodyCipher {
    /** Works in place. False: the length does not fit the cipher, and nothing was changed. */
    boolean transform(byte[] array, int iv, int body, int count);

    void wipe();

    /** RFC 2410. */
    BodyCipher NULL = new BodyCipher() {
        @Override
        public boolean transform(byte[] array, int iv, int body, int count) {
            return true;
        }

        @Override
        public void wipe() {
            // There is no key.
        }
    };
}
