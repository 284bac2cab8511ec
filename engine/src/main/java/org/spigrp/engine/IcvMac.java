package org.spigrp.engine;

/** A keyed integrity algorithm: octets go in piece by piece, the ICV comes out at full length. Not thread-safe. */
interface IcvMac {
    /** Octets that {@link #finish} writes, before truncation. */
    int fullOctets();

    void update(byte[] array, int from, int count);

    /** Writes {@link #fullOctets} octets and is ready for the next packet. */
    void finish(byte[] out, int at);

    void wipe();
}
