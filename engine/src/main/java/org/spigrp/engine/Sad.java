package org.spigrp.engine;

import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
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
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Octets;

/**
 * The SAs at work, by protocol, SPI and destination as they stand in a packet; and what belongs to the packet that
 * comes to none of them.
 *
 * <p>An SA is read from the snapshot when the first packet asks for it, with its whole group, and stays. What is not
 * there is remembered as well, in a table of fixed size where a newer answer takes an older one's place: packets with
 * made-up SPIs cost a look into the snapshot at worst, and no memory.
 *
 * <p>Packets that carry no SPI (IP in IP without protection, UDP that may be ESP) need to know what SAs there are: see
 * {@link Survey}.
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

    private static final int LARGE = 1 << 13;

    private final Snapshot snapshot;
    private final NumberLedger ledger;
    private final Worker worker;
    private final boolean freshWindows;
    private final Entries entries = new Entries();
    private final Loaded loaded = new Loaded();
    private final Changes<SaEntry> changes = new Changes<>();
    private final long[] absent = new long[3 * ABSENT_SLOTS];
    private int plans;
    private final Survey survey;
    /** Rises when SAs or groups have changed: what eroutes lead to is to be looked up again. */
    private int epoch = 1;

    /** SAs between two groups: known, and in no plan. */
    private final Map<Said, SaEntry> parked = new HashMap<>();

    Sad(Snapshot snapshot, NumberLedger ledger, Worker worker, boolean freshWindows) {
        this.snapshot = snapshot;
        this.ledger = ledger;
        this.worker = worker;
        this.freshWindows = freshWindows;
        survey = new Survey(snapshot, MOST_POLICIES);
    }

    /** The SA of a header in a packet, or null. */
    @Nullable
    SaEntry find(SaProtocol protocol, int spi, Octets packet, Family family, int destinationAt) {
        return find(
                protocol,
                spi,
                family,
                Match.high(family, packet, destinationAt),
                Match.low(family, packet, destinationAt));
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

    private static final class Entries extends TagTable<SaEntry> {
        @Override
        boolean is(SaEntry value, long high, long low, long rest) {
            return value.rest == rest && value.low == low && value.high == high;
        }
    }

    /** True if so many SAs are at work that {@link Lookahead} gains more than it costs. */
    boolean isLarge() {
        return entries.size() >= LARGE;
    }

    /** The SAs at work. For {@link Lookahead}, as {@link #tag}. */
    TagTable<SaEntry> table() {
        return entries;
    }

    /** What {@link #find} looks for there. */
    static int tag(SaProtocol protocol, int spi, Octets packet, Family family, int destinationAt) {
        return TagTable.tag(
                Match.high(family, packet, destinationAt),
                Match.low(family, packet, destinationAt),
                rest(protocol, spi, family));
    }

    private static long rest(SaProtocol protocol, int spi, Family family) {
        return (long) family.version() << 40 | (long) protocol.number() << 32 | Integer.toUnsignedLong(spi);
    }

    private @Nullable SaEntry load(SaProtocol protocol, int spi, Family family, long high, long low, long rest) {
        int slot = absentSlot(high, low, rest);
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

    private static int absentSlot(long high, long low, long rest) {
        return 3 * (KeyTable.hash(high, low, rest) & ABSENT_SLOTS - 1);
    }

    private void loadGroup(List<Said> members) {
        var plan = new GroupPlan(++plans, members.size());
        for (int i = 0; i < members.size(); i++) {
            Said said = members.get(i);
            SecurityAssociation sa = Objects.requireNonNull(snapshot.sa(said), "a group without its SA");
            SaEntry before = parked.remove(said);
            SaEntry entry =
                    before != null ? new SaEntry(before, plan, i) : new SaEntry(sa, stateOf(sa), worker, plan, i);
            entry.tellChanges(changes, before != null);
            if (before != null && i == members.size() - 1) {
                plan.goOn(before.plan);
            }
            plan.members[i] = entry;
            SaEntry other = entries.get(entry.high, entry.low, entry.rest);
            if (other != null) {
                loaded.remove(other);
            }
            loaded.add(entry);
            entries.put(entry.high, entry.low, entry.rest, entry);
        }
        plan.complete();
        if (plan.innermostTunnel >= 0) {
            SaEntry tunnel = plan.members[plan.innermostTunnel];
            plan.policy = InboundPolicy.of(snapshot.inboundPolicy(tunnel.sa.said()), tunnel.sa.legacy());
        }
    }

    static long keyOf(Said said) {
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
        lead(route);
        return route.plan;
    }

    /** The program by which packets of an eroute may leave at once, or null. */
    @Nullable
    Encapsulation programOf(Route route) {
        lead(route);
        return route.program;
    }

    /** Looks up what the eroute leads to, if SAs or groups have changed since. */
    private void lead(Route route) {
        if (route.planEpoch != epoch) {
            route.planEpoch = epoch;
            SaEntry entry = find(route.eroute().said());
            GroupPlan plan = entry == null || entry.index != 0 ? null : entry.plan;
            route.plan = plan;
            route.program = plan == null ? null : plan.freeProgram();
        }
    }

    /** Every SA that a packet has asked for, in the order of asking. Nothing may be loaded or let go meanwhile. */
    Iterable<SaEntry> loaded() {
        return loaded;
    }

    /** Which of them have done something since it was told last; some may be loaded no more. */
    Changes<SaEntry> changes() {
        return changes;
    }

    /** The SA if a packet has asked for it, or null. */
    @Nullable
    SaEntry loaded(Said said) {
        return entries.get(said.destination().high(), said.destination().low(), keyOf(said));
    }

    /** A list that runs through the entries: a million of them need no more than the two links in each. */
    private static final class Loaded implements Iterable<SaEntry> {
        private @Nullable SaEntry first;
        private @Nullable SaEntry last;

        void add(SaEntry entry) {
            entry.isLoaded = true;
            entry.previous = last;
            if (last == null) {
                first = entry;
            } else {
                last.next = entry;
            }
            last = entry;
        }

        void remove(SaEntry entry) {
            if (!entry.isLoaded) {
                return;
            }
            entry.isLoaded = false;
            SaEntry previous = entry.previous;
            SaEntry next = entry.next;
            if (previous == null) {
                first = next;
            } else {
                previous.next = next;
            }
            if (next == null) {
                last = previous;
            } else {
                next.previous = previous;
            }
            entry.previous = null;
            entry.next = null;
        }

        @Override
        public Iterator<SaEntry> iterator() {
            return new Iterator<>() {
                private @Nullable SaEntry next = first;

                @Override
                public boolean hasNext() {
                    return next != null;
                }

                @Override
                public SaEntry next() {
                    SaEntry entry = next;
                    if (entry == null) {
                        throw new NoSuchElementException();
                    }
                    next = entry.next;
                    return entry;
                }
            };
        }
    }

    /**
     * After a change of the snapshot.
     *
     * @param touched SAs that were added or removed, or are in another group, or whose tunnel has another policy
     */
    void refresh(Iterable<Said> touched) {
        epoch++;
        survey.refresh(touched);
        for (Said said : touched) {
            absent[absentSlot(said.destination().high(), said.destination().low(), keyOf(said)) + 2] = 0;
            SaEntry entry = loaded(said);
            if (entry == null) {
                continue;
            }
            for (SaEntry member : entry.plan.members) {
                loaded.remove(member);
                entries.remove(member.high, member.low, member.rest);
                parked.put(member.sa.said(), member);
            }
        }
        List<SaEntry> waiting = List.copyOf(parked.values());
        for (SaEntry member : waiting) {
            Said name = member.sa.said();
            if (!member.sa.equals(snapshot.sa(name))) {
                parked.remove(name);
                member.layer.close();
            } else if (loaded(name) == null) {
                find(name); // back at once, with its new group: what it has done is told by those loaded
            }
        }
    }

    /** What some tunnel may bring in. */
    record Policy(Selector selector, Said tunnel) {}

    /** The inbound policies of tunnels, {@value #MOST_POLICIES} at most. */
    List<Policy> policies() {
        return survey.policies();
    }

    /** A tunnel SA that stands outermost, with no ESP or AH around it, for these outer addresses; or null. */
    @Nullable
    SaEntry findBareTunnel(Octets packet, Family family, int sourceAt, int destinationAt) {
        Said said = survey.bareTunnel(packet, family, sourceAt, destinationAt);
        return said == null ? null : find(said);
    }

    /** True if UDP to this address and port may be ESP for one of our SAs, or a keepalive (RFC 3948). */
    boolean isNatPort(Octets packet, Family family, int destinationAt, int port) {
        return survey.isNatPort(packet, family, destinationAt, port);
    }

    /** True if some SA takes UDP-encapsulated ESP at this address. */
    boolean isNatDestination(Octets packet, Family family, int at) {
        return survey.isNatDestination(packet, family, at);
    }
}
