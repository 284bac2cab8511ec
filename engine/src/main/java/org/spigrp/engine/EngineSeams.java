package org.spigrp.engine;

import org.jspecify.annotations.Nullable;

/**
 * What a test may put in place of the engine's own choices. No command reaches it: with {@link #NONE}, which is what
 * the product passes, IVs cannot be chosen from outside. Sequence numbers start where {@code --seq} says.
 *
 * @param ivs null = counters from the ledger's epochs, and CSPRNG octets for CBC
 * @param ids null = the engine's own counter, which is never 0
 * @param byLayers every packet goes layer by layer: the slow twin of the programs that groups are made into
 * @param byZlib the JDK compresses, whatever is installed: its octets are those of KLIPS and Linux
 */
public record EngineSeams(@Nullable IvSource ivs, @Nullable OuterIds ids, boolean byLayers, boolean byZlib) {
    public static final EngineSeams NONE = new EngineSeams(null, null);

    public EngineSeams(@Nullable IvSource ivs, @Nullable OuterIds ids) {
        this(ivs, ids, false, false);
    }

    public EngineSeams withZlib() {
        return new EngineSeams(ivs, ids, byLayers, true);
    }
}
