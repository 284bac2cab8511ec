package org.spigrp.engine.capture;

import java.nio.ByteOrder;
import org.spigrp.wire.Octets;

/**
 * One packet of a capture, in an array that the reader uses again for the next one. Times are kept as the file has
 * them, so that they can be written back exactly.
 */
public final class CaptureRecord {
    private static final Octets NONE = new Octets(new byte[0]);

    /** The link-layer frame is {@code array[start .. start+length)}. */
    public byte[] array = new byte[0];

    /** All of {@link #array}, to look into it without garbage. */
    Octets octets = NONE;

    public int start;
    public int length;

    /** Octets on the wire; more than {@code length} where the capture was cut by a snap length. */
    public int originalLength;

    /** Classic pcap: seconds and µs or ns. pcapng: upper and lower half of the time in units of the interface. */
    public int timeHigh;

    public int timeLow;

    /** Nanoseconds since 1970, 0 = the record has no time. */
    public long nanos;

    /** Index into the reader's interfaces; 0 in classic pcap. */
    public int interfaceId;

    /** Interfaces that the reader knew of when it came to this record; 0 in classic pcap. */
    int interfaces;

    /** The record's options in pcapng, as in the file: {@code array[optionsStart .. optionsStart+optionsLength)}. */
    public int optionsStart;

    public int optionsLength;

    /** The byte order of the options. */
    public ByteOrder order = ByteOrder.BIG_ENDIAN;

    /** The link type of the record's interface. */
    public LinkType linkType = LinkType.ETHERNET;

    /** True if the capture holds only part of the packet. */
    public boolean isCutShort() {
        return length < originalLength;
    }

    /** Becomes {@code other} with its octets in a new array: first the frame, of which there is {@code frame}, then its options. */
    void keep(CaptureRecord other, byte[] newArray, int frame) {
        timeHigh = other.timeHigh;
        timeLow = other.timeLow;
        nanos = other.nanos;
        interfaceId = other.interfaceId;
        interfaces = other.interfaces;
        linkType = other.linkType;
        originalLength = other.originalLength;
        order = other.order;
        optionsLength = other.optionsLength;
        array = newArray;
        octets = new Octets(newArray);
        start = 0;
        length = frame;
        optionsStart = frame;
    }
}
