package org.spigrp.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.spigrp.engine.Datagram.Piece;
import org.spigrp.sa.Group;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

/** One packet on its way through a batch. Used again and again. */
final class Work {
    private static final Packet NO_PACKET = new Packet(0, 0);

    final CryptoJob job = new CryptoJob();
    /** Of one that is peeled: what is off already. */
    final Front front = new Front();
    /** Of one that goes by its group's {@link Encapsulation}: where each member with cryptography ends, and its number. */
    final int[] ends = new int[Group.MAX_MEMBERS];

    final long[] numbers = new long[Group.MAX_MEMBERS];

    Packet packet = NO_PACKET;
    /** The packet is the engine's own (reassembled, released), not the caller's. */
    boolean ownSlab;

    @Nullable
    GroupPlan plan;

    boolean outbound;
    /**
     * How many of the batch's packets, from this one on, go together through one program; 0 = it goes through the layers.
     * Of those behind the first of a train nothing is said here but packet, group and job.
     */
    int train;
    /** The member at work. */
    int step;

    boolean first;
    /** Still on its way through the layers. */
    boolean active;
    /** The program that its train leaves by; null if there is none, or the train comes. */
    @Nullable
    Encapsulation program;
    /** The program that peels its train; null if there is none, or the train leaves. */
    @Nullable
    EspUntunnel untunnel;
    /** Its job is done already. */
    boolean opened;

    Verdict verdict = Verdict.NONE;
    int layer;
    /** The eroute that took it, {@link Route#NONE} where none did. */
    Route route = Route.NONE;
    /** The longest packet that may leave; 0 = no limit. */
    int mtu;
    /** Fragments inside the tunnel that waited for this one, and share its fate. */
    List<Piece> released = List.of();

    /** The beginning of the clear packet, where an ICMP error may have to quote it. */
    private byte[] saved = {};

    private int savedLength;
    /** The clear packet's length, and where its payload begins. */
    int clearLength;

    int clearHeader;

    void begin(Packet newPacket, boolean own) {
        packet = newPacket;
        ownSlab = own;
        plan = null;
        outbound = true;
        train = 0;
        program = null;
        untunnel = null;
        opened = false;
        active = false;
        verdict = Verdict.NONE;
        layer = 0;
        released = List.of();
        route = Route.NONE;
        mtu = 0;
        savedLength = 0;
    }

    /** It becomes one more of a train. To compare costs less than to store what is there already, as it mostly is. */
    @SuppressWarnings("ReferenceEquality")
    void join(Packet newPacket, GroupPlan its) {
        if (packet != newPacket) {
            packet = newPacket;
        }
        if (plan != its) {
            plan = its;
        }
    }

    /** How many works of the batch it stands for: it is followed by those of its train. */
    int span() {
        return Math.max(1, train);
    }

    /** It is the first of a train that a program has written. */
    boolean leaves() {
        return train > 0 && program != null;
    }

    /** It is the first of a train that a program peels. */
    boolean comes() {
        return train > 0 && untunnel != null;
    }

    /** It is the first of a train that leaves. */
    void lead(int packets, Route itsRoute, Encapsulation by) {
        train = packets;
        route = itsRoute;
        program = by;
        untunnel = null;
    }

    /** It is the first of a train that comes. */
    void lead(int packets, EspUntunnel by) {
        train = packets;
        route = Route.NONE;
        program = null;
        untunnel = by;
    }

    /** It was opened, and the layers go on from there. */
    void openedByLayers() {
        GroupPlan its = plan;
        begin(packet, false);
        plan = its;
        outbound = false;
        opened = true;
        step = 1;
        first = false;
        active = true;
        front.forget();
        front.parse(packet);
    }

    /** One of a train could not be sealed. */
    void failed(Route itsRoute) {
        GroupPlan its = plan;
        begin(packet, false);
        route = itsRoute;
        plan = its;
        end(Verdict.CRYPTO_FAILED, step);
    }

    /** The packet goes no further through the layers. */
    void end(Verdict newVerdict, int newLayer) {
        active = false;
        verdict = newVerdict;
        layer = newLayer;
    }

    GroupPlan group() {
        if (plan == null) {
            throw new IllegalStateException("no group");
        }
        return plan;
    }

    SaEntry member() {
        return group().members[step];
    }

    void save(int header) {
        if (saved.length == 0) {
            saved = new byte[IcmpErrors.MAX_QUOTE];
        }
        savedLength = Math.min(packet.length(), saved.length);
        packet.get(0, saved, 0, savedLength);
        clearLength = packet.length();
        clearHeader = header;
    }

    /** What {@link #save} has kept. */
    Octets saved() {
        return new Octets(saved, 0, savedLength);
    }

    boolean isSaved() {
        return savedLength > 0;
    }
}
