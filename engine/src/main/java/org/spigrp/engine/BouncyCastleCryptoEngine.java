package org.spigrp.engine;

import org.jspecify.annotations.Nullable;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.KeyMaterial;

/**
 * Every algorithm of ESP and AH by Bouncy Castle's lightweight API (not the JCE provider, which takes a quarter of a
 * second to load). In plain Java and an order of magnitude slower than {@link JdkCryptoEngine}: in work for what the JDK
 * lacks (Camellia, GCM with an ICV of 8 octets), and in tests as the second opinion on everything else.
 *
 * <p>Nothing is allocated per packet by our own code. Bouncy Castle allocates, for what it is in work for: Camellia-CBC 32
 * octets for each block of 16, GCM with an ICV of 8 octets 540 to 600 a packet. Not thread-safe: an engine and its contexts belong to one worker, and share arrays.
 */
public final class BouncyCastleCryptoEngine implements CryptoEngine {
    /** Null until the first key comes. */
    private @Nullable BcContexts contexts;

    @Override
    public String name() {
        return "Bouncy Castle";
    }

    @Override
    public Context esp(EspSuite suite, KeyMaterial encryptionKey, KeyMaterial authenticationKey, boolean encrypting) {
        return contexts().esp(suite, encryptionKey, authenticationKey, encrypting);
    }

    @Override
    public Context ah(AhSuite suite, KeyMaterial given) {
        return contexts().ah(suite, given);
    }

    private BcContexts contexts() {
        if (contexts == null) {
            contexts = new BcContexts(this);
        }
        return contexts;
    }

    @Override
    public void seal(CryptoJob[] jobs, int count) {
        SoftwareContext.sealAll(jobs, count);
    }

    @Override
    public void open(CryptoJob[] jobs, int count) {
        SoftwareContext.openAll(jobs, count);
    }

    static void load() {
        BcContexts.load();
    }
}
