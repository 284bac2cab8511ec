package org.spigrp.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Snapshot;
import org.spigrp.sa.Group;
import org.spigrp.sa.NumberLedger;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.SaState;
import org.spigrp.sa.SaUse;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Transform;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Octets;
import org.spigrp.wire.PacketSelector;
import org.spigrp.wire.UdpHeader;

/**
 * The SAs at work, by protocol, SPI and destination as they stand in a packet; and what belongs to the packet that
 * comes to none of them.
 *
 * <p>An SA is read from the snapshot when the first packet asks for it, with its whole group, and stays. What is not
 * there is remembered as well, in a table of fixed size where a newer answer takes an older one's place: packets with
 * made-up SPIs cost a look into the snapshot at worst, and no memory.
 *
 * <p>Packets that carry no SPI (IP in IP without protection, UDP that may be ESP) need to know what SAs there are. All
 * are read once for that, when the first such packet comes, and again after something has changed.
 *
 * <p>When SAs or groups have changed, {@link #refresh} lets go of the groups concerned. Their SAs that are still the
 * same keep their numbers, windows and keys, and stand ready to be found again in whatever group they are now.
 *
 * <p>One owner. Look-ups of known SAs allocate nothing.
 */
final class Sad {
    /** Answers "there is none" that are remembered. A power of two. */
    static final int ABSENT_SLOTS = 4096;

    /** Inbound policies that clear packets are compared with. */
    static final int MOST_POLICIES = 4096;

    private final Snapshot snapshot;
    private final NumberLedger ledger;
    private final Worker worker;
    private final boolean freshWindows;
    private final KeyTable<SaEntry> entries = new KeyTable<>();
    private final Map<Said, SaEntry> loaded = new LinkedHashMap<>();
    private final long[] absent = new long[3 * ABSENT_SLOTS];
    private int plans;
    private boolean surveyed;
    /** Rises when SAs or groups have changed: what eroutes lead to is to be looked up again. */
    private int epoch = 1;

    private KeyTable<KeyTable<Said>> bareTunnels = new KeyTable<>();
    private KeyTable<Boolean> natDestinations = new KeyTable<>();
    private List<Policy> policies = List.of();
    /** SAs between two groups: known, and in no plan. */
    private final Map<Said, SaEntry> parked = new HashMap<>();

    private final BitSet natPorts = new BitSet();

    Sad(Snapshot snapshot, NumberLedger ledger, Worker worker, boolean freshWindows) {
        this.snapshot = snapshot;
        this.ledger = ledger;
        this.worker = worker;
        this.freshWindows = freshWindows;
    }

    /** The SA of a header in a packet, or null. */
    @Nullable
    SaEntry find(SaProtocol protocol, int spi, Octets packet, Family family, int destinationAt) {
        return family == Family.INET
                ? find(protocol, spi, family, 0, Integer.toUnsignedLong(packet.u32(destinationAt)))
                : find(protocol, spi, family, packet.u64(destinationAt), packet.u64(destinationAt + 8));
    }

    @Nullable
    SaEntry find(Said said) {
        IpAddress destination = said.destination();
        return find(said.protocol(), said.spi(), said.family(), destination.high(), destination.low());
    }

    private @Nullable SaEntry find(SaProtocol protocol, int spi, Family family, long high, long low) {
        long rest = rest(protocol, spi, family);
        SaEntry entry = entries.get(high, low, rest);
        return entry != null ? entry : load(protocol, spi, family, high, low, rest);
    }

    private static long rest(SaProtocol protocol, int spi, Family family) {
        return (long) family.version() << 40 | (long) protocol.number() << 32 | Integer.toUnsignedLong(spi);
    }

    private @Nullable SaEntry load(SaProtocol protocol, int spi, Family family, long high, long low, long rest) {
        int slot = 3 * (KeyTable.hash(high, low, rest) & ABSENT_SLOTS - 1);
        if (absent[slot] == high && absent[slot + 1] == low && absent[slot + 2] == rest) {
            return null;
        }
        var said = new Said(protocol, spi, new IpAddress(family, high, low));
        SecurityAssociation sa = snapshot.sa(said);
        if (sa == null) {
            absent[slot] = high;
            absent[slot + 1] = low;
            absent[slot + 2] = rest;
            return null;
        }
        Group group = snapshot.groupOf(said);
        List<Said> members = group == null ? List.of(said) : group.members();
        loadGroup(members);
        return entries.get(high, low, rest);
    }

    private void loadGroup(List<Said> members) {
        var plan = new GroupPlan(++plans, members.size());
        for (int i = 0; i < members.size(); i++) {
            Said said = members.get(i);
            SecurityAssociation sa = Objects.requireNonNull(snapshot.sa(said), "a group without its SA");
            SaEntry before = parked.remove(said);
            SaEntry entry =
                    before != null ? new SaEntry(before, plan, i) : new SaEntry(sa, stateOf(sa), worker, plan, i);
            if (before != null && i == members.size() - 1) {
                plan.goOn(before.plan);
            }
            plan.members[i] = entry;
            loaded.put(said, entry);
            entries.put(said.destination().high(), said.destination().low(), keyOf(said), entry);
        }
        plan.complete();
        if (plan.innermostTunnel >= 0) {
            SaEntry tunnel = plan.members[plan.innermostTunnel];
            plan.policy = new InboundPolicy(snapshot.inboundPolicy(tunnel.sa.said()), tunnel.sa.legacy());
        }
    }

    private static long keyOf(Said said) {
        return rest(said.protocol(), said.spi(), said.family());
    }

