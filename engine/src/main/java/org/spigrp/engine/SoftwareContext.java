package org.spigrp.engine;

import java.security.GeneralSecurityException;

/**
 * A context that works on one packet at a time, with arrays of its own that it uses again and again. Not thread-safe:
 * owned by the worker that owns its engine.
 *
 * <p>{@link #wipe} drops ciphers and MACs and overwrites our own arrays with key octets (salts, subkeys). What the JCE
 * or Bouncy Castle copied into objects of their own cannot be overwritten from outside; the garbage collector takes it.
 */
abstract class SoftwareContext implements CryptoEngine.Context {
    private final CryptoEngine engine;

    SoftwareContext(CryptoEngine engine) {
        this.engine = engine;
    }

    @Override
    public final CryptoEngine engine() {
        return engine;
    }

    /** Encrypts and writes the ICV. False: the packet must be dropped. */
    abstract boolean seal(CryptoJob job);

    /** Verifies, then decrypts. False: the packet is as it came. */
    abstract boolean open(CryptoJob job);

    static void sealAll(CryptoJob[] jobs, int count) {
        for (int i = 0; i < count; i++) {
            CryptoJob job = jobs[i];
            job.ok = job.context instanceof SoftwareContext context && context.seal(job);
        }
    }

    static void openAll(CryptoJob[] jobs, int count) {
        for (int i = 0; i < count; i++) {
            CryptoJob job = jobs[i];
            job.ok = job.context instanceof SoftwareContext context && context.open(job);
        }
    }

    /** Equal octets, in a time that tells nothing about where they differ. */
    static boolean same(byte[] left, int leftAt, byte[] right, int rightAt, int count) {
        int difference = 0;
        for (int i = 0; i < count; i++) difference |= left[leftAt + i] ^ right[rightAt + i];
        return difference == 0;
    }

    /** For what cannot happen with keys whose lengths were checked: a fault of this program, not of a packet. */
    static IllegalStateException fault(GeneralSecurityException cause) {
        return new IllegalStateException("the cryptography refused what the SA's algorithm allows: " + cause, cause);
    }
}
