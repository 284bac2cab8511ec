package org.spigrp.bench;

import org.jspecify.annotations.Nullable;
import org.spigrp.engine.CryptoEngine;
import org.spigrp.engine.CryptoJob;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.KeyMaterial;

/** Says "ok" to every job and touches nothing: what remains is our own share. */
final class NoCrypto implements CryptoEngine {
    private final Context context = new Context() {
        @Override
        public CryptoEngine engine() {
            return NoCrypto.this;
        }

        @Override
        public void wipe() {}
    };

    @Override
    public String name() {
        return "nothing";
    }

    @Override
    public @Nullable Context esp(
            EspSuite suite, KeyMaterial encryptionKey, KeyMaterial authenticationKey, boolean encrypting) {
        return context;
    }

    @Override
    public @Nullable Context ah(AhSuite suite, KeyMaterial key) {
        return context;
    }

    @Override
    public void seal(CryptoJob[] jobs, int count) {
        for (int i = 0; i < count; i++) {
            jobs[i].ok = true;
        }
    }

    @Override
    public void open(CryptoJob[] jobs, int count) {
        seal(jobs, count);
    }
}
