package org.spigrp.engine;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.KeyMaterial;

/**
 * Several engines as one. Contexts are the engines' own; a batch is sorted by {@link CryptoEngine.Context#engine}.
 *
 * <p>When an algorithm is asked for the first time, an engine that has it is tried with the known answer. One that gives
 * another is passed over for it, as if it did not have it.
 */
final class DispatchingCryptoEngine implements CryptoEngine {
    private final CryptoEngine[] engines;
    /** They do the jobs of the engines' contexts: each engine itself, or with workers. */
    private final CryptoEngine[] doing;
    /** For each engine, the algorithms that were tried by their name in {@link CryptoSelfTest}: whether it does them right. */
    private final List<Map<String, Boolean>> tried;

    /** The jobs of one engine; grows to the largest batch. */
    private CryptoJob[] part = new CryptoJob[64];

    DispatchingCryptoEngine(List<CryptoEngine> engines, UnaryOperator<CryptoEngine> doing) {
        this.engines = engines.toArray(CryptoEngine[]::new);
        this.doing = engines.stream().map(doing).toArray(CryptoEngine[]::new);
        this.tried =
                engines.stream().<Map<String, Boolean>>map(_ -> new HashMap<>()).toList();
    }

    @Override
    public String name() {
        return Arrays.stream(engines).map(CryptoEngine::name).collect(Collectors.joining(", "));
    }

    @Override
    public @Nullable Context esp(
            EspSuite suite, KeyMaterial encryptionKey, KeyMaterial authenticationKey, boolean encrypting) {
        for (int i = 0; i < engines.length; i++) {
            CryptoEngine engine = engines[i];
            if (!doesRight(i, CryptoSelfTest.namesOf(suite))) continue;
            Context context = engine.esp(suite, encryptionKey, authenticationKey, encrypting);
            if (context != null) return context;
        }
        return null;
    }

    @Override
    public @Nullable Context ah(AhSuite suite, KeyMaterial key) {
        for (int i = 0; i < engines.length; i++) {
            CryptoEngine engine = engines[i];
            if (!doesRight(i, CryptoSelfTest.namesOf(suite))) continue;
            Context context = engine.ah(suite, key);
            if (context != null) return context;
        }
        return null;
    }

    private boolean doesRight(int engine, List<String> algorithms) {
        for (String algorithm : algorithms) {
            Map<String, Boolean> results = tried.get(engine);
            if (!results.computeIfAbsent(algorithm, name -> CryptoSelfTest.isRight(engines[engine], name)))
                return false;
        }
        return true;
    }

    @Override
    public void seal(CryptoJob[] jobs, int count) {
        CryptoEngine only = theOnlyOne(jobs, count);
        if (only != null) {
            only.seal(jobs, count);
            return;
        }
        refuse(jobs, count);
        for (int i = 0; i < engines.length; i++) {
            int mine = partOf(engines[i], jobs, count);
            if (mine > 0) doing[i].seal(part, mine);
        }
    }

    @Override
    public void open(CryptoJob[] jobs, int count) {
        CryptoEngine only = theOnlyOne(jobs, count);
        if (only != null) {
            only.open(jobs, count);
            return;
        }
        refuse(jobs, count);
        for (int i = 0; i < engines.length; i++) {
            int mine = partOf(engines[i], jobs, count);
            if (mine > 0) doing[i].open(part, mine);
        }
    }

    /** Who does all jobs, as it mostly is; null if there are several, or a job is of no engine of ours. */
    @SuppressWarnings("ReferenceEquality") // the same object is asked once
    private @Nullable CryptoEngine theOnlyOne(CryptoJob[] jobs, int count) {
        CryptoEngine only = null;
        Context before = null;
        for (int i = 0; i < count; i++) {
            Context context = jobs[i].context;
            if (context == null) return null;
            if (context == before) continue;
            CryptoEngine engine = context.engine();
            if (only != null && !only.equals(engine)) return null;
            only = engine;
            before = context;
        }
        for (int i = 0; i < engines.length; i++) {
            if (engines[i].equals(only)) return doing[i];
        }
        return null;
    }

    /** A job that no engine takes stays refused. */
    private static void refuse(CryptoJob[] jobs, int count) {
        for (int i = 0; i < count; i++) jobs[i].ok = false;
    }

    private int partOf(CryptoEngine engine, CryptoJob[] jobs, int count) {
        if (part.length < count) part = new CryptoJob[count];
        int mine = 0;
        for (int i = 0; i < count; i++) {
            Context context = jobs[i].context;
            if (context != null && context.engine().equals(engine)) part[mine++] = jobs[i];
        }
        return mine;
    }

    @Override
    public void close() {
        for (CryptoEngine engine : doing) engine.close();
    }
}
