package org.spigrp.engine.capture;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * pcapng with the interfaces of a reader, each described before the first packet that came behind its description; or with interfaces of our
 * own, for {@link Tap}. One section, little-endian or big-endian as the input's first; the layout is drawn in
 * {@link PcapNgReader}.
 */
final class PcapNgWriter extends CaptureWriter {
    private static final int OPTION_COMMENT = 1;
    private static final int OPTION_NAME = 2;
    private static final int OPTION_FLAGS = 2;
    private static final int OPTION_HASH = 3;
    private static final int OPTION_TIME_RESOLUTION = 9;
    private static final int OPTION_TIME_OFFSET = 14;
    private static final byte NANOS = 9;
    private static final int INBOUND = 1;
    private static final int OUTBOUND = 2;
    /** The length of an option has 16 bits; nobody wants to read that much. */
    private static final int MAX_TEXT = 4096;

    private final List<PcapNgReader.Interface> interfaces;
    private int described;

    PcapNgWriter(String name, OutputStream out, PcapNgReader reader) {
        super(name, out, reader.buffer.order());
        this.interfaces = reader.interfaces();
        beginSection();
    }

    /** Interfaces are added by {@link #addInterface}, packets by {@link #packet}. */
    PcapNgWriter(String name, OutputStream out) {
        super(name, out, ByteOrder.LITTLE_ENDIAN);
        this.interfaces = List.of();
        beginSection();
    }

    private void beginSection() {
        buffer.putInt(PcapNgReader.SECTION_HEADER).putInt(28).putInt(0x1a2b3c4d);
        buffer.putShort((short) 1).putShort((short) 0).putLong(-1).putInt(28);
    }

    @Override
    public void write(
            CaptureRecord meta,
            byte[] link,
            int linkStart,
            int linkLength,
            byte[] packet,
            int packetStart,
            int packetLength,
            int originalLength) {
        while (described < meta.interfaces) {
            describe(interfaces.get(described++));
        }
        int length = linkLength + packetLength;
        int padding = -length & 3;
        int options = optionsToKeep(meta);
        int total = 32 + length + padding + options;
        beginPacket(total, meta.interfaceId, meta.timeHigh, meta.timeLow, length, originalLength);
        put(link, linkStart, linkLength);
        put(packet, packetStart, packetLength);
        room(padding + options + 4);
        pad(length);
        if (options > 0) {
            putOptions(meta);
        }
        buffer.putInt(total);
    }

    /** Describes an interface of raw IP packets with times in nanoseconds; they are numbered from 0. */
    void addInterface(String interfaceName) {
        byte[] text = text(interfaceName);
        int total = 20 + 4 + padded(text.length) + 8 + 4;
        room(total);
        buffer.putInt(1).putInt(total);
        buffer.putShort((short) LinkType.RAW.number()).putShort((short) 0);
        buffer.putInt(0); // no snap length
        textOption(OPTION_NAME, text);
        timeResolution(NANOS);
        buffer.putInt(0).putInt(total);
    }

    /**
     * Writes one packet of an interface that was added.
     *
     * @param nanos since 1970
     */
    void packet(
            int interfaceId,
            boolean outbound,
            long nanos,
            byte[] packet,
            int start,
            int length,
            @Nullable String comment) {
        byte[] text = comment == null ? new byte[0] : text(comment);
        int options = 8 + (text.length == 0 ? 0 : 4 + padded(text.length)) + 4;
        int total = 32 + padded(length) + options;
        beginPacket(total, interfaceId, (int) (nanos >>> 32), (int) nanos, length, length);
        put(packet, start, length);
        room(3 + options + 4);
        pad(length);
        if (text.length > 0) {
            textOption(OPTION_COMMENT, text);
        }
        buffer.putShort((short) OPTION_FLAGS).putShort((short) 4).putInt(outbound ? OUTBOUND : INBOUND);
        buffer.putInt(0).putInt(total);
    }

    private static byte[] text(String text) {
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        return octets.length <= MAX_TEXT ? octets : Arrays.copyOf(octets, MAX_TEXT);
    }

    private static int padded(int length) {
        return (length + 3) & ~3;
    }

    private void pad(int length) {
        for (int i = length; i < padded(length); i++) {
            buffer.put((byte) 0);
        }
    }

    private void textOption(int code, byte[] text) {
        buffer.putShort((short) code).putShort((short) text.length).put(text);
        pad(text.length);
    }

    private void timeResolution(byte resolution) {
        buffer.putShort((short) OPTION_TIME_RESOLUTION)
                .putShort((short) 1)
                .put(resolution)
                .put((byte) 0)
                .putShort((short) 0);
    }

    private void beginPacket(int total, int interfaceId, int timeHigh, int timeLow, int length, int originalLength) {
        room(28);
        buffer.putInt(6).putInt(total).putInt(interfaceId);
        buffer.putInt(timeHigh).putInt(timeLow).putInt(length).putInt(originalLength);
    }

    private void describe(PcapNgReader.Interface its) {
        room(48);
        boolean offset = its.offsetSeconds() != 0;
        int total = 20 + 8 + (offset ? 12 : 0) + 4;
        buffer.putInt(1).putInt(total);
        buffer.putShort((short) its.number()).putShort((short) 0);
        buffer.putInt(0);
        timeResolution(resolution(its));
        if (offset) {
            buffer.putShort((short) OPTION_TIME_OFFSET).putShort((short) 8).putLong(its.offsetSeconds());
        }
        buffer.putInt(0).putInt(total);
    }

    private static byte resolution(PcapNgReader.Interface its) {
        int twos = its.unitsPerSecond().bitLength() - 1;
        if (its.unitsPerSecond().bitCount() == 1) {
            return (byte) (0x80 | twos);
        }
        return (byte) (its.unitsPerSecond().toString().length() - 1);
    }

    /**
     * Octets of the options that stay true for a changed packet: all but its hash, with the end mark. They are copied as
     * octets, which is right only where input and output are of one byte order.
     */
    private int optionsToKeep(CaptureRecord meta) {
        if (meta.optionsLength < 4 || meta.order != buffer.order()) {
            return 0;
        }
        var view = ByteBuffer.wrap(meta.array).order(meta.order);
        int kept = 0;
        int at = meta.optionsStart;
        int end = at + meta.optionsLength;
        while (at + 4 <= end) {
            int code = view.getShort(at) & 0xffff;
            int size = 4 + (((view.getShort(at + 2) & 0xffff) + 3) & ~3);
            if (code == 0 || at + size > end) {
                break;
            }
            kept += code == OPTION_HASH ? 0 : size;
            at += size;
        }
        return kept == 0 ? 0 : kept + 4;
    }

    private void putOptions(CaptureRecord meta) {
        var view = ByteBuffer.wrap(meta.array).order(meta.order);
        int at = meta.optionsStart;
        int end = at + meta.optionsLength;
        while (at + 4 <= end) {
            int code = view.getShort(at) & 0xffff;
            int size = 4 + (((view.getShort(at + 2) & 0xffff) + 3) & ~3);
            if (code == 0 || at + size > end) {
                break;
            }
            if (code != OPTION_HASH) {
                put(meta.array, at, size);
            }
            at += size;
        }
        room(4);
        buffer.putInt(0);
    }
}
