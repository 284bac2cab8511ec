package org.spigrp.engine.capture;

import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * pcapng (draft-ietf-opsawg-pcapng).
 *
 * <pre>
 * block   type 4 | total length 4 | body, padded to 4 | total length 4
 * SHB     type 0x0a0d0d0a, body: magic 0x1a2b3c4d | major 2 | minor 2 | section length 8 | options
 * IDB     type 1, body: link type 2 | 0 2 | snap length 4 | options
 * EPB     type 6, body: interface 4 | time high 4 | time low 4 | captured 4 | original 4 | frame, padded | options
 * SPB     type 3, body: original 4 | frame, padded
 * PB      type 2 (obsolete), body: interface 2 | drops 2 | time high 4 | ... as EPB
 * </pre>
 *
 * Sections of one file may differ in byte order; interfaces are numbered anew in each. Blocks that carry no packet are
 * skipped.
 */
final class PcapNgReader extends CaptureReader {
    static final int SECTION_HEADER = 0x0a0d0d0a;
    private static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
    private static final int INTERFACE = 1;
    private static final int OLD_PACKET = 2;
    private static final int SIMPLE_PACKET = 3;
    private static final int ENHANCED_PACKET = 6;
    private static final int OPTION_TIME_RESOLUTION = 9;
    private static final int OPTION_TIME_OFFSET = 14;
    private static final int SMALLEST_BLOCK = 12;
    /** A capture with more interfaces is damaged or made to hurt. */
    private static final int MAX_INTERFACES = 65_536;

    /**
     * An interface of the section.
     *
     * @param unitsPerSecond of the times in its records
     * @param offsetSeconds added to them
     * @param number of the link type, as in the file
     */
    record Interface(LinkType linkType, int number, int snapLength, BigInteger unitsPerSecond, long offsetSeconds) {}

    private final List<Interface> interfaces = new ArrayList<>();
    /** Interfaces of earlier sections, so that numbers stay unique in the output. */
    private int firstOfSection;

    PcapNgReader(String name, InputStream in, Buffer first) {
        super(name, in, first);
        countBuffered();
        readSectionHeader();
    }

    List<Interface> interfaces() {
        return interfaces;
    }

    @Override
    public Found next(CaptureRecord record) {
        while (true) {
            if (!fill(SMALLEST_BLOCK)) {
                return buffer.hasRemaining() ? Found.CUT : Found.END;
            }
            int type = buffer.getInt(buffer.position());
            if (type == SECTION_HEADER) {
                if (!fill(28)) {
                    return Found.CUT;
                }
                readSectionHeader();
                continue;
            }
            int length = blockLength();
            if (!fill(length)) {
                return Found.CUT;
            }
            int at = buffer.position();
            buffer.position(at + length);
            boolean found = switch (type) {
                case INTERFACE -> readInterface(at + 8, at + length - 4);
                case ENHANCED_PACKET -> readPacket(record, at + 8, at + length - 4, buffer.getInt(at + 8));
                case OLD_PACKET -> readPacket(record, at + 8, at + length - 4, buffer.getShort(at + 8) & 0xffff);
                case SIMPLE_PACKET -> readSimplePacket(record, at + 8, at + length - 4);
                default -> false;
            };
            if (found) {
                return Found.RECORD;
            }
        }
    }

    @Override
    public CaptureWriter writer(String writerName, OutputStream out) {
        return new PcapNgWriter(writerName, out, this);
    }

    private void readSectionHeader() {
        if (!fill(28)) {
            throw new CaptureTrouble(name + " ends inside a section header");
        }
        int at = buffer.position();
        buffer.order(ByteOrder.BIG_ENDIAN);
        if (buffer.getInt(at + 8) != BYTE_ORDER_MAGIC) {
            buffer.order(ByteOrder.LITTLE_ENDIAN);
            if (buffer.getInt(at + 8) != BYTE_ORDER_MAGIC) {
                throw damaged("a section header without the byte-order magic");
            }
        }
        int major = buffer.getShort(at + 12) & 0xffff;
        if (major != 1) {
            throw new CaptureTrouble(name + " is pcapng of version " + major + "; known is 1");
        }
        int length = blockLength();
        if (!fill(length)) {
            throw new CaptureTrouble(name + " ends inside a section header");
        }
        buffer.position(buffer.position() + length);
        firstOfSection = interfaces.size();
    }

    private int blockLength() {
        int length = buffer.getInt(buffer.position() + 4);
        if (length < SMALLEST_BLOCK || length > MAX_RECORD || (length & 3) != 0) {
            throw damaged("a block of " + Integer.toUnsignedString(length) + " octets");
        }
        return length;
    }

