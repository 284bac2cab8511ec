package org.spigrp.engine;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Snapshot;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.ErouteUse;
import org.spigrp.sa.NumberLedger;
import org.spigrp.sa.SaUse;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Packet;
import org.spigrp.wire.PacketSelector;
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
 * <p>A live stack has two sides: {@link #protect} takes what this host wants to send, {@link #peel} what came by the wire.
 * When the tables have changed it says so with {@link #refresh}.
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
    private final Lookahead lookahead;
    private final List<Said> expired = new ArrayList<>();
    private final List<Said> soft = new ArrayList<>();
    private final Snapshot snapshot;
    private final NumberLedger ledger;
    private final Classifier classifier;
    private final Outbound outbound;
    private final PathMtu pathMtu;
    private final int mtu;
    private EngineWatch watch = EngineWatch.DEAF;

    private final GroupPlan.Limits limits = new GroupPlan.Limits() {
        @Override
        public void soft(SaEntry member) {
            soft.add(member.sa.said());
            watch.soft(member.sa.said(), member.softPassed);
        }

        @Override
        public void expired(SaEntry member) {
            expired.add(member.sa.said());
            watch.expired(member.sa.said(), member.state.hardPassed());
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
        spd = new Spd(snapshot);
        sad = new Sad(snapshot, ledger, worker, options.freshWindows());
        var jobs = new CryptoJob[BATCH];
        var fragmenter = new OuterFragmenter(random.nextInt());
        mtu = options.mtu();
        outbound = new Outbound(crypto, ledger, fragmenter, jobs, worker);
        batch = new Batch(worker, new Inbound(crypto, ledger, jobs), outbound, fragmenter, options);
        fragments = new Fragments(batch::discard);
        batch.judge(new PolicyCheck(batch, fragments, worker));
        classifier = new Classifier(spd, sad, options);
        lookahead = new Lookahead(spd, sad, classifier);
        arrivals = new Arrivals(batch, classifier, fragments, worker, limits);
        pathMtu = new PathMtu(sad, worker);
    }

    /** Who hears of limits and peers from now on. */
    public void watch(EngineWatch newWatch) {
        watch = newWatch;
        outbound.watch(newWatch);
    }

    /** Whether {@link EngineWatch#compressed} is told of each packet from now on. */
    public void watchCompression(boolean tell) {
        worker.compWatch = tell ? watch : null;
    }

    /**
     * This host has these addresses now. ICMP errors do not come from them: into a host that runs the stack itself they
     * would come from outside with an address of its own, and be refused as forged.
     */
    public void local(Set<IpAddress> addresses) {
        classifier.local(addresses);
    }

    /**
     * Takes the first {@code packetCount} packets, each of which begins with its IP header; what follows behind the IP
     * packet (link-layer padding) is cut off. When it returns all of them are the caller's again; fragments that wait
     * for others ({@link Verdict#HELD_FRAGMENT}) have been copied, and come out in a later call.
     */
    public void process(Packet[] packets, int packetCount, PacketSink sink) {
        process(Classifier.Side.CAPTURE, packets, packetCount, mtu, sink);
    }

    /**
     * Takes packets that this host wants to send: eroutes and shunts are asked, no SA receives. A packet that has been
     * through here already, as its outer header leads back to the virtual interface, ends in {@link Verdict#LOOP}.
     *
     * @param linkMtu of the link that protected packets leave by, 0 = no limit
     */
    public void protect(Packet[] packets, int packetCount, int linkMtu, PacketSink sink) {
        process(Classifier.Side.CLEAR, packets, packetCount, linkMtu, sink);
    }

    /**
     * Takes packets that came by the wire: SAs are asked, no eroute. What is for no SA is dropped and named: NO_SA,
     * NOT_ESP, or CLEAR_BUT_PROTECTED where an inbound policy wants it protected (RFC 4301 5.2).
     */
    public void peel(Packet[] packets, int packetCount, PacketSink sink) {
        process(Classifier.Side.WIRE, packets, packetCount, mtu, sink);
        if (!worker.moved.isEmpty()) {
            followPeers();
        }
    }

    private void process(Classifier.Side side, Packet[] packets, int packetCount, int linkMtu, PacketSink sink) {
        classifier.side(side);
        batch.open(sink, linkMtu);
        worker.now();
        boolean ahead = lookahead.pays();
        for (int from = 0; from < packetCount; from += BATCH) {
            int to = Math.min(from + BATCH, packetCount);
            if (ahead) {
                lookahead.over(packets, from, to - from);
            }
            arrivals.arrive(packets, from, to, ahead ? lookahead : null);
        }
        batch.close();
    }

    /**
     * While the sink is handed a packet: the group that it went through or stumbled in, inner to outer; empty where none
     * was involved.
     */
    public List<Said> group() {
        GroupPlan plan = batch.current();
        return plan == null ? List.of() : plan.saids;
    }

    /** While the sink is handed a packet that was to be sent: the eroute that took it, or null. */
    public @Nullable Eroute eroute() {
        Route route = batch.currentRoute();
        return route.hasEroute() ? route.eroute() : null;
    }

    /**
     * The snapshot has changed. SAs that are still the same go on with their numbers, windows and keys, whatever group
     * they are in now.
     *
     * @param touchedSas that were added or removed, or are in another group, or whose inbound policy is another
     * @param touchedEroutes that were added, removed or replaced; their counts begin anew
     */
    public void refresh(Set<Said> touchedSas, Set<Selector> touchedEroutes) {
        if (!touchedSas.isEmpty()) {
            sad.refresh(touchedSas);
            worker.peerEpoch++;
        }
        if (!touchedEroutes.isEmpty()) {
            spd.refresh(snapshot, touchedEroutes);
            worker.peerEpoch++;
        }
        classifier.forgetFlows();
        worker.innerFlows.clear();
    }

    /**
     * An ICMP or ICMPv6 error came about a packet that this host has sent.
     *
     * @return the group whose path takes smaller packets than was known, inner to outer; empty = it changed nothing
     */
    public List<Said> pathError(Packet icmp) {
        worker.now();
        GroupPlan plan = pathMtu.learn(icmp);
        return plan == null ? List.of() : plan.saids;
    }

    /** What the path of this group is known to take, 0 = nothing is known. */
    public int pathMtu(Said first) {
        SaEntry entry = sad.find(first);
        return entry == null ? 0 : entry.plan.mtu(0, worker.nanos());
    }

    /**
     * The longest packet of this family that goes through the group uncut.
     *
     * @param first of the group
     * @param linkMtu of the link that it leaves by
     * @return 0 if there is no such group, or nothing fits
     */
    public int largestInner(Said first, Family family, int linkMtu) {
        SaEntry entry = sad.find(first);
        if (entry == null) {
            return 0;
        }
        return OuterSize.largestInner(entry.plan, family.headerOctets(), entry.plan.mtu(linkMtu, worker.nanos()));
    }

    /** Compares a clear packet with the inbound policies: the tunnel that it should have come through, or null. */
    public @Nullable Said shouldBeProtected(Packet packet) {
        var seen = new PacketSelector();
        if (seen.parse(packet) != Verdict.NONE || !classifier.isProtected(packet, seen)) {
            return null;
        }
        SaEntry tunnel = classifier.found();
        return tunnel == null ? null : tunnel.sa.said();
    }

    /** The outbound SAs that belong to inbound ones whose peer has moved go to the new place. */
    private void followPeers() {
        for (EspLayer layer : worker.moved) {
            for (GroupPlan plan : answers(layer.state().sa())) {
                SaEntry outermost = plan.outermost();
                boolean fits = outermost.natTraversal.isUsed()
                        && outermost.sa.said().family() == layer.peer().family();
                if (fits && !(layer.peer().equals(plan.peer()) && layer.peerPort() == plan.peerPort())) {
                    boolean news = plan.peer() != null
                            || !layer.peer().equals(outermost.sa.said().destination())
                            || layer.peerPort() != outermost.natTraversal.destinationPort();
                    plan.moved(layer.peer(), (char) layer.peerPort());
                    if (news) {
                        watch.peerMoved(outermost.sa.said(), layer.peer(), layer.peerPort());
                    }
                }
            }
        }
        worker.moved.clear();
    }

    /** The groups that answer what comes by this SA: that of its refhim, else those of eroutes opposite to its policy. */
    private List<GroupPlan> answers(SecurityAssociation inbound) {
        var plans = new ArrayList<GroupPlan>();
        if (inbound.refhim() != 0) {
            Said him = snapshot.saidWithRef(inbound.refhim());
            addPlan(him, plans);
            return plans;
        }
        SaEntry entry = sad.find(inbound.said());
        if (entry == null || entry.plan.innermostTunnel < 0) {
            return plans;
        }
        Said tunnel = entry.plan.members[entry.plan.innermostTunnel].sa.said();
        for (Selector selector : snapshot.inboundPolicy(tunnel)) {
            Eroute opposite = snapshot.eroute(new Selector(
                    selector.destination(),
                    selector.source(),
                    selector.protocol(),
                    selector.destinationPorts(),
                    selector.sourcePorts()));
            if (opposite != null) {
                addPlan(opposite.said(), plans);
            }
        }
        return plans;
    }

    private void addPlan(@Nullable Said said, List<GroupPlan> plans) {
        SaEntry entry = said == null ? null : sad.find(said);
        if (entry != null && !plans.contains(entry.plan)) {
            plans.add(entry.plan);
        }
    }

    /** Time has passed, with or without packets: fragments that have waited too long are given up. */
    public void age(PacketSink sink) {
        batch.open(sink, mtu);
        worker.now();
        fragments.now(worker.nanos());
        batch.close();
    }

    /** Fragments that wait for others: packets that {@link #counters} does not have yet. */
    public int waitingFragments() {
        return fragments.waiting();
    }

    /** No more packets will come: fragments that still wait are given up. */
    public void finish(PacketSink sink) {
        batch.open(sink, mtu);
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

    /** The same of those alone that have done something since they were told last. */
    public void forEachChangedUse(BiConsumer<Said, SaUse> action) {
        sad.changes().tell(entry -> {
            if (entry.isLoaded) {
                action.accept(entry.sa.said(), entry.state.toUse());
            }
        });
    }

    /** What was told of changed uses is durable. */
    public void usesKept() {
        sad.changes().kept();
        spd.uses().kept();
    }

    /** What was told since {@link #usesKept} was lost (the tables rolled back): it is to be told again. */
    public void tellAllAgain() {
        sad.changes().lost();
        spd.uses().lost();
    }

    /** What this SA has done if a packet has asked for it, else null. */
    public @Nullable SaUse use(Said said) {
        SaEntry entry = sad.loaded(said);
        return entry == null ? null : entry.state.toUse();
    }

    /**
     * Looks at the limits of an SA that no packet may be using now; the watch hears what has passed.
     *
     * @return false if there is no such SA
     */
    public boolean checkLife(Said said) {
        SaEntry entry = sad.find(said);
        if (entry == null) {
            return false;
        }
        worker.now();
        entry.plan.lifetimes(worker.seconds(), limits);
        return true;
    }

    /** Begins all counts of verdicts anew. */
    public void clearCounts() {
        for (SaEntry entry : sad.loaded()) {
            entry.state.clearCounts();
        }
        batch.counters().clear();
    }

    /** The new use of the eroutes that have selected a packet. */
    public void forEachErouteUse(BiConsumer<Selector, ErouteUse> action) {
        for (Route route : spd.used()) {
            action.accept(route.selector(), route.use(snapshot));
        }
    }

    /** The same of those alone that have selected a packet since they were told last. */
    public void forEachChangedErouteUse(BiConsumer<Selector, ErouteUse> action) {
        spd.uses().tell(route -> {
            if (!route.isGone) {
                action.accept(route.selector(), route.use(snapshot));
            }
        });
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
