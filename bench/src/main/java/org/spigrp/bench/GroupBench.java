package org.spigrp.bench;

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
import org.spigrp.engine.CryptoEngines;
import org.spigrp.engine.Engine;
import org.spigrp.wire.Packet;

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
    /** Members from inner to outer; all start with an IPv4 tunnel. */
    @Param({"tun+esp(aes128gcm16)", "tun+esp(aes128-sha256)", "tun+comp+esp(aes128-sha256)+ah(hmac-sha2-256-128)"})
    String group = "tun+esp(aes128gcm16)";

    /** Length of the clear IP packet. */
    @Param({"64", "576", "1420"})
    int octets = 64;

    private Bed bed = new Bed(group, octets, 0, CryptoEngines::best);
    private byte[][] sealed = {};

    /** Makes the group, and the packets that {@link #peel} opens. */
    @Setup
    public void make() {
        bed = new Bed(group, octets, 0, CryptoEngines::best);
        sealed = bed.sealed();
    }

    @Benchmark
    public Packet[] loadOnly() {
        bed.load(bed.clear);
        return bed.batch();
    }

    @Benchmark
    public Packet[] protect() {
        bed.load(bed.clear);
        bed.protect();
        return bed.batch();
    }

    @Benchmark
    public Packet[] peel() {
        bed.load(sealed);
        bed.peel();
        return bed.batch();
    }
}
