package org.spigrp.linux;

import org.spigrp.engine.Port;

/** A port behind a file descriptor: a {@code Poller} can wait for it. Reading and writing never block. */
public interface KernelPort extends Port {
    /** The file descriptor that becomes readable when packets have come. */
    int descriptor();

    /**
     * Packets were read that the last batch had no room for (a super-packet was cut): {@link #receive} gives them
     * although the descriptor may not be readable. A {@code Poller} that knows the port does not wait then.
     */
    default boolean isPending() {
        return false;
    }

    /** Read it on the owner's thread. */
    @Override
    default long refused() {
        return 0;
    }

    /** Why the last of {@link #refused} was, as in errno(3); 0 = none was. */
    default int lastErrno() {
        return 0;
    }
}
