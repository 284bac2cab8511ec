package org.spigrp.engine;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.MemoryTables;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.AlgorithmNames;
import org.spigrp.sa.CompAlgorithm;
import org.spigrp.sa.Direction;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.Group;
import org.spigrp.sa.KeyMaterial;
import org.spigrp.sa.Lifetimes;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Shunt;
import org.spigrp.sa.Transform;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Parsed;
import org.spigrp.wire.Prefix;
import org.spigrp.wire.Verdict;

/** A whole stack in memory: tables without rules, a ledger, an engine, and a sink that remembers. */
final class StackBed {
    static final IpAddress WEST = IpAddress.v4(0xc0000201);
    static final IpAddress EAST = IpAddress.v4(0xc0000202);
    static final IpAddress WEST6 = IpAddress.v6(0x20010db800000000L, 1);
    static final IpAddress EAST6 = IpAddress.v6(0x20010db800000000L, 2);
    static final IpAddress WEST_HOST = IpAddress.v4(0x0a010005);
    static final IpAddress EAST_HOST = IpAddress.v4(0x0a020007);
    static final IpAddress WEST_HOST6 = IpAddress.v6(0x20010db800010000L, 5);
    static final IpAddress EAST_HOST6 = IpAddress.v6(0x20010db800020000L, 7);

