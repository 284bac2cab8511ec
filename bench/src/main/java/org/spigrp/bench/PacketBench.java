package org.spigrp.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.spigrp.wire.Packet;

@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PacketBench {
    @Param({"64", "576", "1420"})
    int octets;

    private byte[] inner = {};
    private final Packet packet = new Packet(Packet.DEFAULT_CAPACITY, Packet.DEFAULT_HEADROOM);

    @Setup
    public void make() {
        inner = new byte[octets];
    }

    @Benchmark
    public Packet load() {
        packet.reset(Packet.DEFAULT_HEADROOM);
        packet.append(inner.length);
        packet.put(0, inner, 0, inner.length);
        return packet;
    }
}
