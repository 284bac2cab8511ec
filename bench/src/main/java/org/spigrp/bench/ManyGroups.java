package org.spigrp.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import org.spigrp.command.MemoryTables;
import org.spigrp.engine.CryptoEngines;
import org.spigrp.engine.Engine;
import org.spigrp.engine.EngineOptions.Only;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.Said;
import org.spigrp.sa.Selector;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Prefix;
import org.spigrp.wire.Verdict;

/**
 * As many peers as groups: each has an address, a tunnel with ESP in it, and an eroute for one host behind it. The
 * packets go to these hosts in a shuffled order that is longer than any cache, so that nothing of a group is at hand
 * when its packet comes.
 *
 * <pre>
 *   eroute 10.1.0.0/16 -> 20.0.0.0 + i/32    group i: tun + esp(aes128gcm16) to 100.64.0.0 + i
 * </pre>
 */
final class ManyGroups {
    private static final int FIRST_HOST = 0x14000000;
    private static final int FIRST_PEER = 0x64400000;
    private static final int DESTINATION = 16;
    private static final double MIB = 1 << 20;

    private final int groups;
    private final MemoryTables tables = new MemoryTables();
    private final Engine engine;
    private final Packet[] batch = new Packet[Engine.BATCH];
    private final byte[][] clear = new byte[Engine.BATCH][];
    private final int[] order;
    private final Bed.Check check = new Bed.Check();
    private final long heapBefore;
    private final long residentBefore;
    private final long heapOfTables;
    private int next;

    ManyGroups(int groups, int octets) {
        this.groups = groups;
        var random = new Random(groups);
        for (int i = 0; i < batch.length; i++) {
            batch[i] = Bed.slab();
            clear[i] = Bed.udp(octets, random);
        }
        order = shuffled(Math.max(groups, Engine.BATCH), groups, random);
        check.wanted = Verdict.PROTECTED;
        heapBefore = heap();
        residentBefore = resident();
        var maker = new Groups(tables, Bed.WINDOW);
        for (int i = 0; i < groups; i++) {
            Said first = maker.add(Yardstick.GCM, Bed.FIRST_SPI + 2 * i, Bed.WEST, IpAddress.v4(FIRST_PEER + i));
            tables.putEroute(new Eroute(selector(i), first));
            tables.commit(); // forgets how to undo it
        }
        heapOfTables = heap() - heapBefore;
        engine = Bed.engine(tables, Only.PROTECT, CryptoEngines.best());
    }

    private static Selector selector(int i) {
        return Selector.between(
                new Prefix(IpAddress.v4(0x0a010000), 16), new Prefix(IpAddress.v4(FIRST_HOST + i), Family.INET.bits()));
    }

    private static int[] shuffled(int length, int groups, Random random) {
        int[] order = new int[length];
        for (int i = 0; i < length; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i % groups;
        }
        return order;
    }

    /** The next batch of the order. */
    void batch() {
        for (int i = 0; i < batch.length; i++) {
            Bed.load(batch[i], clear[i]);
            batch[i].putU32(DESTINATION, FIRST_HOST + order[next]);
            next = next + 1 == order.length ? 0 : next + 1;
        }
        engine.process(batch, batch.length, check);
    }

    /** A packet for each group: all keys are expanded. */
    void touchAll() {
        for (int i = 0; i < order.length; i += batch.length) {
            batch();
        }
    }

    /** What one group with its eroute takes: on the heap after a collection, and outside of it. */
    String memory() {
        double heap = heap() - heapBefore;
        double outside = resident() - residentBefore;
        return String.format(
                Locale.ROOT,
                "an eroute with its tun + esp takes %.0f octets of heap (%.0f of them tables, the rest engine and ledger)"
                        + " and %.0f outside; all of them %.0f and %.0f MiB",
                heap / groups,
                (double) heapOfTables / groups,
                outside / groups,
                heap / MIB,
                outside / MIB);
    }

    private static long heap() {
        var memory = ManagementFactory.getMemoryMXBean();
        for (int i = 0; i < 2; i++) {
            memory.gc();
        }
        MemoryUsage usage = memory.getHeapMemoryUsage();
        return usage.getUsed();
    }

    /**
     * What the process holds of the machine's memory, huge pages too. The heap does not move it where the JVM has touched
     * all of it at its start (-XX:+AlwaysPreTouch).
     */
    private static long resident() {
        long kibibytes = 0;
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("VmRSS:") || line.startsWith("HugetlbPages:")) {
                    kibibytes += Long.parseLong(line.replaceAll("[^0-9]", ""));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return kibibytes << 10;
    }
}
