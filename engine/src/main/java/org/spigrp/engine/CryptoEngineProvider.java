package org.spigrp.engine;

import org.jspecify.annotations.Nullable;

/**
 * A crypto engine that another module brings, found by {@link java.util.ServiceLoader}; so this module and the commands
 * need not know who calls what. It is tried before the engines of this module: nobody brings one that is slower.
 *
 * <p>A provider is made where engines are first asked for, also on machines that lack what it needs; until {@link #open}
 * it loads nothing.
 */
public interface CryptoEngineProvider {
    /** Of the library behind it, for people: {@code ipsec-mb}. */
    String name();

    /** An engine for one worker, or null where it cannot work here; {@link #whyNot} then says why. */
    @Nullable
    CryptoEngine open();

    /** Why it cannot work here and how to mend it, as half a sentence; empty where it can. */
    String whyNot();
}
