package org.spigrp.engine;

import java.util.List;

/**
 * The engines there are. Nothing is loaded or keyed before the first SA asks for a context, so commands that see no
 * packets pay nothing.
 */
public final class CryptoEngines {
    private CryptoEngines() {}

    /** All engines of this version, the fastest first. They belong to the worker that asks. */
    public static List<CryptoEngine> all() {
        return List.of(new JdkCryptoEngine(), new BouncyCastleCryptoEngine());
    }

    /** One engine with every algorithm, each from the first of {@link #all} that has it. */
    public static CryptoEngine best() {
        return best(all());
    }

    /**
     * One engine that takes each algorithm from the first in the list that has it, and hands a mixed batch on in one
     * piece for each engine.
     */
    public static CryptoEngine best(List<CryptoEngine> engines) {
        return new DispatchingCryptoEngine(engines);
    }

    /**
     * Loads now what the first SA would load: the JDK's ciphers read files, which a process that has run out of
     * descriptors cannot.
     */
    public static void load() {
        JdkCryptoEngine.load();
        BouncyCastleCryptoEngine.load();
    }

    /** Runs every engine against the known answers: an entry for each algorithm that an engine has. Takes well under a second. */
    public static List<CryptoSelfTest.Result> selfTest() {
        return CryptoSelfTest.run(all());
    }

    /** What {@code ipsec version --engines} shows: a line for each engine, and one for each algorithm that went wrong. */
    public static List<String> describe(List<CryptoSelfTest.Result> results) {
        return CryptoSelfTest.describe(results);
    }
}
