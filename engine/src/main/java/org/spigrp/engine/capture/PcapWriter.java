package org.spigrp.engine.capture;

import java.io.OutputStream;
import java.nio.ByteOrder;

/** Classic pcap; the layout is drawn in {@link PcapReader}. */
public final class PcapWriter extends CaptureWriter {
    /** What tools take without a question. */
    private static final int LEAST_SNAP_LENGTH = 262_144;

    /** Writes the file header. */
    public PcapWriter(
            String name, OutputStream out, ByteOrder order, boolean nanos, int snapLength, LinkType linkType) {
        super(name, out, order);
        buffer.putInt(nanos ? PcapReader.NANOS : PcapReader.MICROS);
        buffer.putShort((short) 2).putShort((short) 4).putLong(0);
        buffer.putInt(Math.max(snapLength, LEAST_SNAP_LENGTH)).putInt(linkType.number());
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
        room(16);
        buffer.putInt(meta.timeHigh).putInt(meta.timeLow);
        buffer.putInt(linkLength + packetLength).putInt(originalLength);
        put(link, linkStart, linkLength);
        put(packet, packetStart, packetLength);
    }
}
