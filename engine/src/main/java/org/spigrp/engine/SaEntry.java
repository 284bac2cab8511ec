package org.spigrp.engine;

import org.jspecify.annotations.Nullable;
import org.spigrp.sa.LifetimeKind;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.SaState;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Transform;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Octets;

/**
 * An SA in the engine: what it is, how it stands, what it does to packets, and its place in its group. It knows its key
 * in {@link Sad} in the form in which a packet shows it.
 */
final class SaEntry extends Changes.Item implements Runnable {
    final long high;
    final long low;
    final long rest;

    final SecurityAssociation sa;
    final SaState state;
    final Layer layer;
    final GroupPlan plan;
    /** 0 = innermost. */
    final int index;

    /** Of the headers that it edits or makes. */
    final Family family;

    final boolean isTunnel;
    final boolean isComp;
    final boolean isEsp;
    final NatTraversal natTraversal;
    private final boolean anySource;
    private final Family sourceFamily;
    private final long sourceHigh;
    private final long sourceLow;
    private Changes<SaEntry> told = new Changes<>();
    /** A ceiling was staged and its commit not yet told. */
    boolean ceilingStaged;

    boolean grantStaged;
    /** In which second a grant was refused last; what is refused is spent, so it is not asked for again before the next. */
    long refusedSeconds = Long.MIN_VALUE;
    /** Which soft limit was passed. */
    @Nullable
    LifetimeKind softPassed;
    /** It was said that few sequence numbers are left. */
    boolean nearEndTold;
    /** Its place among {@link Sad#loaded}. */
    boolean isLoaded;

    @Nullable
    SaEntry previous;

    @Nullable
    SaEntry next;

    SaEntry(SecurityAssociation sa, SaState state, Worker worker, GroupPlan plan, int index) {
        this(sa, state, Layer.of(state, worker), plan, index);
    }

    /** The same SA in another group: its numbers, window and keys go on. */
    SaEntry(SaEntry before, GroupPlan plan, int index) {
        this(before.sa, before.state, before.layer, plan, index);
        nearEndTold = before.nearEndTold;
        refusedSeconds = before.refusedSeconds;
    }

    /** What this SA does from now on is told there. */
    void tellChanges(Changes<SaEntry> changes, boolean atOnce) {
        told = changes;
        state.whenChanged(this);
        if (atOnce) {
            run();
        }
    }

    /** Its state has changed. */
    @Override
    public void run() {
        told.note(this);
    }

    private SaEntry(SecurityAssociation sa, SaState state, Layer layer, GroupPlan plan, int index) {
        IpAddress destination = sa.said().destination();
        high = destination.high();
        low = destination.low();
        rest = Sad.keyOf(sa.said());
        this.sa = sa;
        this.state = state;
        this.layer = layer;
        this.plan = plan;
        this.index = index;
        family = sa.said().family();
        isTunnel = sa.transform() instanceof Transform.Tunnel;
        isComp = sa.transform() instanceof Transform.Comp;
        isEsp = sa.transform() instanceof Transform.Esp;
        natTraversal = sa.transform() instanceof Transform.Esp esp ? esp.natTraversal() : NatTraversal.NONE;
        anySource = sa.source().isAny();
        sourceFamily = sa.source().family();
        sourceHigh = sa.source().high();
        sourceLow = sa.source().low();
    }

    /** True if the outer source in a packet is the SA's, or the SA takes any (RFC 4301 4.4.2.1). */
    boolean comesFrom(Octets packet, Family packetFamily, int sourceAt) {
        return anySource
                || (sourceFamily == packetFamily && isAt(packet, packetFamily, sourceAt, sourceHigh, sourceLow));
    }

    /** True if the SA's destination is in a packet at this place. */
    boolean isSentTo(Octets packet, Family packetFamily, int destinationAt) {
        return family == packetFamily && isAt(packet, packetFamily, destinationAt, high, low);
    }

    private static boolean isAt(Octets packet, Family family, int at, long high, long low) {
        return Match.low(family, packet, at) == low && Match.high(family, packet, at) == high;
    }
}
