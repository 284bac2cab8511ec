package org.spigrp.engine;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.spigrp.command.Snapshot;
import org.spigrp.sa.ErouteUse;
import org.spigrp.sa.NumberLedger;
import org.spigrp.sa.SaUse;
import org.spigrp.sa.Said;
import org.spigrp.sa.Selector;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

/**
 * The stack as packets see it: those for a known SA are peeled, those that an eroute selects are protected, shunts act,
 * the rest passes or is dropped.
 *
 * <pre>
 *   batch --> parse --> fragments --> for an SA? --> Inbound ---\
 *                                        | no                    +--> verdicts --> sink, in the order of arrival
 *                                     eroutes ----> Outbound ---/
 * </pre>
 *
 * <p>Packets are looked at one after another and gathered; their cryptography and the ledger's commits are done for up
 * to {@link #BATCH} of them at once. The result is that of one packet after another. A packet is peeled or protected,
 * once: what was peeled is not looked up again, and neither is the outer packet of one that was protected (nested
 * tunnels are groups; a second pass through the eroutes is what broke them in the old stack, specification B-43).
 *
 * <p>Counting: each packet that came in counts once in {@link #counters}, fragments too; of a datagram that was put
 * together its last fragment counts with the whole's verdict, the others as REASSEMBLED. On SAs PROTECTED and PEELED
 * count for every member of the group, everything else for the member where it fell.
 *
 * <p>What the packet path allocates: nothing, but for an SA's or an eroute's first packet, kept fragments, and ICMP
 * errors about packets that are too big. The crypto engine's share is its own.
 *
 * <p>At a clean end: {@link #finish}, then {@link #forEachUse} and {@link #forEachErouteUse} into the tables and their
 * commit, then {@link #settle}. Without it nothing unsafe happens, but the next run skips numbers and refuses what lies
 * below the receive ceilings.
 *
 * <p>Not thread-safe: it has one owner.
 */
public final class Engine implements AutoCloseable {
    /** Packets that go through a layer together. */
    public static final int BATCH = 64;

    private final Worker worker;
    private final Spd spd;
    private final Sad sad;
    private final Fragments fragments;
    private final Batch batch;
    private final Arrivals arrivals;
    private final List<Said> expired = new ArrayList<>();
    private final List<Said> soft = new ArrayList<>();
    private final Snapshot snapshot;
    private final NumberLedger ledger;

    private final GroupPlan.Limits limits = new GroupPlan.Limits() {
        @Override
        public void soft(SaEntry member) {
            soft.add(member.sa.said());
        }

        @Override
        public void expired(SaEntry member) {
            expired.add(member.sa.said());
        }
    };

    /** @param random a CSPRNG */
    public Engine(
            Snapshot snapshot,
            NumberLedger ledger,
            CryptoEngine crypto,
            EngineOptions options,
            InstantSource clock,
            RandomGenerator random) {
        this(snapshot, ledger, crypto, options, clock, random, EngineSeams.NONE);
    }

    /** With a test's own IVs and ids. */
    public Engine(
            Snapshot snapshot,
            NumberLedger ledger,
            CryptoEngine crypto,
            EngineOptions options,
            InstantSource clock,
            RandomGenerator random,
            EngineSeams seams) {
        this.snapshot = snapshot;
        this.ledger = ledger;
        worker = new Worker(crypto, seams, clock, random);
        spd = new Spd(snapshot.eroutes());
        sad = new Sad(snapshot, ledger, worker, options.freshWindows());
        var jobs = new CryptoJob[BATCH];
        var fragmenter = new OuterFragmenter(random.nextInt());
        var outbound = new Outbound(crypto, ledger, fragmenter, options.mtu(), jobs);
        batch = new Batch(new Inbound(crypto, ledger, jobs), outbound, fragmenter, options);
        fragments = new Fragments(batch::discard);
        batch.judge(new PolicyCheck(batch, fragments, worker));
        arrivals = new Arrivals(batch, new Classifier(spd, sad, options), fragments, worker, options, limits);
    }

    /**
     * Takes the first {@code packetCount} packets, each of which begins with its IP header; what follows behind the IP
     * packet (link-layer padding) is cut off. When it returns all of them are the caller's again; fragments that wait
     * for others ({@link Verdict#HELD_FRAGMENT}) have been copied, and come out in a later call.
     */
    public void process(Packet[] packets, int packetCount, PacketSink sink) {
        batch.open(sink);
        worker.now();
        for (int i = 0; i < packetCount; i++) {
            arrivals.arrive(packets[i]);
        }
        batch.close();
    }

    /** No more packets will come: fragments that still wait are given up. */
    public void finish(PacketSink sink) {
        batch.open(sink);
        worker.now();
        fragments.giveUpAll();
        batch.close();
    }

    /**
     * What the SAs that a packet has asked for have done, to be put into the tables; at the end, and in between as often
     * as one likes.
     */
    public void forEachUse(BiConsumer<Said, SaUse> action) {
        for (SaEntry entry : sad.loaded()) {
            action.accept(entry.sa.said(), entry.state.toUse());
        }
    }

    /** The new use of the eroutes that have selected a packet. */
    public void forEachErouteUse(BiConsumer<Selector, ErouteUse> action) {
        for (Route route : spd.routes()) {
            if (route.wasUsed()) {
                action.accept(route.selector(), route.use(snapshot));
            }
        }
    }

    /**
     * After what {@link #forEachUse} gave is durable, and never before: tells the ledger which numbers were really used,
     * so that the next run goes on exactly behind them. Safe to be called again after more packets.
     *
     * @return false if the ledger could not write
     */
    public boolean settle() {
        for (SaEntry entry : sad.loaded()) {
            entry.state.stageExact();
        }
        return ledger.commit();
    }

    /** SAs that have reached a hard limit in this run; their groups carry nothing any more. */
    public List<Said> expired() {
        return List.copyOf(expired);
    }

    /** SAs that have passed a soft limit in this run, each announced once in its life. */
    public List<Said> softReached() {
        return List.copyOf(soft);
    }

    public Verdicts counters() {
        return batch.counters();
    }

    /** Overwrites keys as far as the crypto engine can. */
    @Override
    public void close() {
        for (SaEntry entry : sad.loaded()) {
            entry.layer.close();
        }
        worker.close();
    }
}
