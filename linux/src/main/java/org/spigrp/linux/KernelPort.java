package org.spigrp.linux;

import org.spigrp.engine.Port;

/** A port behind a file descriptor: a {@code Poller} can wait for it. Reading and writing never block. */
public interface KernelPort extends Port {
    /** The file descriptor that becomes readable when packets have come. */
    int descriptor();
}
