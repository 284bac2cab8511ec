package org.spigrp.linux;

/** All but AES-GCM: what the library does by jobs, many packets at once. {@link IpsecMbBurst} does it. */
final class IpsecMbChain extends IpsecMbContext {
    private static final int LINE = 64;

    final IpsecMbAlgorithm algorithm;
    final boolean encrypting;
    /** Of a nonce; else 0. */
    final int salt;

    IpsecMbChain(
            IpsecMbCryptoEngine engine, KeyMemory memory, IpsecMbAlgorithm algorithm, boolean encrypting, int salt) {
        super(engine, memory);
        this.algorithm = algorithm;
        this.encrypting = encrypting;
        this.salt = salt;
    }

    /** Reads a word of each line, as {@link IpsecMbGcm#fetched}. */
    long fetched() {
        long start = key();
        long sum = 0;
        for (int at = 0; at < algorithm.slotOctets(); at += LINE) {
            sum += RawMemory.getLong(start + at);
        }
        return sum;
    }
}
