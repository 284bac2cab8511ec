package org.spigrp.daemon;

import java.time.Duration;
import org.spigrp.command.ControlRequest;

/**
 * How much clients may have of the control socket.
 *
 * @param connections at a time
 * @param readers of them that only read, so that those who may change are never shut out by those who look
 * @param line octets of one request
 * @param changes in one transaction, which may come in many lines
 * @param events that wait for one slow watcher; later ones are counted and told as lost
 * @param lineTime for the rest of a line that has begun
 * @param writeTime for a client to take one piece of an answer
 * @param farewell for clients to take what is on its way when the daemon ends
 */
record ControlLimits(
        int connections,
        int readers,
        int line,
        int changes,
        int events,
        Duration lineTime,
        Duration writeTime,
        Duration farewell) {
    static final ControlLimits USUAL = new ControlLimits(
            64,
            48,
            ControlRequest.MAX_LINE,
            2_000_000,
            1024,
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofSeconds(1));
}
