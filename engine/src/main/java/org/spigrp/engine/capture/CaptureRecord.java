package org.spigrp.engine.capture;

import java.nio.ByteOrder;

/**
 * One packet of a capture, in an array that the reader uses again for the next one. Times are kept as the file has
 * them, so that they can be written back exactly.
 */
public final class CaptureRecord {
    /** The link-layer frame is {@code array[start .. start+length)}. */
    public byte[] array = new byte[0];

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
}
