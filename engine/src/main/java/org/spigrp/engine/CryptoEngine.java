package org.spigrp.engine;

import org.jspecify.annotations.Nullable;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.KeyMaterial;

/**
 * The cryptography behind one small interface, made for batches: an engine that works on many packets at once gets
 * them at once. Contexts are keyed once per SA and direction. Owned by one worker.
 */
public interface CryptoEngine {
    /** As {@code ipsec version --engines} shows it. */
    String name();

    /**
     * @param encrypting true to {@link #seal}, false to {@link #open}
     * @param encryptionKey with the salt at its end
     * @return null if this engine does not have the algorithm
     */
    @Nullable
    Context esp(EspSuite suite, KeyMaterial encryptionKey, KeyMaterial authenticationKey, boolean encrypting);

    /** The key has the salt at its end for GMAC. Null if this engine does not have the algorithm. */
    @Nullable
    Context ah(AhSuite suite, KeyMaterial key);

    /**
     * Encrypts in place and writes the ICV behind. Sets {@link CryptoJob#ok}; false means the packet must be dropped.
     * Jobs may be of different contexts.
     */
    void seal(CryptoJob[] jobs, int count);

    /**
     * Verifies the ICV in constant time, then decrypts in place. {@code ok} false: wrong ICV, and the packet is as it
     * came. An ESP suite without integrity decrypts and says ok.
     */
    void open(CryptoJob[] jobs, int count);

    /** A keyed algorithm, for one SA in one direction. Used by the worker that owns its engine, and by no other. */
    interface Context {
        /** The engine that made it, and the only one that may be given jobs of it. */
        CryptoEngine engine();

        /** Reads something of it, so that it is in the cache when its packet comes. The result means nothing. */
        default int touch() {
            return 0;
        }

        /** Overwrites what it holds of the key, as far as the engine can. The context is of no use afterwards. */
        void wipe();
    }
}
