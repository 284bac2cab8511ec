package org.spigrp.store;

import java.nio.ByteBuffer;

/** A fingerprint of 128 bits, as the ledger's tables are sorted by it. */
record LedgerKey(long high, long low) implements Comparable<LedgerKey> {
    static final int OCTETS = 16;

    static LedgerKey of(byte[] fingerprint) {
        return read(ByteBuffer.wrap(fingerprint), 0);
    }

    static LedgerKey read(ByteBuffer from, int at) {
        return new LedgerKey(from.getLong(at), from.getLong(at + 8));
    }

    @Override
    public int compareTo(LedgerKey other) {
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(high);
    }
}
