package org.spigrp.engine;

import java.time.Instant;
import java.time.InstantSource;
import java.util.SplittableRandom;
import org.spigrp.wire.Packet;

/**
 * A port with a bad line in front of it: packets are lost, doubled, reordered, damaged and late, as {@link Faults} say,
 * in either direction.
 *
 * <p>What is late needs somebody who comes back for it: {@link #nextDueNanos} says when, {@link #receive} and {@link
 * #flush} do it. When more than {@value FaultLine#MAX_HELD} packets or 16 MiB wait in one direction, those that are due
 * first go on at once. Every packet is counted:
 *
 * <pre>
 *   taken + duplicated = lost + given + held
 * </pre>
 *
 * Owned by one thread.
 */
public final class FaultPort implements Port {
    /** Packets handed to the port behind in one go. */
    private static final int SENDING = 16;

    private final Port port;
    private final InstantSource clock;
    private final FaultLine receiving;
    private final FaultLine sending;
    private final boolean receivesAsItIs;
    private final boolean sendsAsItIs;
    private final Packet[] out = new Packet[SENDING];

    private boolean ended;
    private boolean closed;
    /** Added to the clock's time, so that what waits goes on waiting as long when the clock is set back. */
    private long setBack;

    private long lastSeen = Long.MIN_VALUE;

    /**
     * @param receive what happens to packets received from {@code port}; {@link Faults#NONE} = nothing
     * @param send what happens to packets sent to it
     * @param clock for what is late
     */
    public FaultPort(Port port, Faults receive, Faults send, InstantSource clock) {
        this.port = port;
        this.clock = clock;
        // Of one seed, both directions would lose the same numbers.
        receiving = new FaultLine(receive, new SplittableRandom(receive.seed()));
        sending = new FaultLine(send, new SplittableRandom(send.seed()).split());
        receivesAsItIs = receive.isNone();
        sendsAsItIs = send.isNone();
        for (int i = 0; i < SENDING && !sendsAsItIs; i++) {
            out[i] = new Packet(Packet.DEFAULT_CAPACITY, Packet.DEFAULT_HEADROOM);
        }
    }

    /** -1 comes when the port behind has ended and nothing waits any more. */
    @Override
    public int receive(Packet[] batch) {
        flush();
        if (receivesAsItIs) {
            return port.receive(batch);
        }
        long now = now();
        int count = receiving.give(batch, now);
        if (count > 0) {
            return count; // what is due first: so what waits cannot become ever more
        }
        while (count == 0 && !ended) {
            int arrived = port.receive(batch);
            if (arrived == 0) {
                break; // "none now" is true only when the port behind says so too
            }
            for (int i = 0; i < arrived; i++) {
                receiving.take(batch[i], now);
            }
            ended = arrived < 0;
            count = receiving.give(batch, now);
        }
        return count == 0 && ended && receiving.held() == 0 ? -1 : count;
    }

    @Override
    public void send(Packet[] batch, int count) {
        if (sendsAsItIs) {
            port.send(batch, count);
            return;
        }
        long now = now();
        for (int i = 0; i < count; i++) {
            sending.take(batch[i], now);
        }
        sendDue(now);
    }

    /** Sends on what was sent before and is due now. */
    public void flush() {
        if (!sendsAsItIs && sending.held() > 0) {
            sendDue(now());
        }
    }

    private void sendDue(long now) {
        int count = sending.give(out, now);
        while (count > 0) {
            port.send(out, count);
            count = sending.give(out, now);
        }
    }

    private long now() {
        Instant instant = clock.instant();
        long seen = instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
        if (seen < lastSeen) {
            setBack += lastSeen - seen;
        }
        lastSeen = seen;
        return seen + setBack;
    }

    /**
     * How long until something that waits is due, in either direction.
     *
     * @param now nanoseconds since 1970, of the clock this port was given
     * @return nanoseconds; 0 = something is due already, Long.MAX_VALUE = nothing waits, or the port is closed
     */
    public long nextDueNanos(long now) {
        long next = Math.min(receiving.nextDue(), sending.nextDue());
        if (closed || next == Long.MAX_VALUE) {
            return Long.MAX_VALUE;
        }
        return next == Long.MIN_VALUE ? 0 : Math.max(0, next - now - setBack);
    }

    /** Packets that wait in here now. */
    public int held() {
        return receiving.held() + sending.held();
    }

    /** Packets that came in here: received from the port behind, or to be sent. Not those of a direction without faults. */
    public long taken() {
        return receiving.taken + sending.taken;
    }

    /** Packets that went out of here. */
    public long given() {
        return receiving.given + sending.given;
    }

    public long lost() {
        return receiving.lost + sending.lost;
    }

    /** Copies made. */
    public long duplicated() {
        return receiving.duplicated + sending.duplicated;
    }

    /** Packets put aside for others to overtake them. */
    public long reordered() {
        return receiving.reordered + sending.reordered;
    }

    public long corrupted() {
        return receiving.corrupted + sending.corrupted;
    }

    /** Packets that were made to wait for a time. */
    public long delayed() {
        return receiving.delayed + sending.delayed;
    }

    @Override
    public long refused() {
        return port.refused();
    }

    /** Closes the port behind; what still waits to be sent is given up, and stays in {@link #held}. */
    @Override
    public void close() {
        closed = true;
        port.close();
    }
}
