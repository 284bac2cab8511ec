package org.spigrp.daemon;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.spigrp.engine.Engine;
import org.spigrp.engine.PacketSink;
import org.spigrp.engine.Port;
import org.spigrp.sa.Said;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpHeader;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Ipv6Header;
import org.spigrp.wire.Packet;
import org.spigrp.wire.UdpHeader;
import org.spigrp.wire.Verdict;

/**
 * A virtual interface at work on its physical one.
 *
 * <pre>
 *   host --- tun ---> protect ---> raw | udp --- wire
 *   host <-- tun <--- peel   <---- raw | udp --- wire
 *                     pathError <- icmp -------- wire
 * </pre>
 *
 * Owned by the stack's thread.
 */
final class Attached implements AutoCloseable {
    /** What the stack does with packets that go neither way. */
    interface Aside {
        /** A packet for a %hold or %trap eroute. */
        void held(Attached at, Packet packet);

        /** A packet ended badly; {@link Engine#group} tells where. */
        void dropped(Attached at, Packet packet, boolean outbound);

        /** The path to this group's peer takes smaller packets than was known. */
        void pathMtu(List<Said> group);

        /** A port has ended: its device is gone. */
        void ended(Attached at);

        /** Somebody wants to see every packet. */
        @Nullable
        Tapped tapped();

        /** Decisions that klipsdebug asked for. */
        Decisions decisions();
    }

    /** A way to the wire. */
    private static final class Wire {
        final Port port;
        final Outgoing out;
        final Family family;
        /** 0 = raw IP. */
        final int udpPort;

        Wire(Port port, Family family, int udpPort) {
            this.port = port;
            this.out = new Outgoing(port);
            this.family = family;
            this.udpPort = udpPort;
        }
    }

    private final String virtual;
    private final String physical;
    private final Engine engine;
    private final Aside aside;
    private final Port tun;
    private final Outgoing toHost;
    private final List<Wire> wires = new ArrayList<>();
    private final List<Port> errors = new ArrayList<>();
    private final Packet[] batch;
    private int physicalMtu;
    private int virtualMtu;
    private long unsendable;
    private long refusedBefore;
    private boolean up = true;
    private boolean wired;
    private final PacketSink clearSide = new ClearSide();
    private final PacketSink wireSide = new WireSide();

    /** @param batch for packets that arrive; shared by all interfaces of the thread */
    Attached(String virtual, String physical, Engine engine, Aside aside, Port tun, Packet[] batch) {
        this.virtual = virtual;
        this.physical = physical;
        this.engine = engine;
        this.aside = aside;
        this.tun = tun;
        this.toHost = new Outgoing(tun);
        this.batch = batch;
    }

    String virtual() {
        return virtual;
    }

    String physical() {
        return physical;
    }

    int physicalMtu() {
        return physicalMtu;
    }

    void physicalMtu(int octets) {
        physicalMtu = octets;
    }

    /** 0 = not set yet. */
    int virtualMtu() {
        return virtualMtu;
    }

    void virtualMtu(int octets) {
        virtualMtu = octets;
    }

    void addRaw(Port port, Family family) {
        wires.add(new Wire(port, family, 0));
    }

    void addUdp(Port port, Family family, int udpPort) {
        wires.add(new Wire(port, family, udpPort));
    }

    void addErrors(Port port) {
        errors.add(port);
    }

    /** Closes UDP sockets of other ports. */
    void closeUdpExcept(Set<Integer> kept) {
        wires.removeIf(wire -> {
            boolean goes = wire.udpPort != 0 && !kept.contains(wire.udpPort);
            if (goes) {
                close(wire);
            }
            return goes;
        });
    }

    /** True if packets of this family can leave. */
    boolean has(Family family) {
        for (Wire wire : wires) {
            if (wire.family == family) {
                return true;
            }
        }
        return false;
    }

    boolean wasUp() {
        return up;
    }

    void wasUp(boolean nowUp) {
        up = nowUp;
    }

    /** Packets for which there was no way out, as their family is switched off here. */
    long unsendable() {
        return unsendable;
    }

    /** Packets that the machine refused, on their way to the wire or to the host. */
    long refused() {
        long sum = refusedBefore + tun.refused();
        for (Wire wire : wires) {
            sum += wire.port.refused();
        }
        return sum;
    }

    /** Moves what has come, a batch from each port; true if there was something. */
    boolean pump() {
        boolean some = fromHost();
        for (int i = 0; i < wires.size(); i++) {
            some |= fromWire(wires.get(i));
        }
        for (int i = 0; i < errors.size(); i++) {
            some |= fromRouters(errors.get(i));
        }
        return some;
    }

    private boolean fromHost() {
        int count = receive(tun);
        if (count <= 0) {
            return false;
        }
        protect(count);
        return true;
    }

    private boolean fromWire(Wire wire) {
        int count = receive(wire.port);
        if (count <= 0) {
            return false;
        }
        Tapped tapped = aside.tapped();
        if (tapped != null) {
            tapped.before(batch, count);
        }
        engine.peel(batch, count, wireSide);
        if (tapped != null) {
            tapped.after(this, batch, count, false);
        }
        flush();
        return true;
    }

