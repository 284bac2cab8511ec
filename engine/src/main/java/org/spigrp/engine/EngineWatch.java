package org.spigrp.engine;

import org.jspecify.annotations.Nullable;
import org.spigrp.sa.LifetimeKind;
import org.spigrp.sa.Said;
import org.spigrp.wire.IpAddress;

/**
 * Hears what happens to SAs while packets go through. Called in the middle of a batch: it may note what it is told, and
 * nothing else.
 */
public interface EngineWatch {
    /** Hears nothing. */
    EngineWatch DEAF = new EngineWatch() {};

    /** A soft limit was passed; told once in the SA's life. */
    default void soft(Said said, @Nullable LifetimeKind kind) {}

    /** A hard limit was passed: the SA's group carries nothing any more. */
    default void expired(Said said, @Nullable LifetimeKind kind) {}

    /** Nine tenths of the sequence numbers are used; told once. */
    default void numbersNearEnd(Said said) {}

    /** What goes out to {@code outbound} is sent to this address and port from now on. */
    default void peerMoved(Said outbound, IpAddress address, int port) {}
}
