package org.spigrp.engine.capture;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.spigrp.engine.Port;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

/** A port whose packets, both received and sent, are also written to a {@link Tap}. */
public final class TapPort implements Port {
    private final Port port;
    private final Tap tap;
    private final int interfaceId;
    private final InstantSource clock;
    private final Function<? super Packet, @Nullable String> comments;

    /** As the other, with the verdict as comment where there is one already. */
    public TapPort(Port port, Tap tap, String interfaceName, InstantSource clock) {
        this(port, tap, interfaceName, clock, TapPort::verdict);
    }

    /**
     * @param interfaceName of the tap's interface that is added for this port
     * @param clock for packets that do not know when they were received, and for those that are sent
     * @param comments what is to be said of a packet; null = nothing
     */
    public TapPort(
            Port port,
            Tap tap,
            String interfaceName,
            InstantSource clock,
            Function<? super Packet, @Nullable String> comments) {
        this.port = port;
        this.tap = tap;
        this.interfaceId = tap.addInterface(interfaceName);
        this.clock = clock;
        this.comments = comments;
    }

    private static @Nullable String verdict(Packet packet) {
        return packet.verdict() == Verdict.NONE ? null : packet.verdict().name();
    }

    @Override
    public int receive(Packet[] batch) {
        int count = port.receive(batch);
        if (count > 0) {
            write(batch, count, false);
        }
        return count;
    }

    @Override
    public void send(Packet[] batch, int count) {
        write(batch, count, true); // before: the port may use the room in front of the packet
        port.send(batch, count);
    }

    private void write(Packet[] batch, int count, boolean outbound) {
        if (!tap.isWriting()) {
            return;
        }
        Instant instant = clock.instant();
        long now = instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
        for (int i = 0; i < count; i++) {
            Packet packet = batch[i];
            long nanos = outbound || packet.timestamp() == 0 ? now : packet.timestamp();
            tap.packet(interfaceId, outbound, packet, nanos, comments.apply(packet));
        }
    }

    /** Closes the port behind; the tap, which may have more ports, stays open. */
    @Override
    public void close() {
        port.close();
    }
}
