package org.spigrp.linux;

import org.spigrp.engine.CryptoEngine;

/** A key of ipsec-mb's, in a slot of its engine's memory. */
abstract sealed class IpsecMbContext implements CryptoEngine.Context permits IpsecMbGcm, IpsecMbChain {
    private final IpsecMbCryptoEngine engine;
    private final KeyMemory memory;
    /** Address of the slot; 0 when it was given back. */
    private long key;

    IpsecMbContext(IpsecMbCryptoEngine engine, KeyMemory memory) {
        this.engine = engine;
        this.memory = memory;
        this.key = memory.take();
    }

    @Override
    public final IpsecMbCryptoEngine engine() {
        return engine;
    }

    final long key() {
        if (key == 0) {
            throw new IllegalStateException("a context was used after it was wiped");
        }
        return key;
    }

    @Override
    public final int touch() {
        return key == 0 ? 0 : (int) RawMemory.getLong(key);
    }

    /** Unless it was the last one asked for: one packet after another of the same SA. */
    @Override
    public final boolean fetch(int octets) {
        if (key != 0 && engine.isNext(this)) {
            prefetch(key, octets);
        }
        return Prefetch.isPossible();
    }

    /** Asks for the lines of the key that a packet of so many octets needs. */
    abstract void prefetch(long start, int octets);

    @Override
    public void wipe() {
        if (key != 0) {
            memory.giveBack(key);
        }
        key = 0;
    }
}
