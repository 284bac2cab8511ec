package org.spigrp.engine;

import org.jspecify.annotations.Nullable;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.KeyMaterial;

/**
 * The cryptography behind one small interface, made for batches: an engine that works on many packets at once gets
 * them at once. Contexts are keyed once per SA and direction. Owned by one thread; others help it with {@link #lane}s.
 */
public interface CryptoEngine extends AutoCloseable {
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

    /**
     * What one more thread needs to do jobs of this engine's contexts while others do theirs. Null if one thread must do
     * them all.
     */
    default @Nullable Lane lane() {
        return null;
    }

    /** Ends what works for it. Contexts are wiped one by one. */
    @Override
    default void close() {}

    /**
     * Scratch memory for one thread. Contexts have none, and are only read while jobs are done, so that the jobs of one
     * context may go by several lanes at a time.
     */
    interface Lane {
        /** As {@link CryptoEngine#seal}, for the jobs of its engine from {@code from} to before {@code to}. */
        void seal(CryptoJob[] jobs, int from, int to);

        /** As {@link CryptoEngine#open}. */
        void open(CryptoJob[] jobs, int from, int to);
    }

    /** A keyed algorithm, for one SA in one direction. Made and wiped by the thread that owns its engine. */
    interface Context {
        /** The engine that made it, and the only one that may be given jobs of it. */
        CryptoEngine engine();

        /** Reads something of it, so that it is in the cache when its packet comes. The result means nothing. */
        default int touch() {
            return 0;
        }

        /**
         * Asks for what a packet of so many octets will need of it, which comes soon, and does not wait.
         *
         * @return false if that cannot be done here
         */
        default boolean fetch(int octets) {
            return false;
        }

        /** How long this job takes one thread, about: by it is judged whether help pays. 0 = none can be given. */
        default int nanos(CryptoJob job) {
            return 0;
        }

        /** Overwrites what it holds of the key, as far as the engine can. The context is of no use afterwards. */
        void wipe();
    }
}
