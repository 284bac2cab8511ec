package org.spigrp.daemon;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Attachment;
import org.spigrp.command.Event;
import org.spigrp.command.Stop;
import org.spigrp.engine.Engine;
import org.spigrp.engine.FaultPort;
import org.spigrp.engine.Faults;
import org.spigrp.engine.Port;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.Group;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Transform;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.IpHeader;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Prefix;

/**
 * The virtual interfaces at work, what they need of the machine, and what the machine says about it.
 *
 * <p>A virtual interface is made when it is attached. Detached it stays, with its routes, and what is routed there is
 * lost; deleted it goes. When its physical interface goes away it is detached until that comes back.
 *
 * <p>UDP sockets for NAT-T are opened for the ports that SAs use, and those that options name.
 */
final class Interfaces implements NotedTables.Mtus {
    /** UDP ports that one stack listens on. */
    static final int MOST_NAT_PORTS = 64;
    /** Eroutes up to which each change is followed by a look at all their MTUs. */
    private static final int MOST_AT_ONCE = 256;
    /** Groups that are looked at for the MTU; what has more is for experts, who set it themselves. */
    private static final int MOST_GROUPS = 4096;

    private static final int LEAST_V6_MTU = 1280;
    private static final int LEAST_V4_MTU = 576;

    private final Machine machine;
    private final Engine engine;
    private final NotedTables tables;
    private final Live live;
    private final RunOptions options;
    private final InstantSource clock;
    private final Events events;
    private final Guards guards;
    private final Packet[] batch = new Packet[Engine.BATCH];
    private final Map<String, Attached> attached = new LinkedHashMap<>();
    private final Map<Said, Integer> natPorts = new HashMap<>();
    private final List<FaultPort> faulty = new ArrayList<>();
    private final Set<String> troubles = new HashSet<>();
    private Attached[] pumped = {};
    private Set<IpAddress> local;
    private boolean groupsChanged = true;
    private final List<Attached> lost = new ArrayList<>();
    private boolean retryOpening;
    private boolean newsMissed;

    Interfaces(
            Machine machine,
            Engine engine,
            NotedTables tables,
            Live live,
            RunOptions options,
            InstantSource clock,
            Events events) {
        this.machine = machine;
        this.engine = engine;
        this.tables = tables;
        this.live = live;
        this.options = options;
        this.clock = clock;
        this.events = events;
        guards = new Guards(machine, events);
        local = machine.localAddresses();
        for (int i = 0; i < batch.length; i++) {
            batch[i] = new Packet(Packet.DEFAULT_CAPACITY, Packet.DEFAULT_HEADROOM);
        }
    }

    Set<IpAddress> local() {
        return local;
    }

    List<FaultPort> faulty() {
        return faulty;
    }

    Iterable<Attached> all() {
        return attached.values();
    }

    /** As the host sees it now; 0 where there is none. */
    @Override
    public int virtual(Attachment attachment) {
        Attached at = attached.get(attachment.virtual());
        return at == null ? 0 : at.virtualMtu();
    }

    @Override
    public int physical(Attachment attachment) {
        Attached at = attached.get(attachment.virtual());
        return at == null ? 0 : at.physicalMtu();
    }

    // Opening and closing

    /** At the start, and when the network has changed: what cannot be opened now is told, and tried again. */
    void openAll() {
        for (Attached at : List.copyOf(attached.values())) {
            if (!at.isWired() && machine.mtu(at.physical()) > 0) {
                revive(at);
            }
        }
        for (Attachment attachment : tables.attachments()) {
            String physical = attachment.physical();
            if (physical != null && !attached.containsKey(attachment.virtual())) {
                try {
                    add(open(attachment.virtual(), physical, false));
                    troubles.remove(attachment.virtual());
                } catch (Machine.Trouble trouble) {
                    retryOpening = true;
                    if (troubles.add(attachment.virtual())) {
                        events.tell(
                                Event.Kind.INTERFACE,
                                null,
                                attachment.virtual() + " cannot be attached to " + physical + " now: " + trouble.say());
                    }
                }
            }
        }
        updateMtus();
    }

