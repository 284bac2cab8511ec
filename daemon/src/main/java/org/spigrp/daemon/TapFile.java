package org.spigrp.daemon;

import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.spigrp.command.Event;
import org.spigrp.engine.capture.Tap;
import org.spigrp.sa.Said;
import org.spigrp.wire.Packet;

/**
 * {@code --tap}: a pcapng file of everything that passes, in clear and protected. Each packet is there as it came and as
 * it went, with group and verdict in its comment; they can only be known when it has ended, so what came is kept for the
 * length of a batch.
 */
final class TapFile implements Tapped, AutoCloseable {
    private final Tap tap;
    private final InstantSource clock;
    private final Events events;
    private final Map<String, Integer> interfaces = new HashMap<>();
    private Packet[] arrived = {};
    private List<Said>[] groups = newGroups(0);
    private long nanos;

    private TapFile(Tap tap, InstantSource clock, Events events) {
        this.tap = tap;
        this.clock = clock;
        this.events = events;
    }

    static TapFile open(Path file, InstantSource clock, Events events) {
        return new TapFile(Tap.create(file), clock, events);
    }

    @SuppressWarnings("unchecked") // an array of a generic type cannot be made otherwise
    private static List<Said>[] newGroups(int count) {
        return (List<Said>[]) new List<?>[count];
    }

    @Override
    public void before(Packet[] batch, int count) {
        if (arrived.length < batch.length) {
            arrived = new Packet[batch.length];
            groups = newGroups(batch.length);
            for (int i = 0; i < arrived.length; i++) {
                arrived[i] = new Packet(Packet.DEFAULT_CAPACITY, 0);
            }
        }
        Instant now = clock.instant();
        nanos = now.getEpochSecond() * 1_000_000_000L + now.getNano();
        for (int i = 0; i < count; i++) {
            Packet copy = arrived[i];
            copy.reset(0);
            boolean room = copy.append(batch[i].length());
            assert room : "a slab has room for any packet";
            copy.put(0, batch[i].array(), batch[i].start(), batch[i].length());
            groups[i] = List.of();
        }
    }

    @Override
    public void result(Attached at, Packet packet, boolean outbound, boolean forwarded, List<Said> group) {
        if (packet.tag() < groups.length) {
            groups[packet.tag()] = group;
        }
        if (forwarded) {
            tap.packet(outbound ? wire(at) : clear(at), outbound, packet, nanos, comment(group, packet));
        }
    }

    @Override
    public void after(Attached at, Packet[] batch, int count, boolean outbound) {
        for (int i = 0; i < count; i++) {
            tap.packet(outbound ? clear(at) : wire(at), outbound, arrived[i], nanos, comment(groups[i], batch[i]));
        }
        String trouble = tap.trouble();
        if (trouble != null) {
            events.tell(Event.Kind.STACK, null, trouble);
        }
    }

    private int clear(Attached at) {
        return interfaces.computeIfAbsent(at.virtual() + " (clear)", tap::addInterface);
    }

    private int wire(Attached at) {
        return interfaces.computeIfAbsent(at.physical() + " (protected)", tap::addInterface);
    }

    private static String comment(List<Said> group, Packet packet) {
        String names = null;
        if (packet.verdict().isGood() && !group.isEmpty()) {
            names = group.stream().map(Said::toString).collect(Collectors.joining(" "));
        } else if (packet.layer() < group.size()) {
            names = group.get(packet.layer()).toString();
        }
        return Tap.comment(packet.verdict(), names, packet.layer());
    }

    void flush() {
        tap.flush();
    }

    @Override
    public void close() {
        tap.close();
    }
}
