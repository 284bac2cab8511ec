package org.spigrp.engine;

import org.spigrp.wire.Packet;

/** Takes what comes out of the stack. A packet belongs to the sink only during the call: it is copied or written at once. */
public interface PacketSink {
    /** A packet that goes on: protected, peeled or passed; its verdict says which. {@code timestamp} and {@code tag} are those of the packet it came from. */
    void forward(Packet packet);

    /** A packet that ended here; its verdict says why, its octets are as they were when the verdict fell. */
    void dropped(Packet packet);

    /** An ICMP or ICMPv6 error that the stack sends back because of {@code about}. */
    void reply(Packet icmp, Packet about);
}