    private void add(Attached at) {
        attached.put(at.virtual(), at);
        pumped = attached.values().toArray(Attached[]::new);
        guards.cover(at.virtual());
        groupsChanged = true;
        events.tell(
                Event.Kind.INTERFACE,
                null,
                at.virtual() + " is attached to " + at.physical(),
                "virtual",
                at.virtual(),
                "physical",
                at.physical());
    }

    /** Its device was taken away under it: it is made again within a second. */
    void lost(Attached at) {
        lost.add(at);
    }

    private void forgetLost() {
        for (Attached at : lost) {
            if (attached.containsValue(at)) {
                events.tell(
                        Event.Kind.INTERFACE,
                        null,
                        at.virtual() + " was taken away: it is made again, but its addresses and routes are not",
                        "virtual",
                        at.virtual());
                remove(at);
                retryOpening = true;
            }
        }
        lost.clear();
    }

    private void revive(Attached at) {
        try {
            openWires(at, false);
            troubles.remove(at.virtual());
            events.tell(Event.Kind.INTERFACE, null, at.physical() + " is back: " + at.virtual() + " is attached again");
        } catch (Machine.Trouble trouble) {
            at.dropWires();
            retryOpening = true;
            if (troubles.add(at.virtual())) {
                events.tell(Event.Kind.INTERFACE, null, trouble.say());
            }
        }
    }

    private void remove(Attached at) {
        attached.remove(at.virtual());
        pumped = attached.values().toArray(Attached[]::new);
        live.forget(at);
        at.close();
        events.tell(
                Event.Kind.INTERFACE,
                null,
                at.virtual() + " is detached from " + at.physical(),
                "virtual",
                at.virtual(),
                "physical",
                at.physical());
    }

    private Attached open(String virtual, String physical, boolean strict) {
        int mtu = machine.mtu(physical);
        if (mtu == 0) {
            throw new Machine.Trouble("there is no interface " + physical + " here: 'ip link' lists what there is");
        }
        boolean isNew = machine.mtu(virtual) == 0;
        var at = new Attached(virtual, physical, engine, live, machine.tun(virtual), batch);
        boolean done = false;
        try {
            openWires(at, strict);
            at.physicalMtu(mtu);
            at.virtualMtu(machine.mtu(virtual));
            done = true;
            return at;
        } finally {
            if (!done) {
                at.close();
                if (isNew) {
                    removeTun(virtual); // refused, it leaves nothing behind
                }
            }
        }
    }

    private void removeTun(String virtual) {
        try {
            machine.removeTun(virtual);
        } catch (Machine.Trouble trouble) {
            events.tell(Event.Kind.INTERFACE, null, trouble.say());
        }
    }

    private void openWires(Attached at, boolean strict) {
        boolean raw = machine.may(Machine.Right.NET_RAW);
        for (Family family : Family.values()) {
            if (raw && machine.has(family)) {
                at.addRaw(faulty(machine.raw(family, at.physical())), family);
                at.addErrors(machine.icmp(family, at.physical()));
            }
        }
        for (int port : portsInUse()) {
            openUdp(at, port, strict);
        }
        at.wired();
        if (!raw) {
            events.tell(
                    Event.Kind.INTERFACE,
                    null,
                    at.virtual() + " has no raw sockets on " + at.physical() + ", as the right to (CAP_NET_RAW) is"
                            + " missing: ESP in UDP passes, nothing else");
        }
    }

    /** @param strict refuse; else tell, and go on without */
    private void openUdp(Attached at, int port, boolean strict) {
        for (Family family : Family.values()) {
            if (!machine.has(family)) {
                continue;
            }
            try {
                at.addUdp(faulty(machine.udp(family, at.physical(), port)), family, port);
            } catch (Machine.Trouble trouble) {
                if (strict) {
                    throw trouble;
                }
                events.tell(Event.Kind.INTERFACE, null, "no NAT-T on " + at.physical() + ": " + trouble.say());
            }
        }
    }

