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

    /**
     * A packet passed an SA with compression; told while {@link Engine#watchCompression} says so.
     *
     * @param before octets of the IP packet
     * @param after the same number where it went on as it was
     * @param why it was not compressed; null if it was, and for one that came in
     */
    default void compressed(Said said, int before, int after, @Nullable String why) {}
}
