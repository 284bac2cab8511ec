package org.spigrp.engine;

import org.jspecify.annotations.Nullable;

/** A compressor that another module brings, in the manner of {@link CryptoEngineProvider}. Until asked it loads nothing. */
public interface CompressorProvider {
    /** Of the library behind it, for people. */
    String name();

    /** A compressor for one worker, or null where it cannot work here; {@link #whyNot} then says why. */
    @Nullable
    Compressor open();

    /** Why it cannot work here and how to mend it, as half a sentence; empty where it can. */
    String whyNot();
}
