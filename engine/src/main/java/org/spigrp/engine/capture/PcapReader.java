package org.spigrp.engine.capture;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteOrder;

/**
 * Classic pcap.
 *
 * <pre>
 * file    magic 4 | major 2 | minor 2 | zone 4 | accuracy 4 | snap length 4 | link type 4
 * record  seconds 4 | µs or ns 4 | captured length 4 | original length 4 | frame
 * </pre>
 */
final class PcapReader extends CaptureReader {
    static final int MICROS = 0xa1b2c3d4;
    static final int NANOS = 0xa1b23c4d;
    static final int MICROS_SWAPPED = 0xd4c3b2a1;
    static final int NANOS_SWAPPED = 0x4d3cb2a1;

    private static final int FILE_HEADER = 24;
    private static final int RECORD_HEADER = 16;

    private final boolean nanos;
    private final int snapLength;
    private final LinkType linkType;

    PcapReader(String name, InputStream in, Buffer first, ByteOrder order) {
        super(name, in, first);
        buffer.order(order);
        countBuffered();
        if (!fill(FILE_HEADER)) {
            throw new CaptureTrouble(name + " ends inside its file header");
        }
        nanos = buffer.getInt() == NANOS;
        int major = buffer.getShort() & 0xffff;
        int minor = buffer.getShort() & 0xffff;
        if (major != 2) {
            throw new CaptureTrouble(name + " is pcap of version " + major + "." + minor + "; known is 2.4");
        }
        buffer.getLong();
        snapLength = buffer.getInt();
        int number = buffer.getInt() & 0x03ff_ffff; // the upper bits tell the length of a checksum, if any
        LinkType known = LinkType.of(number);
        if (known == null) {
            throw new CaptureTrouble(name + " has link type " + number
                    + "; known are Ethernet, raw IP, Linux SLL and SLL2, null and loopback");
        }
        linkType = known;
    }

    @Override
    public Found next(CaptureRecord record) {
        if (!fill(RECORD_HEADER)) {
            return buffer.hasRemaining() ? Found.CUT : Found.END;
        }
        int at = buffer.position();
        int length = buffer.getInt(at + 8);
        if (length < 0 || length > MAX_RECORD) {
            throw new CaptureTrouble(name + " is damaged: the record at octet " + position() + " claims "
                    + Integer.toUnsignedString(length) + " octets");
        }
        if (!fill(RECORD_HEADER + length)) {
            return Found.CUT;
        }
        at = buffer.position();
        record.timeHigh = buffer.getInt(at);
        record.timeLow = buffer.getInt(at + 4);
        record.nanos = Integer.toUnsignedLong(record.timeHigh) * 1_000_000_000L
                + Integer.toUnsignedLong(record.timeLow) * (nanos ? 1 : 1000);
        frame(record, at + RECORD_HEADER, length);
        record.originalLength = buffer.getInt(at + 12);
        record.interfaceId = 0;
        record.optionsLength = 0;
        record.linkType = linkType;
        buffer.position(at + RECORD_HEADER + length);
        return Found.RECORD;
    }

    @Override
    public CaptureWriter writer(String writerName, OutputStream out) {
        return new PcapWriter(writerName, out, buffer.order(), nanos, snapLength, linkType);
    }

    /** The time of a record that stands for {@code nanosSince1970}. */
    static void setTime(CaptureRecord record, long nanosSince1970, boolean nanos) {
        record.timeHigh = (int) (nanosSince1970 / 1_000_000_000L);
        int rest = (int) (nanosSince1970 % 1_000_000_000L);
        record.timeLow = nanos ? rest : rest / 1000;
    }
}
