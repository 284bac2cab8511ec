package org.spigrp.daemon;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.spigrp.command.Change;
import org.spigrp.command.Event;
import org.spigrp.command.Outcome;
import org.spigrp.command.Stop;
import org.spigrp.command.Target;
import org.spigrp.sa.AlgorithmNames;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.KeyMaterial;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Transform;
import org.spigrp.store.Store;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Parsed;
import org.spigrp.wire.Prefix;

/** A live stack with a machine in memory, whose loop is turned by hand and whose clock is set by hand. */
final class LiveBed implements AutoCloseable {
    static final IpAddress WEST = IpAddress.v4(0xc0000201);
    static final IpAddress EAST = IpAddress.v4(0xc0000202);
    static final Prefix WEST_NET = new Prefix(IpAddress.v4(0x0a010000), 16);
    static final Prefix EAST_NET = new Prefix(IpAddress.v4(0x0a020000), 16);
    static final Selector TO_EAST = Selector.between(WEST_NET, EAST_NET);
    static final Selector TO_WEST = Selector.between(EAST_NET, WEST_NET);

    final MemoryMachine machine;
    final List<Event> events = new ArrayList<>();
    final List<String> log = new ArrayList<>();
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    long nanos;
    private final Path directory;
    private Store store;
    private Live live;

    LiveBed(Path directory, IpAddress own) {
        this.directory = directory;
        machine = new MemoryMachine(own);
        store = open();
        live = begin(List.of());
    }

    private Store open() {
        return Store.open(directory.resolve("state"), Store.Mode.WRITE, new SecureRandom(), () -> now);
    }

    private Live begin(List<Integer> natPorts) {
        var options =
                new RunOptions(directory.resolve("state"), directory.resolve("run"), natPorts, null, null, null, 1);
        var fresh =
                new Live(store, machine, () -> now, () -> nanos, new SecureRandom(), options, "spigrp test", log::add);
        AutoCloseable _ = fresh.watch(false, events::add);
        fresh.start();
        return fresh;
    }

    /** Where the listing files are. */
    Path listings() {
        return directory.resolve("run").resolve("net");
    }

    Live live() {
        return live;
    }

    /** Ends the stack in an orderly way and starts it on the same state. */
    void restart(Stop how) {
        live.stop(how);
        live.run();
        live.close();
        store.close();
        store = open();
        live = begin(List.of());
    }

    /** The stack is gone without a word, as after signal 9; another starts. */
    void crash() {
        store.close();
        store = open();
        live = begin(List.of());
    }

    Outcome apply(Change... changes) {
        return live.apply(List.of(changes));
    }

    /** Until nothing moves any more. */
    void settle() {
        while (live.turn()) {
            // on
        }
    }

    void seconds(int count) {
        for (int i = 0; i < count; i++) {
            now = now.plusSeconds(1);
            nanos += 1_000_000_000L;
            settle();
        }
    }

    List<Event> told(Event.Kind kind) {
        return events.stream().filter(event -> event.kind() == kind).toList();
    }

    static Said tun(int spi, IpAddress to) {
        return new Said(SaProtocol.TUN, spi, to);
    }

    static Said esp(int spi, IpAddress to) {
        return new Said(SaProtocol.ESP, spi, to);
    }

    static Change addTun(int spi, IpAddress from, IpAddress to) {
        return new Change.AddSa(SecurityAssociation.of(tun(spi, to), from, new Transform.Tunnel()));
    }

    static SecurityAssociation espSa(int spi, IpAddress from, IpAddress to, NatTraversal nat) {
        byte[] key = new byte[20];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) (spi * 31 + i);
        }
        if (!(AlgorithmNames.esp("aes128gcm16") instanceof Parsed.Ok<EspSuite>(EspSuite suite))) {
            throw new AssertionError("aes128gcm16 is known");
        }
        return SecurityAssociation.of(
                esp(spi, to), from, new Transform.Esp(suite, KeyMaterial.copyOf(key), KeyMaterial.NONE, nat));
    }

    static Change addEsp(int spi, IpAddress from, IpAddress to) {
        return new Change.AddSa(espSa(spi, from, to, NatTraversal.NONE));
    }

    /** A tunnel with ESP around it; SPIs n and n + 1. */
    static List<Change> tunnel(int spi, IpAddress from, IpAddress to) {
        return List.of(
                addTun(spi, from, to),
                addEsp(spi + 1, from, to),
                new Change.MakeGroup(List.of(Target.of(tun(spi, to)), Target.of(esp(spi + 1, to))), null));
    }

    static Change eroute(Selector selector, Said said) {
        return new Change.AddEroute(selector, Target.of(said));
    }

    static Change inbound(Selector selector, Said tunnel) {
        return new Change.AddInbound(selector, Target.of(tunnel));
    }

    /** A datagram from port 7 to port 9, with a body of zeros. */
    static byte[] udp(int source, int destination, int octets) {
        var packet = new Octets(new byte[octets]);
        Ipv4Header.init(packet, 0, octets);
        Ipv4Header.ttl(packet, 0, 64);
        Ipv4Header.protocol(packet, 0, IpProtocol.UDP);
        IpAddress.v4(source).write(packet, Ipv4Header.SOURCE);
        IpAddress.v4(destination).write(packet, Ipv4Header.DESTINATION);
        packet.putU16(20, 7);
        packet.putU16(22, 9);
        packet.putU16(24, octets - 20);
        Ipv4Header.updateChecksum(packet, 0);
        return packet.toBytes();
    }

    @Override
    public void close() {
        live.close();
        store.close();
    }
}
