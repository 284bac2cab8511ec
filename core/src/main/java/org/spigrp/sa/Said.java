package org.spigrp.sa;

import org.jspecify.annotations.Nullable;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;

/**
 * Security association identifier: protocol, SPI and destination, the only key of an SA. The source is not part of it.
 *
 * @param spi 32 bits, unsigned
 */
public record Said(SaProtocol protocol, int spi, IpAddress destination) implements Comparable<Said> {
    /** SPIs 0..255 are reserved (RFC 4303 2.1). */
    public static final int FIRST_USABLE_SPI = 256;
    /** A CPI has 16 bits (RFC 3173 2.2). */
    public static final int LAST_CPI = 0xffff;

    public Family family() {
        return destination.family();
    }

    @Override
    public int compareTo(Said other) {
        int byDestination = destination.compareTo(other.destination);
        if (byDestination != 0) {
            return byDestination;
        }
        int bySpi = Integer.compareUnsigned(spi, other.spi);
        return bySpi != 0 ? bySpi : protocol.compareTo(other.protocol);
    }

    /*
     * By hand, as in IpAddress: the key of every table, and what the compiler makes for a record is put together by
     * method handles at the first use, which costs a listing as much time as all the rest of it.
     */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Said that
                && protocol == that.protocol
                && spi == that.spi
                && destination.equals(that.destination);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * destination.hashCode() + spi) + protocol.hashCode();
    }

    /** The {@code x} form of the listings, {@code esp0x1f40@192.0.2.7}; shunt words and %passthrough as words. */
    @Override
    public String toString() {
        return SaidText.print(this);
    }
}
