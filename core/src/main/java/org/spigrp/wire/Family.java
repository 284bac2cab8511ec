package org.spigrp.wire;

/** Address family, by the names that the commands take. */
public enum Family {
    INET("inet", 4, 4, 20),
    INET6("inet6", 6, 16, 40);

    private final String text;
    private final int version;
    private final int octets;
    private final int headerOctets;

    Family(String text, int version, int octets, int headerOctets) {
        this.text = text;
        this.version = version;
        this.octets = octets;
        this.headerOctets = headerOctets;
    }

    /** {@code inet} or {@code inet6}. */
    public String text() {
        return text;
    }

    /** The first four bits of a packet: 4 or 6. */
    public int version() {
        return version;
    }

    /** Octets of an address. */
    public int octets() {
        return octets;
    }

    /** Bits of an address: 32 or 128. */
    public int bits() {
        return 8 * octets;
    }

    /** Octets of an IP header without options or extension headers. */
    public int headerOctets() {
        return headerOctets;
    }
}
