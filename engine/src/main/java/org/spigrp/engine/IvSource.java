package org.spigrp.engine;

import org.spigrp.sa.Said;
import org.spigrp.wire.Octets;

/** Takes the place of the engine's own IVs and padding, so that a test can make the very octets of another system. */
public interface IvSource {
    /** Writes the explicit IV of the packet with this sequence number: {@code length} octets at {@code at}. */
    void iv(Said said, long sequence, Octets packet, int at, int length);

    /** Writes the octets that AH is padded with up to its alignment; they are zero when it is called. */
    void ahPadding(Said said, long sequence, Octets packet, int at, int length);
}
