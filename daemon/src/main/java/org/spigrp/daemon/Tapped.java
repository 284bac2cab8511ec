package org.spigrp.daemon;

import java.util.List;
import org.spigrp.sa.Said;
import org.spigrp.wire.Packet;

/** Sees every packet twice: as it came, and as it went, with group and verdict ({@code --tap}). */
interface Tapped {
    /** The first {@code count} packets are about to be processed. */
    void before(Packet[] batch, int count);

    /** They were; their verdicts are set. */
    void after(Attached at, Packet[] batch, int count, boolean outbound);

    /** What came out of one of them; {@code forwarded} = it goes on. */
    void result(Attached at, Packet packet, boolean outbound, boolean forwarded, List<Said> group);
}
