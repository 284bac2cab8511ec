package org.spigrp.engine;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.spigrp.sa.Said;
import org.spigrp.wire.Packet;

/** What the layers of one worker share: the time of the batch, the crypto engine, randomness, scratch memory. */
final class Worker implements AutoCloseable {
    final CryptoEngine crypto;
    final EngineSeams seams;
    final OuterIds ids;
    final IpEdit ip = new IpEdit();
    private @Nullable Deflate deflate;
    private final InstantSource clock;
    private final RandomGenerator random;
    private @Nullable RandomOctets randomOctets;
    private long seconds;
    private long nanos;
    /** Layers whose peer was seen at a new place; the engine takes them out behind the batch. */
    final List<EspLayer> moved = new ArrayList<>(1);
    /** Of packets that were peeled, by the program that did it. */
    final Flows innerFlows = new Flows();
    /** Who hears what became of each packet with compression, or null. */
    @Nullable
    EngineWatch compWatch;
    /** Rises when groups have changed: peers must be told again. */
    int peerEpoch;

    /** @param random a CSPRNG: CBC IVs come from it */
    Worker(CryptoEngine crypto, EngineSeams seams, InstantSource clock, RandomGenerator random) {
        this.crypto = crypto;
        this.seams = seams;
        this.clock = clock;
        this.random = random;
        OuterIds given = seams.ids();
        this.ids = given != null ? given : new OwnIds(random.nextInt());
        now();
    }

    /** Reads the clock, once for a batch. */
    void now() {
        long millis = clock.millis(); // an Instant would be garbage
        seconds = Math.floorDiv(millis, 1000L);
        nanos = millis * 1_000_000L;
    }

    long seconds() {
        return seconds;
    }

    long nanos() {
        return nanos;
    }

    /** When the packet came, in nanoseconds; one that does not know came now. */
    long timeOf(Packet packet) {
        return packet.timestamp() != 0 ? packet.timestamp() : nanos;
    }

    /** Writes octets that nobody can predict. */
    void random(byte[] into, int at, int count) {
        if (randomOctets == null) {
            randomOctets = new RandomOctets(random);
        }
        randomOctets.put(into, at, count);
    }

    /** Made when the first SA with compression carries a packet: it holds memory outside the heap. */
    Deflate deflate() {
        if (deflate == null) {
            deflate = seams.byZlib() ? new Deflate(null) : new Deflate();
        }
        return deflate;
    }

    @Override
    public void close() {
        if (deflate != null) {
            deflate.close();
            deflate = null;
        }
        crypto.close();
    }

    /** One counter for all tunnels: ids of one pair of addresses repeat as late as possible. Never 0. */
    private static final class OwnIds implements OuterIds {
        private int last;

        OwnIds(int start) {
            last = start;
        }

        @Override
        public int next(Said tunnel) {
            last = (last & 0xffff) == 0xffff ? 1 : (last + 1) & 0xffff;
            return last;
        }
    }
}
