package org.spigrp.linux;

/** Counts packets that the kernel refused. Owned by its port. */
final class Refusals {
    private long count;
    private int lastErrno;

    /** @param result of the call, -errno */
    void count(int result, int packets) {
        count += packets;
        lastErrno = -result;
    }

    long count() {
        return count;
    }

    int lastErrno() {
        return lastErrno;
    }
}
