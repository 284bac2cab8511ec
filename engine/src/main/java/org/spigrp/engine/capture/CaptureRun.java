package org.spigrp.engine.capture;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.spigrp.engine.Engine;
import org.spigrp.engine.PacketSink;
import org.spigrp.wire.Family;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

/**
 * Runs a capture through the stack: reads records in batches, gives the IP packets to the engine, and writes what comes
 * out with the time and link header of the packet it came from. Frames that carry no IP pass as they are.
 *
 * <p>Memory does not grow with the capture. What the engine keeps (fragments) is remembered here in a map of
 * {@value #MAX_HELD} entries; all else in a ring.
 */
public final class CaptureRun implements PacketSink {
    /** Packets per call of the engine. */
    public static final int BATCH = 64;

    private static final int RING = 2 * BATCH;
    private static final int MAX_HELD = 16_384;

    private final Engine engine;
    private final CaptureReader in;
    private final CaptureWriter out;
    private final @Nullable CaptureWriter replies;
    private final @Nullable CaptureWriter dropped;

    private final CaptureRecord record = new CaptureRecord();
    private final Packet[] batch = new Packet[BATCH];
    private final Origin[] ring = new Origin[RING];
    private final Map<Integer, Origin> held = new LinkedHashMap<>();
    private int count;
    private int nextTag;

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
        this.engine = engine;
        this.in = in;
        this.out = out;
        this.replies = replies;
        this.dropped = dropped;
        for (int i = 0; i < BATCH; i++) {
            batch[i] = new Packet(Packet.DEFAULT_CAPACITY, Packet.DEFAULT_HEADROOM);
        }
        for (int i = 0; i < RING; i++) {
            ring[i] = new Origin();
        }
    }

    /**
     * To the end of the capture. What was written before a {@link CaptureTrouble} is whole.
     *
     * @param progress is told the position in the capture after every batch
     */
    public void run(LongConsumer progress) {
        boolean more = true;
        while (more) {
            switch (in.next(record)) {
                case RECORD -> take();
                case END -> more = false;
                case CUT -> {
                    more = false;
                    endsInsideRecord = true;
                }
            }
            if (count == BATCH || !more) {
                process();
                progress.accept(in.position());
            }
        }
        engine.finish(this);
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
        var link = new Octets(record.array, record.start, record.length);
        int offset = record.linkType.ipOffset(link);
        if (offset < 0) {
            process();
            notIp++;
            written++;
            out.write(record, record.array, record.start, record.length, record.array, 0, 0, record.originalLength);
            return;
        }
        int length = ipLength(link, offset);
        Origin origin = ring[nextTag & (RING - 1)];
        origin.keep(record, offset, length, dropped != null);
        if (record.isCutShort() && length > record.length - offset) {
            process();
            cutShort++;
            writeDropped(origin);
            return;
        }
        Packet packet = batch[count++];
        packet.reset(Packet.DEFAULT_HEADROOM);
        int within = Math.min(length, record.length - offset);
        if (packet.append(within)) {
            packet.put(0, record.array, record.start + offset, within);
        }
        packet.timestamp(record.nanos);
        packet.tag(nextTag++);
    }

    /** What the IP header says; all that is there where it says nothing useful. */
    private static int ipLength(Octets link, int offset) {
        int there = link.length() - offset;
        if (there >= 20 && link.u8(offset) >>> 4 == 4) {
            return link.u16(offset + 2);
        }
        if (there >= 40 && link.u8(offset) >>> 4 == 6) {
            int payload = link.u16(offset + 4);
            return payload == 0 ? there : 40 + payload;
        }
        return there;
    }

    private void process() {
        if (count == 0) {
            return;
        }
        engine.process(batch, count, this);
        for (int i = 0; i < count; i++) {
            if (batch[i].verdict() == Verdict.HELD_FRAGMENT) {
                hold(batch[i].tag());
            }
        }
        count = 0;
    }

    private void hold(int tag) {
        if (held.size() >= MAX_HELD) {
            held.remove(held.keySet().iterator().next());
        }
        held.put(tag, ring[tag & (RING - 1)].copy());
    }

    private Origin originOf(Packet packet) {
        int tag = packet.tag();
        Origin kept = nextTag - tag <= BATCH ? null : held.get(tag);
        return kept != null ? kept : ring[tag & (RING - 1)];
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
            dropped.write(
                    origin.meta, origin.frame, 0, origin.frameLength, origin.frame, 0, 0, origin.meta.originalLength);
        }
    }

    private static boolean unchanged(Verdict verdict) {
        return switch (verdict) {
            case PASSED, PASSED_BY_SHUNT, PASSED_OWN -> true;
            default -> false;
        };
    }

    /** What a packet looked like in the capture: time, link header, and what stood behind the IP packet. */
    private static final class Origin {
        private final CaptureRecord meta = new CaptureRecord();
        private byte[] link = new byte[32];
        private int linkLength;
        private byte[] trailer = new byte[32];
        private int trailerLength;
        private byte[] options = new byte[0];
        private byte[] frame = new byte[0];
        private int frameLength;

        void keep(CaptureRecord record, int offset, int ipLength, boolean all) {
            meta.timeHigh = record.timeHigh;
            meta.timeLow = record.timeLow;
            meta.nanos = record.nanos;
            meta.interfaceId = record.interfaceId;
            meta.linkType = record.linkType;
            meta.originalLength = record.originalLength;
            meta.order = record.order;
            linkLength = offset;
            link = copy(record.array, record.start, offset, link);
            trailerLength = Math.max(0, record.length - offset - ipLength);
            trailer = copy(record.array, record.start + record.length - trailerLength, trailerLength, trailer);
            options = copy(record.array, record.optionsStart, record.optionsLength, options);
            meta.array = options;
            meta.optionsStart = 0;
            meta.optionsLength = record.optionsLength;
            if (all) {
                frameLength = record.length;
                frame = copy(record.array, record.start, record.length, frame);
            }
        }

        Origin copy() {
            var copy = new Origin();
            var record = new CaptureRecord();
            byte[] all = new byte[linkLength + trailerLength];
            System.arraycopy(link, 0, all, 0, linkLength);
            System.arraycopy(trailer, 0, all, linkLength, trailerLength);
            record.timeHigh = meta.timeHigh;
            record.timeLow = meta.timeLow;
            record.nanos = meta.nanos;
            record.interfaceId = meta.interfaceId;
            record.linkType = meta.linkType;
            record.originalLength = meta.originalLength;
            record.order = meta.order;
            record.array = all;
            record.length = all.length;
            copy.keep(record, linkLength, 0, false);
            copy.options = copy(options, 0, meta.optionsLength, copy.options);
            copy.meta.array = copy.options;
            copy.meta.optionsLength = meta.optionsLength;
            copy.frame = copy(frame, 0, frameLength, copy.frame);
            copy.frameLength = frameLength;
            return copy;
        }

        void write(CaptureWriter writer, Packet packet, int trailerToo) {
            Family family = packet.length() > 0 && packet.u8(0) >>> 4 == 6 ? Family.INET6 : Family.INET;
            meta.linkType.announce(new Octets(link, 0, linkLength), family);
            int original = linkLength + packet.length() + trailerToo;
            if (trailerToo > 0 && packet.append(trailerToo)) {
                packet.put(packet.length() - trailerToo, trailer, 0, trailerToo);
                writer.write(meta, link, 0, linkLength, packet.array(), packet.start(), packet.length(), original);
                packet.truncate(packet.length() - trailerToo);
            } else {
                writer.write(meta, link, 0, linkLength, packet.array(), packet.start(), packet.length(), original);
            }
        }

        private static byte[] copy(byte[] from, int start, int length, byte[] into) {
            byte[] target = into.length >= length ? into : new byte[length];
            System.arraycopy(from, start, target, 0, length);
            return target;
        }
    }
}
