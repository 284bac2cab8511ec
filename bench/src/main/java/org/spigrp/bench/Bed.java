package org.spigrp.bench;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.spigrp.command.MemoryTables;
import org.spigrp.command.Snapshot;
import org.spigrp.engine.CryptoEngine;
import org.spigrp.engine.Engine;
import org.spigrp.engine.EngineOptions;
import org.spigrp.engine.EngineOptions.Only;
import org.spigrp.engine.PacketSink;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.Said;
import org.spigrp.sa.Selector;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Prefix;
import org.spigrp.wire.Verdict;

/**
 * One group that takes every packet, an engine that protects by it and one that peels, and a batch of clear packets.
 * Nothing of it touches a disk or a socket.
 */
final class Bed {
    static final IpAddress WEST = IpAddress.v4(0xc0000201);
    static final IpAddress EAST = IpAddress.v4(0xc0000202);
    static final int FIRST_SPI = 0x100;
    /** Replay windows as the commands make them. */
    static final int WINDOW = 1024;

    private static final int UDP = 17;
    private static final int HEADERS = 28;

    final byte[][] clear = new byte[Engine.BATCH][];
    private final Packet[] batch = new Packet[Engine.BATCH];
    private final Check check = new Check();
    private final Engine protector;
    private final Engine peeler;

    /**
     * @param group words of {@link Groups}
     * @param octets length of the clear IP packets
     * @param windowBits 0 where the same packets are peeled again and again
     * @param crypto asked twice: an engine belongs to one worker
     */
    Bed(String group, int octets, int windowBits, Supplier<CryptoEngine> crypto) {
        var tables = new MemoryTables();
        Said first = new Groups(tables, windowBits).add(group, FIRST_SPI, WEST, EAST);
        var all = Selector.between(Prefix.all(Family.INET), Prefix.all(Family.INET));
        tables.putEroute(new Eroute(all, first));
        tables.putInboundPolicy(first, List.of(all));
        tables.commit();
        protector = engine(tables, Only.PROTECT, crypto.get());
        peeler = engine(tables, Only.PEEL, crypto.get());

        var random = new Random(42);
        for (int i = 0; i < batch.length; i++) {
            batch[i] = slab();
            clear[i] = udp(octets, random);
        }
    }

    static Engine engine(Snapshot tables, Only only, CryptoEngine crypto) {
        var options = EngineOptions.DEFAULT.withOnly(only);
        var clock = InstantSource.fixed(Instant.EPOCH);
        return new Engine(tables, new EndlessLedger(), crypto, options, clock, new SecureRandom());
    }

    static Packet slab() {
        return new Packet(Packet.DEFAULT_CAPACITY, Packet.DEFAULT_HEADROOM);
    }

    /** The packets at work, as they are now. */
    Packet[] batch() {
        return batch;
    }

    /** Copies these packets into the slabs. */
    void load(byte[][] from) {
        for (int i = 0; i < batch.length; i++) {
            load(batch[i], from[i]);
        }
    }

    static void load(Packet packet, byte[] octets) {
        packet.reset(Packet.DEFAULT_HEADROOM);
        packet.append(octets.length);
        packet.put(0, octets, 0, octets.length);
    }

    /** Protects what is in the slabs. */
    void protect() {
        protect(batch);
    }

    /** Protects a batch of somebody else's. */
    void protect(Packet[] packets) {
        check.wanted = Verdict.PROTECTED;
        protector.process(packets, packets.length, check);
    }

    /** Peels what is in the slabs. */
    void peel() {
        check.wanted = Verdict.PEELED;
        peeler.process(batch, batch.length, check);
    }

    /** Loads, protects, and gives copies of the outcome. */
    byte[][] sealed() {
        load(clear);
        protect();
        byte[][] sealed = new byte[batch.length][];
        for (int i = 0; i < batch.length; i++) {
            sealed[i] = batch[i].toBytes();
        }
        return sealed;
    }

    /** One packet through {@link #protect} or {@link #peel}. */
    byte[] one(byte[] octets, boolean protecting) {
        load(batch[0], octets);
        check.wanted = protecting ? Verdict.PROTECTED : Verdict.PEELED;
        (protecting ? protector : peeler).process(batch, 1, check);
        return batch[0].toBytes();
    }

    /** A benchmark that measures drops would look very fast. */
    static final class Check implements PacketSink {
        Verdict wanted = Verdict.NONE;

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

    /** From 10.1.0.5 to 10.2.0.7, with a payload of 16 letters: deflate halves it, as it does with text. */
    static byte[] udp(int octets, Random random) {
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
}