    private Port faulty(Port port) {
        Faults faults = options.faults();
        if (faults == null) {
            return port;
        }
        var wrapped = new FaultPort(port, faults, Faults.NONE, clock);
        faulty.add(wrapped);
        return wrapped;
    }

    /** What a change of the tables needs, before it is made durable. */
    Opening prepare() {
        return new Opening();
    }

    final class Opening {
        private final List<Attached> fresh = new ArrayList<>();
        private final List<Attached> old = new ArrayList<>();
        private final Set<String> deleted = new HashSet<>();
        private final Set<String> made = new HashSet<>();
        private final List<Attached> reopened = new ArrayList<>();

        /** @throws Machine.Trouble if the machine says no */
        void open() {
            if (tables.interfacesNoted()) {
                Map<String, String> wanted = wanted();
                for (Attached at : attached.values()) {
                    if (!at.physical().equals(wanted.get(at.virtual()))) {
                        old.add(at);
                    }
                }
                for (var want : wanted.entrySet()) {
                    if (!attached.containsKey(want.getKey())) {
                        boolean isNew = machine.mtu(want.getKey()) == 0;
                        fresh.add(Interfaces.this.open(want.getKey(), want.getValue(), true));
                        if (isNew) {
                            made.add(want.getKey());
                        }
                    }
                }
                deleted.addAll(tables.interfacesGone());
            }
            if (!machine.may(Machine.Right.NET_RAW)) {
                tables.notedSas().forEach(Interfaces.this::refuseRaw);
            }
            for (int port : newPorts()) {
                for (Attached at : attached.values()) {
                    reopened.add(at);
                    openUdp(at, port, true);
                }
            }
        }

        private Map<String, String> wanted() {
            Map<String, String> wanted = new LinkedHashMap<>();
            for (Attachment attachment : tables.attachments()) {
                if (attachment.physical() != null) {
                    wanted.put(attachment.virtual(), attachment.physical());
                }
            }
            return wanted;
        }

        private Set<Integer> newPorts() {
            Set<Integer> known = portsInUse();
            Set<Integer> ports = new HashSet<>();
            for (Said said : tables.notedSas()) {
                int port = natPort(tables.sa(said));
                if (port != 0 && !known.contains(port)) {
                    ports.add(port);
                }
            }
            if (ports.size() + known.size() > MOST_NAT_PORTS) {
                throw new Machine.Trouble("SAs with UDP encapsulation use more than " + MOST_NAT_PORTS
                        + " local ports: give several of them the same");
            }
            return ports;
        }

        void undo() {
            fresh.forEach(Attached::close);
            made.forEach(Interfaces.this::removeTun);
            Set<Integer> known = portsInUse();
            for (Attached at : reopened) {
                at.closeUdpExcept(known);
            }
        }

        void keep() {
            old.forEach(Interfaces.this::remove);
            fresh.forEach(Interfaces.this::add);
            deleted.forEach(Interfaces.this::removeTun);
            tables.forgetInterfaces();
            if (!old.isEmpty()) {
                openAll(); // one that moved to another physical interface in one transaction
            }
        }
    }

    /** The local UDP port of an SA's encapsulation, 0 if it has none. */
    private static int natPort(@Nullable SecurityAssociation sa) {
        if (sa == null
                || !(sa.transform() instanceof Transform.Esp esp)
                || !esp.natTraversal().isUsed()) {
            return 0;
        }
        return sa.direction().isInbound()
                ? esp.natTraversal().destinationPort()
                : esp.natTraversal().sourcePort();
    }

    /** A group must leave as ESP in UDP where nothing else can. */
    private void refuseRaw(Said member) {
        Group group = tables.groupOf(member);
        if (group != null && natPort(tables.sa(group.outermost())) == 0) {
            throw new Machine.Trouble(
                    "group " + group.first() + ": " + group.outermost() + " goes by raw sockets, and the"
                            + " right to (CAP_NET_RAW) is missing: start the daemon as root, or let the outermost SA be ESP in"
                            + " UDP (--natt)");
        }
    }

