package org.spigrp.engine.capture;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * pcapng with the interfaces of a reader, each described when its first packet is written. One section, little-endian
 * or big-endian as the input's first; the layout is drawn in {@link PcapNgReader}.
 */
final class PcapNgWriter extends CaptureWriter {
    private static final int OPTION_HASH = 3;

    private final List<PcapNgReader.Interface> interfaces;
    private int described;

    PcapNgWriter(String name, OutputStream out, PcapNgReader reader) {
        super(name, out, reader.buffer.order());
        this.interfaces = reader.interfaces();
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
        while (described < interfaces.size()) {
            describe(interfaces.get(described++));
        }
        int length = linkLength + packetLength;
        int padding = -length & 3;
        int options = optionsToKeep(meta);
        int total = 32 + length + padding + options;
        room(28);
        buffer.putInt(6).putInt(total).putInt(meta.interfaceId);
        buffer.putInt(meta.timeHigh).putInt(meta.timeLow).putInt(length).putInt(originalLength);
        put(link, linkStart, linkLength);
        put(packet, packetStart, packetLength);
        room(padding + options + 4);
        for (int i = 0; i < padding; i++) {
            buffer.put((byte) 0);
        }
        if (options > 0) {
            putOptions(meta);
        }
        buffer.putInt(total);
    }

    private void describe(PcapNgReader.Interface its) {
        room(48);
        boolean offset = its.offsetSeconds() != 0;
        int total = 20 + 8 + (offset ? 12 : 0) + 4;
        buffer.putInt(1).putInt(total);
        buffer.putShort((short) its.number()).putShort((short) 0);
        buffer.putInt(0);
        buffer.putShort((short) 9)
                .putShort((short) 1)
                .put(resolution(its))
                .put((byte) 0)
                .putShort((short) 0);
        if (offset) {
            buffer.putShort((short) 14).putShort((short) 8).putLong(its.offsetSeconds());
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
