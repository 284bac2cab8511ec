package org.spigrp.engine.capture;

import org.spigrp.wire.Family;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Packet;

/** The record that a packet came from: its time, link header, options, and what stood behind the IP packet. */
final class Origin {
    private static final int USUAL_LINK_HEADER = 32;

    final CaptureRecord record = new CaptureRecord();
    int linkLength;
    int trailerLength;

    /** The link header with the other family in it, where the record's own must stay as it is for others. */
    private Octets link = new Octets(new byte[USUAL_LINK_HEADER]);

    /**
     * One that does not need the reader's buffer.
     *
     * @param frameToo false = the IP packet itself is left out
     */
    Origin copy(boolean frameToo) {
        var copy = new Origin();
        copy.linkLength = linkLength;
        copy.trailerLength = trailerLength;
        int frame = frameToo ? record.length : linkLength + trailerLength;
        byte[] array = new byte[frame + record.optionsLength];
        if (frameToo) {
            System.arraycopy(record.array, record.start, array, 0, frame);
        } else {
            System.arraycopy(record.array, record.start, array, 0, linkLength);
            System.arraycopy(record.array, trailer(), array, linkLength, trailerLength);
        }
        System.arraycopy(record.array, record.optionsStart, array, frame, record.optionsLength);
        copy.record.keep(record, array, frame);
        return copy;
    }

    private int trailer() {
        return record.start + record.length - trailerLength;
    }

    /** Writes a packet with this origin; {@code trailerToo} is how much of the trailer goes with it, all or nothing. */
    void write(CaptureWriter writer, Packet packet, int trailerToo) {
        Family family = packet.length() > 0 && packet.u8(0) >>> 4 == 6 ? Family.INET6 : Family.INET;
        if (link.length() < linkLength) {
            link = new Octets(new byte[linkLength]);
        }
        link.put(0, record.array, record.start, linkLength);
        record.linkType.announce(link, linkLength, family);
        int original = linkLength + packet.length() + trailerToo;
        boolean appended = trailerToo > 0 && packet.append(trailerToo);
        if (appended) {
            packet.put(packet.length() - trailerToo, record.array, trailer(), trailerToo);
        }
        writer.write(record, link.array(), 0, linkLength, packet.array(), packet.start(), packet.length(), original);
        if (appended) {
            packet.truncate(packet.length() - trailerToo);
        }
    }
}
