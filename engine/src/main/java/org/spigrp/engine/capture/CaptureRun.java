package org.spigrp.engine.capture;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.spigrp.engine.Engine;
import org.spigrp.engine.PacketSink;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

/**
 * Runs a capture through the stack: reads records in batches, gives the IP packets to the engine, and writes what comes
 * out with the time and link header of the packet it came from. Frames that carry no IP pass as they are.
 *
 * <pre>
 *   one processor    read --> parse, engine, build --> write            all on the caller's thread
 *   more             read ==> parse, engine, build ==> write            a thread each, ==> are bounded queues of buffers
 * </pre>
 *
 * What comes out does not depend on it: parsing, the engine and building records stay on the caller's thread, which is
 * the engine's one owner, and the other two only move octets. More cores than three are for a crypto engine that spreads
 * a batch over them; nothing here would have to change.
 *
 * <p>Records are not copied but into the packet that the engine works on: what is needed of them later (time, link
 * header, options, the frame as it was) stays where it was read to until their batch is done.
 *
 * <p>Tried and dropped: packets of 4 KiB instead of room for the largest (4 % faster, but what IPComp inflates would no
 * longer fit); chunks of 64 to 512 KiB (no faster, the small ones slower).
 *
 * <p>Memory does not grow with the capture. What the engine keeps (fragments) is remembered here in a map of
 * {@value #MAX_HELD} entries.
 */
public final class CaptureRun implements PacketSink {
    /** Packets per call of the engine. */
    public static final int BATCH = 64;

    private static final int MAX_HELD = 16_384;

    /** Whether reading and writing are done on other threads. */
    public enum Threads {
        ONE,
        THREE;

        /** Three where there is more than one processor. */
        public static Threads ofThisMachine() {
            return Runtime.getRuntime().availableProcessors() > 1 ? THREE : ONE;
        }
    }

    private final Engine engine;
    private final CaptureReader in;
    private final CaptureWriter out;
    private final @Nullable CaptureWriter replies;
    private final @Nullable CaptureWriter dropped;
    private final Threads threads;

    private final Packet[] batch = new Packet[BATCH];
    /** Of the batch's packets. */
    private final Origin[] origins = new Origin[BATCH];
    /** For the next record; changes places with one of {@link #origins} when that becomes part of the batch. */
    private Origin spare = new Origin();

    private final Map<Integer, Origin> held = new LinkedHashMap<>();
    /** The last of them, for a fragment that was pushed out. */
    private Origin lastHeld = spare;

    private LongConsumer progress = _ -> {};
    private int count;
    /** Tag of the batch's first packet; the others follow. */
    private int firstTag;

    private long records;
    private long notIp;
    private long cutShort;
    private long replied;
    private long written;
    private boolean endsInsideRecord;

    /**
     * A run.
     *
     * @param replies where ICMP errors go, null = nowhere
     * @param dropped where packets go that were dropped, as they were captured; null = nowhere
     */
    public CaptureRun(
            Engine engine,
            CaptureReader in,
            CaptureWriter out,
            @Nullable CaptureWriter replies,
            @Nullable CaptureWriter dropped) {
        this(engine, in, out, replies, dropped, Threads.ofThisMachine());
    }

    /** As the other, with threads as given; what comes out is the same. */
    public CaptureRun(
            Engine engine,
            CaptureReader in,
            CaptureWriter out,
            @Nullable CaptureWriter replies,
            @Nullable CaptureWriter dropped,
            Threads threads) {
        this.engine = engine;
        this.in = in;
        this.out = out;
        this.replies = replies;
        this.dropped = dropped;
        this.threads = threads;
        for (int i = 0; i < BATCH; i++) {
            batch[i] = new Packet(Packet.DEFAULT_CAPACITY, Packet.DEFAULT_HEADROOM);
            origins[i] = new Origin();
        }
        in.beforeReuse(this::process);
    }

    /**
     * To the end of the capture. What was written before a {@link CaptureTrouble} is whole.
     *
     * @param newProgress is told the position in the capture after every batch
     */
    public void run(LongConsumer newProgress) {
        progress = newProgress;
        switch (threads) {
            case ONE -> runHere();
            case THREE -> {
                try (ReadAhead _ = in.readAhead();
                        var behind = new WriteBehind(writers())) {
                    runHere();
                    behind.finish();
                }
            }
        }
    }

    private CaptureWriter[] writers() {
        return Stream.of(out, replies, dropped).filter(Objects::nonNull).toArray(CaptureWriter[]::new);
    }

    private void runHere() {
        try {
            while (readBatch()) {
                process();
            }
        } catch (CaptureTrouble trouble) {
            processWhatWasRead(trouble);
            throw trouble;
        }
        process();
        progress.accept(in.position());
        engine.finish(this);
    }