    private boolean fromRouters(Port port) {
        int count = receive(port);
        for (int i = 0; i < count; i++) {
            List<Said> group = engine.pathError(batch[i]);
            if (!group.isEmpty()) {
                aside.pathMtu(group);
            }
        }
        return count > 0;
    }

    private int receive(Port port) {
        int count = port.receive(batch);
        if (count < 0) {
            aside.ended(this);
        }
        for (int i = 0; i < count; i++) {
            batch[i].tag(i);
        }
        return count;
    }

    /** What is in the batch goes out once more, as if it had come from the host just now: held packets. */
    void protect(int count) {
        Tapped tapped = aside.tapped();
        if (tapped != null) {
            tapped.before(batch, count);
        }
        engine.protect(batch, count, physicalMtu, clearSide);
        if (tapped != null) {
            tapped.after(this, batch, count, true);
        }
        flush();
    }

    private void flush() {
        toHost.flush();
        for (int i = 0; i < wires.size(); i++) {
            wires.get(i).out.flush();
        }
    }

    /** A datagram of our own, as a keepalive: IP and UDP header and what is in it. */
    void send(Packet packet) {
        Wire wire = wireFor(packet, true);
        if (wire != null) {
            wire.out.add(packet, false);
            wire.out.flush();
        }
    }

    private @Nullable Wire wireFor(Packet packet, boolean isOurs) {
        Family family = IpHeader.family(packet, 0);
        if (family == null) {
            return null;
        }
        int udpPort = isOurs ? natPort(packet, family) : 0;
        Wire raw = null;
        for (int i = 0; i < wires.size(); i++) {
            Wire wire = wires.get(i);
            if (wire.family == family) {
                if (udpPort != 0 && wire.udpPort == udpPort) {
                    return wire;
                }
                if (wire.udpPort == 0) {
                    raw = wire;
                }
            }
        }
        return raw;
    }

    /** The source port of UDP-encapsulated ESP; 0 for anything else, later fragments among it. */
    private static int natPort(Packet packet, Family family) {
        boolean v4 = family == Family.INET;
        int protocol = packet.u8(v4 ? Ipv4Header.PROTOCOL : Ipv6Header.NEXT_HEADER);
        if (protocol != IpProtocol.UDP || (v4 && Ipv4Header.fragmentOffset(packet, 0) != 0)) {
            return 0;
        }
        return UdpHeader.sourcePort(packet, v4 ? Ipv4Header.payloadAt(packet, 0) : Ipv6Header.LENGTH);
    }

    /** Those of our own batch are not touched before the queues are flushed. */
    private boolean stays(Packet packet) {
        int tag = packet.tag();
        return tag < batch.length && batch[tag] == packet;
    }

    private void note(Packet packet, boolean outbound, boolean forwarded) {
        Tapped tapped = aside.tapped();
        if (tapped != null) {
            tapped.result(Attached.this, packet, outbound, forwarded, engine.group());
        }
        Decisions decisions = aside.decisions();
        if (decisions.on()) {
            decisions.packet(virtual, packet, outbound, engine.group(), engine.eroute());
        }
    }

    private final class ClearSide implements PacketSink {
        @Override
        public void forward(Packet packet) {
            note(packet, true, true);
            Wire wire = wireFor(packet, packet.verdict() == Verdict.PROTECTED);
            if (wire == null) {
                unsendable++;
                return;
            }
            wire.out.add(packet, stays(packet));
        }

        @Override
        public void dropped(Packet packet) {
            note(packet, true, false);
            switch (packet.verdict()) {
                case HELD_BY_SHUNT, TRAPPED_BY_SHUNT -> aside.held(Attached.this, packet);
                default -> aside.dropped(Attached.this, packet, true);
            }
        }

        @Override
        public void reply(Packet icmp, Packet about) {
            toHost.add(icmp, false);
        }
    }

    private final class WireSide implements PacketSink {
        @Override
        public void forward(Packet packet) {
            note(packet, false, true);
            toHost.add(packet, stays(packet));
        }

        @Override
        public void dropped(Packet packet) {
            note(packet, false, false);
            aside.dropped(Attached.this, packet, false);
        }

        @Override
        public void reply(Packet icmp, Packet about) {
            toHost.add(icmp, false);
        }
    }

    /** The virtual interface stays where it is, without anybody behind it: what is routed there is lost. */
    @Override
    public void close() {
        dropWires();
        tun.close();
    }

    /** The physical interface is gone: its ports are closed, and new ones may come. */
    void dropWires() {
        for (Wire wire : wires) {
            close(wire);
        }
        for (Port port : errors) {
            port.close();
        }
        wires.clear();
        errors.clear();
        wired = false;
    }

    private void close(Wire wire) {
        refusedBefore += wire.port.refused();
        wire.port.close();
    }

    /** All the ports that it can have on its physical interface are there; without rights that may be none. */
    void wired() {
        wired = true;
    }

    boolean isWired() {
        return wired;
    }
}
