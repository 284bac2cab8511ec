package org.spigrp.linux;

import org.spigrp.engine.CryptoJob;

/** All but AES-GCM: what the library does by jobs, many packets at once. {@link IpsecMbBurst} does it. */
final class IpsecMbChain extends IpsecMbContext {
    private static final int LINE = Prefetch.LINE;

    final IpsecMbAlgorithm algorithm;
    final boolean encrypting;
    /** Of a nonce; else 0. */
    final int salt;
    /** What {@link IpsecMb#suite} said. */
    final long suite;

    IpsecMbChain(
            IpsecMbCryptoEngine engine,
            KeyMemory memory,
            IpsecMbAlgorithm algorithm,
            boolean encrypting,
            int salt,
            long suite) {
        super(engine, memory);
        this.algorithm = algorithm;
        this.encrypting = encrypting;
        this.salt = salt;
        this.suite = suite;
    }

    /** As of AES-CBC with HMAC-SHA2-256 in a full burst, on an EPYC: 98 ns with 64 octets, 420 with 1420. */
    @Override
    public int nanos(CryptoJob job) {
        return 90 + job.bodyLength / 5;
    }

    @Override
    void prefetch(long start, int octets) {
        long half = start + LINE;
        Prefetch.lines(start, half, half, start + algorithm.slotOctets());
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