    /**
     * Reads until the batch is full; false at the end of the capture.
     *
     * <p>Apart from {@link #runHere}, which is called once: the launcher's JVM compiles only what is called often, and not
     * the loop of a method that is running.
     */
    private boolean readBatch() {
        while (count < BATCH) {
            switch (in.next(spare.record)) {
                case RECORD -> take();
                case END -> {
                    return false;
                }
                case CUT -> {
                    endsInsideRecord = true;
                    return false;
                }
            }
        }
        return true;
    }

    /** The records before the damage are good. */
    private void processWhatWasRead(CaptureTrouble trouble) {
        try {
            process();
        } catch (CaptureTrouble second) {
            trouble.addSuppressed(second);
        }
    }

    /** Records read. */
    public long records() {
        return records;
    }

    /** Frames without IP, passed as they were. */
    public long notIp() {
        return notIp;
    }

    /** IP packets of which the capture held only a part; they count as dropped. */
    public long cutShort() {
        return cutShort;
    }

    /** Records written to the output. */
    public long written() {
        return written;
    }

    /** ICMP errors made. */
    public long replied() {
        return replied;
    }

    /** True if the capture ended in the middle of a record. */
    public boolean endsInsideRecord() {
        return endsInsideRecord;
    }

    private void take() {
        records++;
        Origin origin = spare;
        CaptureRecord record = origin.record;
        int offset = record.linkType.ipOffset(record.octets, record.start, record.length);
        if (offset < 0) {
            process();
            notIp++;
            written++;
            out.write(record, record.array, record.start, record.length, record.array, 0, 0, record.originalLength);
            return;
        }
        int there = record.length - offset;
        int length = ipLength(record.octets, record.start + offset, there);
        if (record.isCutShort() && length > there) {
            process();
            cutShort++;
            writeDropped(origin);
            return;
        }
        origin.linkLength = offset;
        origin.trailerLength = Math.max(0, there - length);
        spare = origins[count];
        origins[count] = origin;
        Packet packet = batch[count];
        packet.reset(Packet.DEFAULT_HEADROOM);
        int within = Math.min(length, there);
        if (packet.append(within)) {
            packet.put(0, record.array, record.start + offset, within);
        }
        packet.timestamp(record.nanos);
        packet.tag(firstTag + count);
        count++;
    }

    /** What the IP header says; all that is there where it says nothing useful. */
    private static int ipLength(Octets octets, int at, int there) {
        if (there >= 20 && octets.u8(at) >>> 4 == 4) {
            return octets.u16(at + 2);
        }
        if (there >= 40 && octets.u8(at) >>> 4 == 6) {
            int payload = octets.u16(at + 4);
            return payload == 0 ? there : 40 + payload;
        }
        return there;
    }

    private void process() {
        if (count == 0) {
            return;
        }
        int packets = count;
        try {
            engine.process(batch, packets, this);
            for (int i = 0; i < packets; i++) {
                if (batch[i].verdict() == Verdict.HELD_FRAGMENT) {
                    hold(batch[i].tag());
                }
            }
        } finally { // after a trouble nothing may be processed twice
            firstTag += packets;
            count = 0;
        }
        progress.accept(in.position());
    }

    private void hold(int tag) {
        if (held.size() >= MAX_HELD) {
            held.remove(held.keySet().iterator().next());
        }
        lastHeld = origins[tag - firstTag].copy(dropped != null);
        held.put(tag, lastHeld);
    }

    private Origin originOf(Packet packet) {
        int inBatch = packet.tag() - firstTag;
        if (inBatch >= 0 && inBatch < count) {
            return origins[inBatch];
        }
        Origin kept = held.get(packet.tag());
        return kept != null ? kept : lastHeld;
    }

    @Override
    public void forward(Packet packet) {
        Origin origin = originOf(packet);
        written++;
        origin.write(out, packet, unchanged(packet.verdict()) ? origin.trailerLength : 0);
    }

    @Override
    public void dropped(Packet packet) {
        writeDropped(originOf(packet));
    }

    @Override
    public void reply(Packet icmp, Packet about) {
        replied++;
        if (replies != null) {
            originOf(about).write(replies, icmp, 0);
        }
    }

    private void writeDropped(Origin origin) {
        if (dropped != null) {
            CaptureRecord record = origin.record;
            dropped.write(record, record.array, record.start, record.length, record.array, 0, 0, record.originalLength);
        }
    }

    private static boolean unchanged(Verdict verdict) {
        return switch (verdict) {
            case PASSED, PASSED_BY_SHUNT, PASSED_OWN -> true;
            default -> false;
        };
    }
}