    private SaState stateOf(SecurityAssociation sa) {
        NumberLedger.Numbers numbers = sa.hasSequence() ? ledger.numbersOf(sa) : null;
        SaUse use = snapshot.use(sa.said());
        return freshWindows ? SaState.restoreWithFreshWindow(sa, use, numbers) : SaState.restore(sa, use, numbers);
    }

    /** The group that an eroute leads to, or null where there is no such SA. Commands refuse eroutes to later members. */
    @Nullable
    GroupPlan planOf(Route route) {
        if (route.planEpoch != epoch) {
            route.planEpoch = epoch;
            SaEntry entry = find(route.eroute().said());
            route.plan = entry == null || entry.index != 0 ? null : entry.plan;
        }
        return route.plan;
    }

    /** Every SA that a packet has asked for. */
    Collection<SaEntry> loaded() {
        return loaded.values();
    }

    /** The SA if a packet has asked for it, or null. */
    @Nullable
    SaEntry loaded(Said said) {
        return loaded.get(said);
    }

    /**
     * After a change of the snapshot.
     *
     * @param touched SAs that were added or removed, or are in another group, or whose tunnel has another policy
     */
    void refresh(Iterable<Said> touched) {
        surveyed = false;
        epoch++;
        Arrays.fill(absent, 0);
        for (Said said : touched) {
            SaEntry entry = loaded.get(said);
            if (entry == null) {
                continue;
            }
            for (SaEntry member : entry.plan.members) {
                Said name = member.sa.said();
                loaded.remove(name);
                entries.remove(name.destination().high(), name.destination().low(), keyOf(name));
                parked.put(name, member);
            }
        }
        List<SaEntry> waiting = List.copyOf(parked.values());
        for (SaEntry member : waiting) {
            Said name = member.sa.said();
            if (!member.sa.equals(snapshot.sa(name))) {
                parked.remove(name);
                member.layer.close();
            } else if (!loaded.containsKey(name)) {
                find(name); // back at once, with its new group: what it has done is told by those loaded
            }
        }
    }

    /** What some tunnel may bring in. */
    record Policy(Selector selector, Said tunnel) {}

    /** The inbound policies of all tunnels that have one, {@value #MOST_POLICIES} at most. */
    List<Policy> policies() {
        survey();
        return policies;
    }

    /** A tunnel SA that stands outermost, with no ESP or AH around it, for these outer addresses; or null. */
    @Nullable
    SaEntry findBareTunnel(Octets packet, Family family, int sourceAt, int destinationAt) {
        survey();
        KeyTable<Said> bySource = bareTunnels.get(
                high(packet, family, destinationAt), low(packet, family, destinationAt), family.version());
        if (bySource == null) {
            return null;
        }
        Said said = bySource.get(high(packet, family, sourceAt), low(packet, family, sourceAt), 0);
        if (said == null) {
            said = bySource.get(0, 0, 0); // one that takes any source
        }
        return said == null ? null : find(said);
    }

    /** True if UDP to this address and port may be ESP for one of our SAs, or a keepalive (RFC 3948). */
    boolean isNatPort(Octets packet, Family family, int destinationAt, int port) {
        return port != PacketSelector.OPAQUE && isNatDestination(packet, family, destinationAt) && natPorts.get(port);
    }

    /** True if some SA takes UDP-encapsulated ESP at this address. */
    boolean isNatDestination(Octets packet, Family family, int at) {
        survey();
        return natDestinations.size() != 0
                && natDestinations.get(high(packet, family, at), low(packet, family, at), family.version()) != null;
    }

    private static long high(Octets packet, Family family, int at) {
        return family == Family.INET ? 0 : packet.u64(at);
    }

    private static long low(Octets packet, Family family, int at) {
        return family == Family.INET ? Integer.toUnsignedLong(packet.u32(at)) : packet.u64(at + 8);
    }

    private void survey() {
        if (surveyed) {
            return;
        }
        surveyed = true;
        bareTunnels = new KeyTable<>();
        natDestinations = new KeyTable<>();
        natPorts.clear();
        List<Policy> found = new ArrayList<>();
        natPorts.set(UdpHeader.NAT_T_PORT);
        for (SecurityAssociation sa : snapshot.sas()) {
            switch (sa.transform()) {
                case Transform.Tunnel _ -> {
                    surveyTunnel(sa);
                    for (Selector selector : snapshot.inboundPolicy(sa.said())) {
                        if (found.size() < MOST_POLICIES) {
                            found.add(new Policy(selector, sa.said()));
                        }
                    }
                }
                case Transform.Esp esp
                when esp.natTraversal().isUsed() -> {
                    IpAddress destination = sa.said().destination();
                    natDestinations.put(
                            destination.high(),
                            destination.low(),
                            destination.family().version(),
                            true);
                    natPorts.set(esp.natTraversal().destinationPort());
                }
                case Transform.Esp _, Transform.Ah _, Transform.Comp _ -> {}
            }
        }
        policies = List.copyOf(found);
    }

    /** Of several with the same addresses the oldest counts. */
    private void surveyTunnel(SecurityAssociation sa) {
        Group group = snapshot.groupOf(sa.said());
        if (!sa.direction().mayReceive() || (group != null && !group.outermost().equals(sa.said()))) {
            return;
        }
        IpAddress destination = sa.said().destination();
        int version = destination.family().version();
        KeyTable<Said> bySource = bareTunnels.get(destination.high(), destination.low(), version);
        if (bySource == null) {
            bySource = new KeyTable<>();
            bareTunnels.put(destination.high(), destination.low(), version, bySource);
        }
        IpAddress source = sa.source();
        if (bySource.get(source.high(), source.low(), 0) == null) {
            bySource.put(source.high(), source.low(), 0, sa.said());
        }
    }
}