    /** An SA has come or gone. */
    void followNat(Said said) {
        int port = natPort(tables.sa(said));
        if (port == 0) {
            natPorts.remove(said);
        } else {
            natPorts.put(said, port);
        }
    }

    private Set<Integer> portsInUse() {
        Set<Integer> ports = new HashSet<>(options.natPorts());
        ports.addAll(natPorts.values());
        return ports;
    }

    // At work

    /** A batch from every port of every interface. */
    boolean pump() {
        boolean some = false;
        for (Attached at : pumped) {
            some |= at.pump();
        }
        if (!lost.isEmpty()) {
            forgetLost();
        }
        return some;
    }

    /** When a packet that a fault maker holds is due, from now. */
    long nextDueNanos() {
        long least = Long.MAX_VALUE;
        if (!faulty.isEmpty()) {
            Instant instant = clock.instant();
            long now = instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
            for (FaultPort port : faulty) {
                least = Math.min(least, port.nextDueNanos(now));
            }
        }
        return least;
    }

    /** A packet that waited tries again. */
    void again(Holds.Waiting waiting) {
        Attached at = attached.get(waiting.at().virtual());
        if (at == null) {
            return;
        }
        Packet packet = batch[0];
        packet.reset(Packet.DEFAULT_HEADROOM);
        boolean room = packet.append(waiting.octets().length);
        assert room : "it was in such a slab before";
        packet.put(0, waiting.octets(), 0, waiting.octets().length);
        packet.tag(0);
        at.protect(1);
    }

    /** A datagram of the stack's own leaves by the first interface that has its family. */
    void send(Packet packet) {
        Family family = IpHeader.family(packet, 0);
        for (Attached at : attached.values()) {
            if (family != null && at.has(family)) {
                at.send(packet);
                return;
            }
        }
    }

    /** Groups, eroutes or paths have changed: MTUs follow at once, and where there are many eroutes within a second. */
    void groupsChanged() {
        groupsChanged = true;
        if (tables.erouteCount() <= MOST_AT_ONCE) {
            updateMtus();
        }
    }

    void second(boolean changed) {
        if (groupsChanged || changed) {
            updateMtus();
        }
        if (newsMissed) {
            takeMissed();
        }
        guards.addMissing();
        if (retryOpening) {
            retryOpening = false;
            openAll();
        }
    }

    /**
     * The MTU of a virtual interface is what the smallest group in use takes: then the host cuts, or learns the path, by
     * itself. Never below 1280 where IPv6 is on (RFC 8200 5), as the outer packet can still be cut.
     */
    private void updateMtus() {
        groupsChanged = false;
        for (Attached at : attached.values()) {
            int physical = machine.mtu(at.physical());
            if (physical == 0) {
                continue;
            }
            at.physicalMtu(physical);
            int fits = smallest(physical);
            int mtu = Math.max(fits, machine.has(Family.INET6) ? LEAST_V6_MTU : LEAST_V4_MTU);
            if (mtu != at.virtualMtu()) {
                if (!machine.may(Machine.Right.NET_ADMIN)) {
                    askForMtu(at, mtu);
                    continue;
                }
                try {
                    machine.mtu(at.virtual(), mtu);
                    at.virtualMtu(mtu);
                    events.tell(
                            Event.Kind.INTERFACE,
                            null,
                            at.virtual() + " takes packets of " + mtu + " octets now",
                            "virtual",
                            at.virtual(),
                            "mtu",
                            Integer.toString(mtu));
                } catch (Machine.Trouble trouble) {
                    events.tell(Event.Kind.INTERFACE, null, trouble.say());
                    at.virtualMtu(machine.mtu(at.virtual()));
                }
            }
        }
    }

    /** Somebody else set it: smaller does no harm. */
    private void askForMtu(Attached at, int fits) {
        at.virtualMtu(machine.mtu(at.virtual()));
        String say = at.virtual() + " takes packets of " + at.virtualMtu() + " octets and its groups " + fits
                + ": let root say 'ip link set " + at.virtual() + " mtu " + fits + "'";
        if (at.virtualMtu() > fits && troubles.add(say)) {
            events.tell(Event.Kind.INTERFACE, null, say);
        }
    }