    /** What came out, in order. */
    @SuppressWarnings("ArrayRecordComponent") // compared by value here
    record Event(String what, Verdict verdict, int layer, byte[] octets, long timestamp, int tag) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Event that
                    && what.equals(that.what)
                    && verdict == that.verdict
                    && layer == that.layer
                    && Arrays.equals(octets, that.octets)
                    && timestamp == that.timestamp
                    && tag == that.tag;
        }

        @Override
        public int hashCode() {
            return verdict.hashCode();
        }

        @Override
        public String toString() {
            return what + " " + tag + " " + verdict + "/" + layer + " " + octets.length;
        }
    }

    final MemoryTables tables = new MemoryTables();
    MemoryLedger ledger = new MemoryLedger();
    CryptoEngine crypto = new StubCrypto();
    EngineOptions options = EngineOptions.DEFAULT;
    EngineSeams seams = EngineSeams.NONE;
    Instant now = Instant.ofEpochSecond(1_000_000);
    final List<Event> events = new ArrayList<>();
    int batchSize = Engine.BATCH;
    Lifetimes lifetimes = Lifetimes.NONE;
    Direction direction = Direction.AUTO;
    int windowBits = 64;
    boolean esn;
    boolean legacy;
    long firstNumber;
    private int nextSpi = 0x1000;
    private int nextRef = 1;
    private @Nullable Engine engine;

    final PacketSink sink = new PacketSink() {
        @Override
        public void forward(Packet packet) {
            note("forward", packet);
        }

        @Override
        public void dropped(Packet packet) {
            note("dropped", packet);
        }

        @Override
        public void reply(Packet icmp, Packet about) {
            note("reply", icmp);
        }
    };

    private void note(String what, Packet packet) {
        events.add(
                new Event(what, packet.verdict(), packet.layer(), packet.toBytes(), packet.timestamp(), packet.tag()));
    }

    Said add(Transform transform, IpAddress source, IpAddress destination) {
        return add(transform, nextSpi++, source, destination);
    }

    Said add(Transform transform, int spi, IpAddress source, IpAddress destination) {
        var said = new Said(transform.protocol(), spi, destination);
        var sa = new SecurityAssociation(
                said,
                source,
                direction,
                transform,
                windowBits,
                esn,
                lifetimes,
                now.getEpochSecond(),
                legacy,
                nextRef++,
                0,
                firstNumber);
        tables.putSa(sa, List.of());
        return said;
    }

    /** Binds SAs, inner to outer; the eroute and the policy are for everything of both families. */
    StackBed group(Said... innerToOuter) {
        if (innerToOuter.length > 1) {
            tables.putGroup(new Group(List.of(innerToOuter), null));
        }
        return this;
    }

    StackBed eroute(Selector selector, Said said) {
        tables.putEroute(new Eroute(selector, said));
        return this;
    }

    StackBed eroute(Selector selector, Shunt shunt) {
        return eroute(selector, shunt.said());
    }

    /** Everything of both families goes there. */
    StackBed erouteAll(Said said) {
        return eroute(all(Family.INET), said).eroute(all(Family.INET6), said);
    }

    StackBed policy(Said tunnel, Selector... selectors) {
        tables.putInboundPolicy(tunnel, List.of(selectors));
        return this;
    }

    StackBed policyAll(Said tunnel) {
        return policy(tunnel, all(Family.INET), all(Family.INET6));
    }

    static Selector all(Family family) {
        return Selector.between(Prefix.all(family), Prefix.all(family));
    }

    /** tun, ESP and AH between west and east, everything through them. */
    static StackBed threeMembers() {
        var bed = new StackBed();
        Said tunnel = bed.add(tunnel(), WEST, EAST);
        Said esp = bed.add(esp("aes128gcm16"), WEST, EAST);
        Said ah = bed.add(ah("hmac-sha2-256-128"), WEST, EAST);
        return bed.group(tunnel, esp, ah).erouteAll(tunnel).policyAll(tunnel);
    }

    Engine engine() {
        if (engine == null) {
            engine = newEngine(options);
        }
        return engine;
    }

    Engine newEngine(EngineOptions with) {
        InstantSource clock = () -> now;
        return new Engine(tables, ledger, crypto, with, clock, new Random(1), seams);
    }

    /** The next packets meet an engine with these options, and the same tables and ledger. */
    StackBed with(EngineOptions newOptions) {
        options = newOptions;
        engine = null;
        return this;
    }

    /** A clean end, and a new start. */
    StackBed restart() {
        Engine old = engine();
        old.finish(sink);
        old.forEachUse(tables::putUse);
        old.forEachErouteUse(tables::putErouteUse);
        tables.commit();
        old.settle();
        engine = null;
        return this;
    }

    /** Power loss: what was not durable is gone. */
    StackBed crash() {
        ledger = ledger.afterCrash();
        engine = null;
        return this;
    }

    /** The events of these packets, which get tags 0, 1, 2, ... and a nanosecond each. */
    List<Event> run(List<byte[]> packets) {
        var batch = new Packet[packets.size()];
        for (int i = 0; i < batch.length; i++) {
            batch[i] = Packet.of(packets.get(i));
            batch[i].tag(i);
            batch[i].timestamp(now.getEpochSecond() * 1_000_000_000L + i);
        }
        return run(batch);
    }

    List<Event> run(Packet... packets) {
        int before = events.size();
        for (int from = 0; from < packets.length; from += batchSize) {
            int count = Math.min(batchSize, packets.length - from);
            engine().process(Arrays.copyOfRange(packets, from, from + count), count, sink);
        }
        return List.copyOf(events.subList(before, events.size()));
    }

    List<Event> run(byte[]... packets) {
        return run(List.of(packets));
    }

    /** The one event that one packet makes. */
    Event one(byte[] packet) {
        List<Event> made = run(List.of(packet));
        if (made.size() != 1) {
            throw new AssertionError("one event expected, not " + made);
        }
        return made.getFirst();
    }

    Verdict verdict(byte[] packet) {
        return one(packet).verdict();
    }

    /** What the packets become, protected. */
    List<byte[]> protect(List<byte[]> packets) {
        return with(EngineOptions.DEFAULT.withOnly(EngineOptions.Only.PROTECT)).forwarded(run(packets));
    }

    byte[] protect(byte[] packet) {
        List<byte[]> made = protect(List.of(packet));
        if (made.size() != 1) {
            throw new AssertionError("one packet expected, not " + made.size() + ": " + events);
        }
        return made.getFirst();
    }

    List<byte[]> forwarded(List<Event> made) {
        return made.stream()
                .filter(event -> event.what().equals("forward"))
                .map(Event::octets)
                .toList();
    }

    static Transform esp(String suite, NatTraversal nat) {
        EspSuite esp = ok(AlgorithmNames.esp(suite));
        return new Transform.Esp(esp, key(esp.givenKeyOctets(), 1), key(esp.authKeyOctets(), 2), nat);
    }

    static Transform esp(String suite) {
        return esp(suite, NatTraversal.NONE);
    }

    static Transform ah(String suite) {
        AhSuite ah = ok(AlgorithmNames.ah(suite));
        return new Transform.Ah(ah, key(ah.givenKeyOctets(), 3), 0);
    }

    static Transform comp() {
        return new Transform.Comp(CompAlgorithm.DEFLATE, Transform.CompThreshold.KLIPS);
    }

    static Transform tunnel() {
        return tunnel(Transform.DfPolicy.CLEAR);
    }

    static Transform tunnel(Transform.DfPolicy df) {
        return new Transform.Tunnel(df, Transform.EcnPolicy.NONE);
    }

    static KeyMaterial key(int octets, int seed) {
        byte[] key = new byte[octets];
        new Random(seed * 1000L + octets).nextBytes(key);
        return KeyMaterial.copyOf(key);
    }

    static <T> T ok(Parsed<T> parsed) {
        if (parsed instanceof Parsed.Ok<T>(T value)) {
            return value;
        }
        throw new AssertionError(parsed);
    }
}
