package org.spigrp.engine;

import org.spigrp.wire.Packet;

/**
 * Where packets enter and leave. Captures and memory queues here; TUN, raw and UDP sockets, fault makers and tracers
 * are the same interface, one wrapping the next.
 */
public interface Port extends AutoCloseable {
    /** Fills packets of {@code batch} from index 0; how many were filled. 0 = none now, -1 = there will be no more. */
    int receive(Packet[] batch);

    /** Sends the first {@code count} packets, in order. They belong to the caller again when this returns. */
    void send(Packet[] batch, int count);

    /** Packets that could not be sent, or not be taken, as the other side of the port refused them. */
    default long refused() {
        return 0;
    }

    @Override
    void close();
}