    private int smallest(int linkMtu) {
        int least = linkMtu;
        Set<Said> seen = new HashSet<>();
        for (Eroute eroute : tables.eroutes()) {
            if (eroute.shunt() == null && seen.add(eroute.said())) {
                int fits = engine.largestInner(eroute.said(), eroute.selector().family(), linkMtu);
                least = fits > 0 ? Math.min(least, fits) : least;
                if (seen.size() == MOST_GROUPS) {
                    break;
                }
            }
        }
        return least;
    }

    // The machine's news

    /** True if something about interfaces changed. */
    boolean takeNews() {
        List<Machine.NetworkNews> all = machine.news();
        for (Machine.NetworkNews news : all) {
            try {
                take(news);
            } catch (Machine.Trouble trouble) { // what was there when it was told of may be gone by now
                events.tell(Event.Kind.INTERFACE, null, trouble.say());
                newsMissed = true;
            }
        }
        return !all.isEmpty();
    }

    /** What could not be looked at when it was told of is looked at again. */
    private void takeMissed() {
        newsMissed = false;
        try {
            take(new Machine.NetworkNews.Everything());
        } catch (Machine.Trouble trouble) { // told already
            newsMissed = true;
        }
    }

    private void take(Machine.NetworkNews news) {
        switch (news) {
            case Machine.NetworkNews.Link link -> linkChanged(link);
            case Machine.NetworkNews.Addresses _ -> addressesChanged();
            case Machine.NetworkNews.RouteCame came -> {
                if (isOurs(came.device())) {
                    guards.came(came.network(), came.device());
                }
            }
            case Machine.NetworkNews.RouteGone gone -> {
                if (isOurs(gone.device())) {
                    guards.gone(gone.network(), gone.deviceUp());
                }
            }
            case Machine.NetworkNews.Everything _ -> {
                addressesChanged();
                retryOpening = true;
                for (Attached at : attached.values()) {
                    guards.cover(at.virtual());
                }
            }
        }
    }

    private boolean isOurs(String device) {
        return attached.containsKey(device) || tables.attachment(device) != null;
    }

    private void addressesChanged() {
        Set<IpAddress> now = machine.localAddresses();
        if (!now.equals(local)) {
            local = now;
            engine.local(now);
        }
    }

    private void linkChanged(Machine.NetworkNews.Link link) {
        groupsChanged = true;
        retryOpening |= link.present();
        for (Attached at : List.copyOf(attached.values())) {
            if (!at.physical().equals(link.name())) {
                continue;
            }
            if (!link.present() && at.isWired()) {
                at.dropWires();
                events.tell(
                        Event.Kind.INTERFACE,
                        null,
                        link.name() + " is gone: " + at.virtual() + " is detached until it comes back");
            } else if (link.present() && !at.isWired()) {
                revive(at);
            } else if (link.present() && at.wasUp() != link.up()) {
                events.tell(Event.Kind.INTERFACE, null, link.name() + " is " + (link.up() ? "up" : "down"));
            }
            at.wasUp(link.up());
        }
    }

    // The end

    /** Closes everything in the way asked for. */
    void end(Stop how) {
        for (Attached at : List.copyOf(attached.values())) {
            if (how != Stop.OPEN) {
                guards.cover(at.virtual());
            }
        }
        if (how == Stop.OPEN) {
            guards.open();
        }
        close();
        if (how != Stop.RESTART && machine.may(Machine.Right.NET_ADMIN)) {
            // without the right we could neither make them anew nor guard their networks: they stay, and lead nowhere
            for (Attachment attachment : tables.attachments()) {
                if (machine.mtu(attachment.virtual()) > 0) {
                    removeTun(attachment.virtual()); // detached ones too: they still lead nowhere
                }
            }
        }
    }

    Set<Prefix> guarded() {
        return guards.standing();
    }

    void close() {
        for (Attached at : attached.values()) {
            at.close();
        }
        attached.clear();
        pumped = new Attached[0];
    }
}
