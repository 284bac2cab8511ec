package org.spigrp.engine;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Snapshot;
import org.spigrp.sa.Group;
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
 * What is known of all SAs together, for packets that carry no SPI: tunnels that stand outermost, addresses and ports
 * where ESP comes in UDP, and what tunnels may bring in.
 *
 * <p>All SAs are read once, when the first such packet comes; from then on {@link #refresh} reads those that were
 * touched. What each has added is remembered by its name, to be taken out again; most SAs add nothing.
 *
 * <p>One owner. Look-ups allocate nothing.
 */
final class Survey {
    private final Snapshot snapshot;
    private final int mostPolicies;
    private boolean wasRead;
    private final Map<Said, Part> parts = new HashMap<>();
    /** By destination, then by source. */
    private final KeyTable<KeyTable<Part>> bareTunnels = new KeyTable<>();

    private final KeyTable<NatDestination> natDestinations = new KeyTable<>();
    private final Map<Integer, Integer> natPorts = new HashMap<>();
    private final BitSet isNatPort = new BitSet();

    /** By the tunnel's place. */
    private final TreeMap<Long, Policies> policies = new TreeMap<>();

    private final Map<Said, Long> policyPlaces = new HashMap<>();
    private int policyCount;
    /** There are more than are kept. */
    private boolean policiesLeftOut;

    private @Nullable List<Sad.Policy> listed;

    Survey(Snapshot snapshot, int mostPolicies) {
        this.snapshot = snapshot;
        this.mostPolicies = mostPolicies;
    }

    private record Policies(Said tunnel, List<Selector> selectors) {}

    /** What one SA has added. */
    private static final class Part {
        final Said said;
        final long place;
        /** Of a bare tunnel; else null. */
        final @Nullable IpAddress source;
        /** Of ESP in UDP; else 0. */
        final int natPort;

        /** A younger bare tunnel with the same addresses. */
        @Nullable
        Part next;

        Part(Said said, long place, @Nullable IpAddress source, int natPort) {
            this.said = said;
            this.place = place;
            this.source = source;
            this.natPort = natPort;
        }
    }

    private static final class NatDestination {
        int uses;
    }

    /** These SAs were added or removed, or are in another group, or their policy is another. */
    void refresh(Iterable<Said> touched) {
        if (!wasRead) {
            return;
        }
        for (Said said : touched) {
            forget(said);
            SecurityAssociation sa = snapshot.sa(said);
            if (sa != null) {
                read(sa, snapshot.place(said));
            }
        }
        if (policiesLeftOut && policyCount < mostPolicies / 2) {
            readPolicies();
        }
    }

    private void read() {
        if (wasRead) {
            return;
        }
        wasRead = true;
        addPort(UdpHeader.NAT_T_PORT);
        for (SecurityAssociation sa : snapshot.sas()) {
            switch (sa.transform()) {
                case Transform.Tunnel _ -> read(sa, snapshot.place(sa.said()));
                case Transform.Esp esp when esp.natTraversal().isUsed() -> read(sa, 0);
                case Transform.Esp _, Transform.Ah _, Transform.Comp _ -> {}
            }
        }
    }

    private void read(SecurityAssociation sa, long place) {
        Said said = sa.said();
        switch (sa.transform()) {
            case Transform.Tunnel _ -> {
                if (isBare(sa)) {
                    addBare(new Part(said, place, sa.source(), 0));
                }
                addPolicies(place, said);
            }
            case Transform.Esp esp
            when esp.natTraversal().isUsed() -> {
                addNat(new Part(said, place, null, esp.natTraversal().destinationPort()));
            }
            case Transform.Esp _, Transform.Ah _, Transform.Comp _ -> {}
        }
    }

    private boolean isBare(SecurityAssociation sa) {
        Group group = snapshot.groupOf(sa.said());
        return sa.direction().mayReceive()
                && (group == null || group.outermost().equals(sa.said()));
    }

    private void forget(Said said) {
        Part part = parts.remove(said);
        if (part != null && part.source != null) {
            removeBare(part, part.source);
        } else if (part != null) {
            removeNat(part);
        }
        removePolicies(said);
    }

    // Bare tunnels

    /** Of several with the same addresses the oldest counts. */
    private void addBare(Part part) {
        parts.put(part.said, part);
        IpAddress destination = part.said.destination();
        int version = destination.family().version();
        KeyTable<Part> bySource = bareTunnels.get(destination.high(), destination.low(), version);
        if (bySource == null) {
            bySource = new KeyTable<>();
            bareTunnels.put(destination.high(), destination.low(), version, bySource);
        }
        IpAddress source = part.source == null ? IpAddress.any(destination.family()) : part.source;
        Part oldest = bySource.get(source.high(), source.low(), 0);
        if (oldest == null || part.place < oldest.place) {
            part.next = oldest;
            bySource.put(source.high(), source.low(), 0, part);
            return;
        }
        Part before = oldest;
        while (before.next != null && before.next.place < part.place) {
            before = before.next;
        }
        part.next = before.next;
        before.next = part;
    }

    private void removeBare(Part part, IpAddress source) {
        IpAddress destination = part.said.destination();
        int version = destination.family().version();
        KeyTable<Part> bySource = bareTunnels.get(destination.high(), destination.low(), version);
        Part before = bySource == null ? null : bySource.get(source.high(), source.low(), 0);
        if (bySource == null || before == null) {
            return;
        }
        if (before != part) {
            while (before.next != part && before.next != null) {
                before = before.next;
            }
            before.next = part.next;
        } else if (part.next != null) {
            bySource.put(source.high(), source.low(), 0, part.next);
        } else {
            bySource.remove(source.high(), source.low(), 0);
            if (bySource.size() == 0) {
                bareTunnels.remove(destination.high(), destination.low(), version);
            }
        }
    }

    /** A tunnel SA that stands outermost, with no ESP or AH around it, for these outer addresses; or null. */
    @Nullable
    Said bareTunnel(Octets packet, Family family, int sourceAt, int destinationAt) {
        read();
        KeyTable<Part> bySource = bareTunnels.get(
                Match.high(family, packet, destinationAt), Match.low(family, packet, destinationAt), family.version());
        if (bySource == null) {
            return null;
        }
        Part part = bySource.get(Match.high(family, packet, sourceAt), Match.low(family, packet, sourceAt), 0);
        if (part == null) {
            part = bySource.get(0, 0, 0); // one that takes any source
        }
        return part == null ? null : part.said;
    }

    // ESP in UDP

    private void addNat(Part part) {
        parts.put(part.said, part);
        IpAddress destination = part.said.destination();
        int version = destination.family().version();
        NatDestination there = natDestinations.get(destination.high(), destination.low(), version);
        if (there == null) {
            there = new NatDestination();
            natDestinations.put(destination.high(), destination.low(), version, there);
        }
        there.uses++;
        addPort(part.natPort);
    }

    private void removeNat(Part part) {
        IpAddress destination = part.said.destination();
        int version = destination.family().version();
        NatDestination there = natDestinations.get(destination.high(), destination.low(), version);
        if (there != null && --there.uses == 0) {
            natDestinations.remove(destination.high(), destination.low(), version);
        }
        Integer left = natPorts.merge(part.natPort, -1, Integer::sum);
        isNatPort.set(part.natPort, left > 0);
    }

    private void addPort(int port) {
        natPorts.merge(port, 1, Integer::sum);
        isNatPort.set(port);
    }

    /** True if UDP to this address and port may be ESP for one of our SAs, or a keepalive (RFC 3948). */
    boolean isNatPort(Octets packet, Family family, int destinationAt, int port) {
        return port != PacketSelector.OPAQUE && isNatDestination(packet, family, destinationAt) && isNatPort.get(port);
    }

    /** True if some SA takes UDP-encapsulated ESP at this address. */
    boolean isNatDestination(Octets packet, Family family, int at) {
        read();
        return natDestinations.size() != 0
                && natDestinations.get(Match.high(family, packet, at), Match.low(family, packet, at), family.version())
                        != null;
    }

    // Policies

    private void addPolicies(long place, Said tunnel) {
        boolean full = policyCount >= mostPolicies;
        if (full && place > policies.lastKey()) {
            policiesLeftOut = true;
            return;
        }
        List<Selector> selectors = snapshot.inboundPolicy(tunnel);
        if (selectors.isEmpty()) {
            return;
        }
        policies.put(place, new Policies(tunnel, selectors));
        policyPlaces.put(tunnel, place);
        policyCount += selectors.size();
        listed = null;
        while (policyCount - policies.lastEntry().getValue().selectors.size() >= mostPolicies) {
            policiesLeftOut = true;
            removePolicies(policies.lastEntry().getValue().tunnel);
        }
    }

    private void removePolicies(Said tunnel) {
        Long place = policyPlaces.remove(tunnel);
        if (place != null) {
            Policies gone = policies.remove(place);
            policyCount -= gone == null ? 0 : gone.selectors.size();
            listed = null;
        }
    }

    /** Many of those kept are gone: others take their places. */
    private void readPolicies() {
        policies.clear();
        policyPlaces.clear();
        policyCount = 0;
        policiesLeftOut = false;
        listed = null;
        for (SecurityAssociation sa : snapshot.sas()) {
            if (policiesLeftOut) {
                return;
            }
            if (sa.transform() instanceof Transform.Tunnel) {
                addPolicies(snapshot.place(sa.said()), sa.said());
            }
        }
    }

    /** The inbound policies of all tunnels that have one, oldest tunnel first; the first so many, or somewhat less. */
    List<Sad.Policy> policies() {
        read();
        List<Sad.Policy> list = listed;
        if (list == null) {
            list = new ArrayList<>(Math.min(policyCount, mostPolicies));
            for (Policies each : policies.values()) {
                for (Selector selector : each.selectors) {
                    if (list.size() < mostPolicies) {
                        list.add(new Sad.Policy(selector, each.tunnel));
                    }
                }
            }
            listed = list;
        }
        return list;
    }
}
