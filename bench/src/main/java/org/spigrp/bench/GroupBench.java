package org.spigrp.bench;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.spigrp.command.MemoryTables;
import org.spigrp.engine.CryptoEngines;
import org.spigrp.engine.Engine;
import org.spigrp.engine.EngineOptions;
import org.spigrp.engine.EngineOptions.Only;
import org.spigrp.engine.PacketSink;
import org.spigrp.sa.AlgorithmNames;
import org.spigrp.sa.CompAlgorithm;
import org.spigrp.sa.Direction;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.Group;
import org.spigrp.sa.KeyMaterial;
import org.spigrp.sa.Lifetimes;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Transform;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Parsed;
import org.spigrp.wire.Prefix;
import org.spigrp.wire.Verdict;

/**
 * One packet through a whole group: look-ups, windows, lifetimes, headers, checksums and cryptography, in batches of
 * {@link Engine#BATCH}. Times are for one packet.
 *
 * <p>Not in it: capture files and the ledger's disk. In it: a copy of the packet into its slab, which
 * {@link #loadOnly} measures alone. Replay windows are off, as the same packets are peeled again and again.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(Engine.BATCH)
@Fork(1)
@Warmup(iterations = 5, time = 3) // the JDK reaches its AES-GCM code late
@Measurement(iterations = 5, time = 2)
public class GroupBench {
    private static final IpAddress WEST = IpAddress.v4(0xc0000201);
    private static final IpAddress EAST = IpAddress.v4(0xc0000202);
    private static final int UDP = 17;
    private static final int HEADERS = 28;

    /** Members from inner to outer; all start with an IPv4 tunnel. */
    @Param({"tun+esp(aes128gcm16)", "tun+esp(aes128-sha256)", "tun+comp+esp(aes128-sha256)+ah(hmac-sha2-256-128)"})
    String group = "";

    /** Length of the clear IP packet. */
    @Param({"64", "576", "1420"})
    int octets;

    private final MemoryTables tables = new MemoryTables();
    private final Packet[] batch = new Packet[Engine.BATCH];
    private final byte[][] clear = new byte[Engine.BATCH][];
    private final byte[][] sealed = new byte[Engine.BATCH][];
    private final Check check = new Check();
    private Engine protector = engine(Only.PROTECT);
    private Engine peeler = engine(Only.PEEL);

    /** Makes the group, and the packets that {@link #peel} opens. */
    @Setup
    public void make() {
        var members = new ArrayList<Said>();
        for (String member : group.split("\\+", -1)) {
            members.add(add(member, 0x100 + members.size()));
        }
        tables.putGroup(new Group(members, null));
        var all = Selector.between(Prefix.all(Family.INET), Prefix.all(Family.INET));
        tables.putEroute(new Eroute(all, members.getFirst()));
        tables.putInboundPolicy(members.getFirst(), List.of(all));
        protector = engine(Only.PROTECT);
        peeler = engine(Only.PEEL);

        var random = new Random(42);
        for (int i = 0; i < batch.length; i++) {
            batch[i] = new Packet(Packet.DEFAULT_CAPACITY, Packet.DEFAULT_HEADROOM);
            clear[i] = udp(random);
        }
        load(clear);
        protector.process(batch, batch.length, new Collector());
    }

    private final class Collector implements PacketSink {
        private int count;

        @Override
        public void forward(Packet packet) {
            sealed[count++] = packet.toBytes();
        }

        @Override
        public void dropped(Packet packet) {
            throw new IllegalStateException("not protected: " + packet.verdict());
        }

        @Override
        public void reply(Packet icmp, Packet about) {}
    }

    /** A benchmark that measures drops would look very fast. */
    private static final class Check implements PacketSink {
        private Verdict wanted = Verdict.NONE;

        @Override
        public void forward(Packet packet) {
            if (packet.verdict() != wanted) {
                throw new IllegalStateException("not " + wanted + " but " + packet.verdict());
            }
        }

        @Override
        public void dropped(Packet packet) {
            throw new IllegalStateException("not " + wanted + " but " + packet.verdict());
        }

        @Override
        public void reply(Packet icmp, Packet about) {}
    }

    @Benchmark
    public Packet[] loadOnly() {
        load(clear);
        return batch;
    }

    @Benchmark
    public Packet[] protect() {
        load(clear);
        check.wanted = Verdict.PROTECTED;
        protector.process(batch, batch.length, check);
        return batch;
    }

    @Benchmark
    public Packet[] peel() {
        load(sealed);
        check.wanted = Verdict.PEELED;
        peeler.process(batch, batch.length, check);
        return batch;
    }

    private void load(byte[][] from) {
        for (int i = 0; i < batch.length; i++) {
            Packet packet = batch[i];
            packet.reset(Packet.DEFAULT_HEADROOM);
            packet.append(from[i].length);
            packet.put(0, from[i], 0, from[i].length);
        }
    }

    private Engine engine(Only only) {
        var options = EngineOptions.DEFAULT.withOnly(only);
        return new Engine(
                tables,
                new EndlessLedger(),
                CryptoEngines.best(),
                options,
                InstantSource.fixed(Instant.EPOCH),
                new SecureRandom());
    }

    /** A payload of 16 letters: deflate halves it, as it does with text. */
    private byte[] udp(Random random) {
        var packet = Packet.of(new byte[octets]);
        packet.putU8(0, 0x45);
        packet.putU16(2, octets);
        packet.putU8(8, 64);
        packet.putU8(9, UDP);
        packet.putU32(12, 0x0a010005);
        packet.putU32(16, 0x0a020007);
        packet.putU16(20, 1000);
        packet.putU16(22, 2000);
        packet.putU16(24, octets - 20);
        for (int i = HEADERS; i < octets; i++) {
            packet.putU8(i, 'a' + random.nextInt(16));
        }
        return packet.toBytes();
    }

    private Said add(String member, int spi) {
        int open = member.indexOf('(');
        String protocol = open < 0 ? member : member.substring(0, open);
        String suite = open < 0 ? "" : member.substring(open + 1, member.length() - 1);
        Transform transform = switch (protocol) {
            case "tun" -> new Transform.Tunnel(Transform.DfPolicy.CLEAR, Transform.EcnPolicy.RFC6040);
            case "comp" -> new Transform.Comp(CompAlgorithm.DEFLATE, Transform.CompThreshold.KLIPS);
            case "esp" -> esp(suite);
            case "ah" -> ah(suite);
            default -> throw new IllegalArgumentException(member);
        };
        var said = new Said(transform.protocol(), spi, EAST);
        tables.putSa(
                new SecurityAssociation(
                        said, WEST, Direction.AUTO, transform, 0, false, Lifetimes.NONE, 0, false, spi, 0, 0),
                List.of());
        return said;
    }

    private static Transform esp(String name) {
        var suite = known(AlgorithmNames.esp(name));
        return new Transform.Esp(suite, key(suite.givenKeyOctets()), key(suite.authKeyOctets()), NatTraversal.NONE);
    }

    private static Transform ah(String name) {
        var suite = known(AlgorithmNames.ah(name));
        return new Transform.Ah(suite, key(suite.givenKeyOctets()), 0);
    }

    private static KeyMaterial key(int octets) {
        byte[] key = new byte[octets];
        new Random(octets).nextBytes(key);
        return KeyMaterial.copyOf(key);
    }

    private static <T> T known(Parsed<T> parsed) {
        if (parsed instanceof Parsed.Ok<T>(T value)) {
            return value;
        }
        throw new IllegalArgumentException(parsed.toString());
    }
}
