package org.spigrp.daemon;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Selector.PortRange;
import org.spigrp.sa.Shunt;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.IpHeader;
import org.spigrp.wire.Packet;
import org.spigrp.wire.PacketSelector;
import org.spigrp.wire.Prefix;
import org.spigrp.wire.Verdict;

/**
 * Packets that wait for an eroute to lead somewhere: of each %hold eroute, and of each flow that a %trap eroute has
 * caught, the first and the last.
 *
 * <p>A flow of %trap is one pair of hosts, with protocol and ports where the eroute has them; of %trapsubnet it is the
 * eroute itself. The trap stays in the table as it is (KLIPS put a %hold eroute beside it), so nothing of it is left
 * behind by a crash.
 *
 * <p>Bounded: {@value #MOST} flows; a new one takes the place of the oldest. What nobody asked for within
 * {@value #SECONDS} seconds is given up.
 */
final class Holds {
    static final int MOST = 1024;
    static final int SECONDS = 60;

    /** A packet that waits, and where it came from. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Waiting(Attached at, byte[] octets) {}

    private static final class Flow {
        final Waiting first;
        /** Null while there is but one. */
        @Nullable
        Waiting last;

        final long sinceNanos;

        Flow(Waiting first, long nanos) {
            this.first = first;
            this.sinceNanos = nanos;
        }
    }

    private final Map<Selector, Flow> flows = new LinkedHashMap<>();
    private final PacketSelector seen = new PacketSelector();
    private long givenUp;

    /**
     * Keeps a packet that a %hold or %trap eroute took.
     *
     * @return the flow, if it is a new one that wants an SA
     */
    @Nullable
    Selector hold(Attached at, Packet packet, Eroute eroute, long nanos) {
        Selector key = flowOf(packet, eroute);
        var waiting = new Waiting(at, packet.toBytes());
        Flow flow = flows.get(key);
        if (flow != null) {
            givenUp += flow.last == null ? 0 : 1;
            flow.last = waiting;
            return null;
        }
        if (flows.size() == MOST) {
            Iterator<Flow> oldest = flows.values().iterator();
            count(oldest.next());
            oldest.remove();
        }
        flows.put(key, new Flow(waiting, nanos));
        return eroute.shunt() == Shunt.HOLD ? null : key;
    }

    private Selector flowOf(Packet packet, Eroute eroute) {
        Selector selector = eroute.selector();
        if (eroute.shunt() != Shunt.TRAP || seen.parse(packet) != Verdict.NONE) {
            return selector;
        }
        Family family = seen.family();
        IpAddress source = IpAddress.read(family, packet, IpHeader.sourceAt(family, 0));
        IpAddress destination = IpAddress.read(family, packet, IpHeader.destinationAt(family, 0));
        return new Selector(
                Prefix.host(source),
                Prefix.host(destination),
                selector.protocol(),
                ports(selector.sourcePorts(), seen.sourcePort()),
                ports(selector.destinationPorts(), seen.destinationPort()));
    }

    private static PortRange ports(PortRange ofEroute, int ofPacket) {
        return ofEroute.isAny() || ofPacket < 0 ? PortRange.ANY : PortRange.of(ofPacket);
    }

    /** Takes everything out, oldest flow first: after a change of eroutes each packet tries again. */
    List<Waiting> takeAll() {
        var all = new ArrayList<Waiting>();
        for (Flow flow : flows.values()) {
            all.add(flow.first);
            if (flow.last != null) {
                all.add(flow.last);
            }
        }
        flows.clear();
        return all;
    }

    boolean isEmpty() {
        return flows.isEmpty();
    }

    /** Gives up what has waited too long. */
    void age(long nanos) {
        flows.values().removeIf(flow -> {
            boolean old = nanos - flow.sinceNanos > SECONDS * 1_000_000_000L;
            if (old) {
                count(flow);
            }
            return old;
        });
    }

    /** What waits for packets of an interface that goes. */
    void forget(Attached at) {
        flows.values().removeIf(flow -> flow.first.at() == at);
    }

    private void count(Flow flow) {
        givenUp += flow.last == null ? 1 : 2;
    }

    /** Packets that waited and were given up. */
    long givenUp() {
        return givenUp;
    }
}
