package org.spigrp.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The engines there are. Nothing is loaded or keyed before the first SA asks for a context, so commands that see no
 * packets pay nothing.
 */
public final class CryptoEngines {
    /** For {@link #best(int, Consumer)}: a batch has no work for more. */
    public static final int MOST_THREADS = SharingCryptoEngine.MOST_THREADS;

    private CryptoEngines() {}

    /**
     * Threads where nobody says how many: half of the processors, as kernel and host have work too. With two the other
     * one is theirs.
     */
    public static int usualThreads(int processors) {
        return Math.clamp(processors / 2, 1, MOST_THREADS);
    }

    /** An engine that somebody brings and that cannot work here, and why. */
    public record Absent(String name, String whyNot) {}

    /** All engines that work here, the fastest first. They belong to the worker that asks. */
    public static List<CryptoEngine> all() {
        List<CryptoEngine> engines = new ArrayList<>();
        for (CryptoEngineProvider provider : Providers.of(CryptoEngineProvider.class)) {
            CryptoEngine engine = provider.open();
            if (engine != null) engines.add(engine);
        }
        engines.add(new JdkCryptoEngine());
        engines.add(new BouncyCastleCryptoEngine());
        return engines;
    }

    /**
     * Has a thread look for what other modules bring, which takes some 30 ms, while the caller does other things: who
     * asks for an engine soon waits less, and finds the same.
     */
    public static void lookAhead() {
        Thread.ofPlatform().daemon().name("engines").start(CryptoEngines::absent);
    }

    /** The engines that could be here and are not. */
    public static List<Absent> absent() {
        List<Absent> absent = new ArrayList<>();
        for (CryptoEngineProvider provider : Providers.of(CryptoEngineProvider.class)) {
            String whyNot = provider.whyNot();
            if (!whyNot.isEmpty()) absent.add(new Absent(provider.name(), whyNot));
        }
        return absent;
    }

    /** One engine with every algorithm, each from the first of {@link #all} that gives the known answer for it. */
    public static CryptoEngine best() {
        return best(all());
    }

    /**
     * One engine that takes each algorithm from the first in the list that gives the known answer for it, and hands a
     * mixed batch on in one piece for each engine.
     */
    public static CryptoEngine best(List<CryptoEngine> engines) {
        return new DispatchingCryptoEngine(engines, UnaryOperator.identity());
    }

    /**
     * {@link #best()}, with several threads at the jobs of a batch where an engine has {@link CryptoEngine#lane}s for
     * them.
     *
     * @param threads the owner's among them, 1 to {@link #MOST_THREADS}; they end with {@link CryptoEngine#close}
     * @param trouble hears, once and on the owner's thread, of an exception that jobs ended in; such jobs fail
     */
    public static CryptoEngine best(int threads, Consumer<String> trouble) {
        return best(all(), threads, trouble);
    }

    static CryptoEngine best(List<CryptoEngine> engines, int threads, Consumer<String> trouble) {
        if (threads == 1) return best(engines);
        var workers = new CryptoWorkers(threads, trouble);
        return new DispatchingCryptoEngine(engines, engine -> SharingCryptoEngine.over(engine, workers));
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

    /**
     * What {@code ipsec version --engines} shows: a line for each engine, and one for each algorithm that went wrong and
     * is left to others.
     */
    public static List<String> describe(List<CryptoSelfTest.Result> results) {
        return CryptoSelfTest.describe(results);
    }

    /** Which engine does which algorithms, as {@link #best} chooses. */
    public static Map<String, List<String>> choices(List<CryptoSelfTest.Result> results) {
        return CryptoSelfTest.choices(results);
    }
}
