package org.spigrp.engine;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.AlgorithmNames;
import org.spigrp.sa.CompAlgorithm;
import org.spigrp.sa.Direction;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.KeyMaterial;
import org.spigrp.sa.Lifetimes;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.NumberLedger;
import org.spigrp.sa.SaState;
import org.spigrp.sa.SaUse;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Transform;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Parsed;
import org.spigrp.wire.Verdict;

/** Layers of one group on a bench: the least that a pipeline does around them. */
final class LayerBed {
    static final IpAddress WEST = IpAddress.v4(0xc0000201);
    static final IpAddress EAST = IpAddress.v4(0xc0000202);
    static final IpAddress WEST6 = IpAddress.v6(0x20010db800000000L, 1);
    static final IpAddress EAST6 = IpAddress.v6(0x20010db800000000L, 2);

    final Worker worker;
    final CryptoJob job = new CryptoJob();
    final Front front = new Front();
    private final CryptoJob[] jobs = {job};
    private final List<Layer> layers = new ArrayList<>();
    private int nextSpi = 0x1000;
    long firstNumber;
    boolean esn;
    int windowBits = 1024;

    LayerBed() {
        this(new ToyCrypto(), EngineSeams.NONE, 1);
    }

    LayerBed(CryptoEngine crypto, EngineSeams seams, long seed) {
        worker = new Worker(crypto, seams, InstantSource.fixed(Instant.ofEpochSecond(5000)), new Random(seed));
    }

    List<Layer> layers() {
        return layers;
    }

    SaState state(int layer) {
        return layers.get(layer).state();
    }

    /** Adds an SA outside those that are there. */
    LayerBed add(Transform transform, IpAddress source, IpAddress destination) {
        return add(transform, nextSpi++, source, destination);
    }

    LayerBed add(Transform transform, int spi, IpAddress source, IpAddress destination) {
        var said = new Said(transform.protocol(), spi, destination);
        var sa = new SecurityAssociation(
                said,
                source,
                Direction.AUTO,
                transform,
                windowBits,
                esn,
                Lifetimes.NONE,
                1000,
                false,
                1,
                0,
                firstNumber);
        layers.add(Layer.of(SaState.restore(sa, SaUse.NONE, sa.hasSequence() ? new Numbers() : null), worker));
        return this;
    }

    LayerBed add(Transform transform) {
        return add(transform, WEST, EAST);
    }

    static Transform esp(String suite, NatTraversal nat) {
        EspSuite esp = ok(AlgorithmNames.esp(suite));
        return new Transform.Esp(esp, key(esp.givenKeyOctets()), key(esp.authKeyOctets()), nat);
    }

    static Transform esp(String suite) {
        return esp(suite, NatTraversal.NONE);
    }

    static Transform ah(String suite, int align) {
        AhSuite ah = ok(AlgorithmNames.ah(suite));
        return new Transform.Ah(ah, key(ah.givenKeyOctets()), align);
    }

    static Transform comp(Transform.CompThreshold threshold) {
        return new Transform.Comp(CompAlgorithm.DEFLATE, threshold);
    }

    static Transform tunnel() {
        return new Transform.Tunnel(Transform.DfPolicy.COPY, Transform.EcnPolicy.RFC6040);
    }

    private static KeyMaterial key(int octets) {
        byte[] key = new byte[octets];
        for (int i = 0; i < octets; i++) {
            key[i] = (byte) (i * 37 + 1);
        }
        return KeyMaterial.copyOf(key);
    }

    static <T> T ok(Parsed<T> parsed) {
        if (parsed instanceof Parsed.Ok<T>(T value)) {
            return value;
        }
        throw new AssertionError(parsed);
    }

    /** Inner to outer; the first verdict that is not NONE. */
    Verdict protect(Packet packet) {
        for (Layer layer : layers) {
            if (layer.state().needsGrant(1)) {
                layer.state().stageGrants(1);
                layer.state().granted(true);
            }
            Verdict verdict = layer.beginOut(packet, job);
            if (verdict == Verdict.NONE) {
                if (job.context != null) {
                    worker.crypto.seal(jobs, 1);
                }
                verdict = layer.endOut(packet, job);
            }
            if (verdict != Verdict.NONE) {
                return verdict;
            }
        }
        return Verdict.NONE;
    }

    /** Outer to inner. */
    Verdict peel(Packet packet) {
        for (int i = layers.size() - 1; i >= 0; i--) {
            Layer layer = layers.get(i);
            if (layer instanceof CompLayer && !isCompressed(packet)) {
                continue;
            }
            Verdict verdict = peelOne(layer, packet);
            if (verdict != Verdict.NONE) {
                return verdict;
            }
        }
        return Verdict.NONE;
    }

    Verdict peelOne(Layer layer, Packet packet) {
        Verdict verdict = front.parse(packet);
        if (verdict == Verdict.NONE) {
            verdict = layer.beginIn(packet, front, job);
        }
        if (verdict == Verdict.NONE) {
            if (job.context != null) {
                worker.crypto.open(jobs, 1);
            }
            verdict = layer.endIn(packet, front, job);
        }
        if (verdict == Verdict.NONE) {
            if (layer.needsCeiling(job)) {
                layer.stageCeiling(job);
                layer.state().ceilingGranted(true);
            }
            verdict = layer.acceptIn(packet, front, job);
        }
        front.close(packet);
        front.forget();
        return verdict;
    }

    boolean isCompressed(Packet packet) {
        return front.parse(packet) == Verdict.NONE && front.protocol() == IpProtocol.IPCOMP;
    }

    static byte[] octets(Packet packet) {
        return packet.toBytes();
    }

    /** A ledger in memory that says yes to everything. */
    static final class Numbers implements NumberLedger.Numbers {
        private long sent;
        private long ceiling;
        private int epoch = 0x7000_0000;

        @Override
        public long sentUpTo() {
            return sent;
        }

        @Override
        public long stageBlock() {
            sent += 1 << 16;
            return sent;
        }

        @Override
        public int stageEpoch() {
            return ++epoch;
        }

        @Override
        public long ceiling() {
            return ceiling;
        }

        @Override
        public void stageCeiling(long upTo) {
            ceiling = Math.max(ceiling, upTo);
        }

        @Override
        public void stageExact(long lastSent, long highestReceived) {
            sent = lastSent;
            ceiling = highestReceived;
        }
    }

    /** Takes IVs and paddings from where a test put them, by SPI and sequence number. */
    static final class GivenIvs implements IvSource {
        final Map<Integer, Map<Long, byte[]>> ivs = new HashMap<>();
        final Map<Integer, Map<Long, byte[]>> paddings = new HashMap<>();

        @Override
        public void iv(Said said, long sequence, org.spigrp.wire.Octets packet, int at, int length) {
            put(ivs, said, sequence, packet, at, length);
        }

        @Override
        public void ahPadding(Said said, long sequence, org.spigrp.wire.Octets packet, int at, int length) {
            put(paddings, said, sequence, packet, at, length);
        }

        private static void put(
                Map<Integer, Map<Long, byte[]>> from,
                Said said,
                long sequence,
                org.spigrp.wire.Octets packet,
                int at,
                int length) {
            Map<Long, byte[]> bySequence = from.get(said.spi());
            byte @Nullable [] octets = bySequence == null ? null : bySequence.get(sequence);
            if (octets == null || octets.length != length) {
                throw new AssertionError("nothing given for " + said + " " + sequence + " of " + length);
            }
            packet.put(at, octets, 0, length);
        }
    }
}