    private boolean readInterface(int from, int to) {
        if (to - from < 8) {
            throw damaged("an interface description of " + (to - from) + " octets");
        }
        if (interfaces.size() >= MAX_INTERFACES) {
            throw damaged("more than " + MAX_INTERFACES + " interfaces");
        }
        int number = buffer.getShort(from) & 0xffff;
        LinkType linkType = LinkType.of(number);
        BigInteger unitsPerSecond = BigInteger.valueOf(1_000_000);
        long offsetSeconds = 0;
        int at = from + 8;
        while (at + 4 <= to) {
            int code = buffer.getShort(at) & 0xffff;
            int length = buffer.getShort(at + 2) & 0xffff;
            if (code == 0 || at + 4 + length > to) {
                break;
            }
            if (code == OPTION_TIME_RESOLUTION && length == 1) {
                int value = buffer.get(at + 4) & 0xff;
                unitsPerSecond =
                        BigInteger.valueOf((value & 0x80) == 0 ? 10 : 2).pow(value & 0x7f);
            } else if (code == OPTION_TIME_OFFSET && length == 8) {
                offsetSeconds = buffer.getLong(at + 4);
            }
            at += 4 + ((length + 3) & ~3);
        }
        interfaces.add(new Interface(
                linkType == null ? LinkType.OTHER : linkType,
                linkType == null ? number : linkType.number(),
                buffer.getInt(from + 4),
                unitsPerSecond,
                offsetSeconds));
        return false;
    }

    private boolean readPacket(CaptureRecord record, int from, int to, int idInSection) {
        if (to - from < 20) {
            throw damaged("a packet block of " + (to - from) + " octets");
        }
        record.timeHigh = buffer.getInt(from + 4);
        record.timeLow = buffer.getInt(from + 8);
        record.originalLength = buffer.getInt(from + 16);
        frame(record, from + 20, to, buffer.getInt(from + 12));
        record.optionsStart = record.start + ((record.length + 3) & ~3);
        record.optionsLength = Math.max(0, to - record.optionsStart);
        Interface its = setInterface(record, idInSection);
        record.nanos = nanos(its, record.timeHigh, record.timeLow);
        return true;
    }

    private boolean readSimplePacket(CaptureRecord record, int from, int to) {
        if (to - from < 4) {
            throw damaged("a simple packet block of " + (to - from) + " octets");
        }
        Interface its = setInterface(record, 0);
        record.timeHigh = 0;
        record.timeLow = 0;
        record.nanos = 0;
        record.originalLength = buffer.getInt(from);
        int length = Math.min(record.originalLength, to - from - 4);
        if (its.snapLength > 0) {
            length = Math.min(length, its.snapLength);
        }
        frame(record, from + 4, to, length);
        record.optionsLength = 0;
        return true;
    }

    private void frame(CaptureRecord record, int from, int to, int length) {
        if (length < 0 || length > to - from) {
            throw damaged("a packet of " + Integer.toUnsignedString(length) + " octets in a block of " + (to - from));
        }
        frame(record, from, length);
    }

    private Interface setInterface(CaptureRecord record, int idInSection) {
        int id = firstOfSection + idInSection;
        if (idInSection < 0 || id >= interfaces.size()) {
            throw damaged("a packet of interface " + Integer.toUnsignedString(idInSection)
                    + ", which is not described before it");
        }
        Interface its = interfaces.get(id);
        record.interfaceId = id;
        record.interfaces = interfaces.size();
        record.linkType = its.linkType;
        return its;
    }

    /** Without BigInteger for the usual resolutions: this is called for every packet. */
    private static long nanos(Interface its, int high, int low) {
        long units = (long) high << 32 | Integer.toUnsignedLong(low);
        if (its.unitsPerSecond.bitLength() <= 30 && units >= 0) {
            long perSecond = its.unitsPerSecond.longValue();
            return (units / perSecond + its.offsetSeconds) * 1_000_000_000L
                    + units % perSecond * 1_000_000_000L / perSecond;
        }
        return new BigInteger(Long.toUnsignedString(units))
                .multiply(BigInteger.valueOf(1_000_000_000L))
                .divide(its.unitsPerSecond)
                .add(BigInteger.valueOf(its.offsetSeconds).multiply(BigInteger.valueOf(1_000_000_000L)))
                .longValue();
    }

    private CaptureTrouble damaged(String what) {
        return new CaptureTrouble(name + " is damaged: at octet " + position() + " stands " + what);
    }
}
