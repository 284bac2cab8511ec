package org.spigrp.daemon;

import org.spigrp.engine.Engine;
import org.spigrp.engine.Port;
import org.spigrp.wire.Packet;

/**
 * Packets on their way to a port, gathered so that a batch costs one call of the kernel.
 *
 * <p>What the engine hands over is the engine's again afterwards, unless it is a packet of the caller's own batch: that
 * one stays as it is until the caller fills it anew, so it need not be copied.
 */
final class Outgoing {
    static final int MOST = 2 * Engine.BATCH;

    private final Port port;
    private final Packet[] packets = new Packet[MOST];
    private final Packet[] copies = new Packet[MOST];
    private int count;
    private int copied;

    Outgoing(Port port) {
        this.port = port;
    }

    Port port() {
        return port;
    }

    /** @param stays the packet will not be touched before {@link #flush} */
    void add(Packet packet, boolean stays) {
        packets[count++] = stays ? packet : copy(packet);
        if (count == MOST) {
            flush();
        }
    }

    private Packet copy(Packet packet) {
        Packet copy = copies[copied];
        if (copy == null) {
            copy = new Packet(Packet.DEFAULT_CAPACITY, Packet.DEFAULT_HEADROOM);
            copies[copied] = copy;
        }
        copied++;
        copy.reset(Packet.DEFAULT_HEADROOM);
        boolean room = copy.append(packet.length());
        assert room : "a slab has room for any packet";
        copy.put(0, packet.array(), packet.start(), packet.length());
        copy.verdict(packet.verdict(), packet.layer());
        copy.timestamp(packet.timestamp());
        return copy;
    }

    void flush() {
        if (count > 0) {
            port.send(packets, count);
            count = 0;
            copied = 0;
        }
    }
}
