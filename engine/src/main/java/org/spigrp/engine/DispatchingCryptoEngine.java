package org.spigrp.engine;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.KeyMaterial;

/** Several engines as one. Contexts are the engines' own; a batch is sorted by {@link CryptoEngine.Context#engine}. */
final class DispatchingCryptoEngine implements CryptoEngine {
    private final CryptoEngine[] engines;
    /** The jobs of one engine; grows to the largest batch. */
    private CryptoJob[] part = new CryptoJob[64];

    DispatchingCryptoEngine(List<CryptoEngine> engines) {
        this.engines = engines.toArray(CryptoEngine[]::new);
    }

    @Override
    public String name() {
        return Arrays.stream(engines).map(CryptoEngine::name).collect(Collectors.joining(", "));
    }

    @Override
    public @Nullable Context esp(
            EspSuite suite, KeyMaterial encryptionKey, KeyMaterial authenticationKey, boolean encrypting) {
        for (CryptoEngine engine : engines) {
            Context context = engine.esp(suite, encryptionKey, authenticationKey, encrypting);
            if (context != null) return context;
        }
        return null;
    }

    @Override
    public @Nullable Context ah(AhSuite suite, KeyMaterial key) {
        for (CryptoEngine engine : engines) {
            Context context = engine.ah(suite, key);
            if (context != null) return context;
        }
        return null;
    }

    @Override
    public void seal(CryptoJob[] jobs, int count) {
        CryptoEngine one = onlyOne(jobs, count);
        if (one != null) {
            one.seal(jobs, count);
            return;
        }
        refuse(jobs, count);
        for (CryptoEngine engine : engines) {
            int mine = partOf(engine, jobs, count);
            if (mine > 0) engine.seal(part, mine);
        }
    }

    @Override
    public void open(CryptoJob[] jobs, int count) {
        CryptoEngine one = onlyOne(jobs, count);
        if (one != null) {
            one.open(jobs, count);
            return;
        }
        refuse(jobs, count);
        for (CryptoEngine engine : engines) {
            int mine = partOf(engine, jobs, count);
            if (mine > 0) engine.open(part, mine);
        }
    }

    /** The engine of all jobs, where they have one: then nothing need be sorted. */
    @SuppressWarnings("ReferenceEquality")
    private static @Nullable CryptoEngine onlyOne(CryptoJob[] jobs, int count) {
        Context first = count == 0 ? null : jobs[0].context;
        if (first == null) return null;
        CryptoEngine engine = first.engine();
        for (int i = 1; i < count; i++) {
            Context context = jobs[i].context;
            if (context != first && (context == null || context.engine() != engine)) return null;
        }
        return engine;
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
}
