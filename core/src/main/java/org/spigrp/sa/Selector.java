package org.spigrp.sa;

import org.spigrp.wire.Family;
import org.spigrp.wire.Prefix;

/**
 * Which packets an eroute or an inbound policy concerns (RFC 4301 4.4.1.1). Source and destination are of one family.
 *
 * <p>For TCP, UDP, SCTP and DCCP {@code sourcePorts} and {@code destinationPorts} are ports; for ICMP and ICMPv6
 * {@code sourcePorts} is the type and {@code destinationPorts} the code, as RFC 4301 puts them.
 *
 * @param protocol IP protocol (the upper-layer header after IPv6 extension headers), or {@link #ANY_PROTOCOL}
 */
public record Selector(
        Prefix source, Prefix destination, int protocol, PortRange sourcePorts, PortRange destinationPorts) {
    public static final int ANY_PROTOCOL = 0;

    public Selector {
        if (source.family() != destination.family()) {
            throw new IllegalArgumentException(
                    "source " + source + " and destination " + destination + " are of different families");
        }
    }

    public static Selector between(Prefix source, Prefix destination) {
        return new Selector(source, destination, ANY_PROTOCOL, PortRange.ANY, PortRange.ANY);
    }

    public Family family() {
        return source.family();
    }

    /** True where a later fragment, which has no ports, cannot be judged by itself. */
    public boolean needsPorts() {
        return !sourcePorts.isAny() || !destinationPorts.isAny();
    }

    /** Inclusive; 0..65535 stands for any. */
    public record PortRange(int first, int last) {
        public static final PortRange ANY = new PortRange(0, 65_535);

        public PortRange {
            if (first < 0 || last > 65_535 || first > last) {
                throw new IllegalArgumentException("port range " + first + "-" + last);
            }
        }

        public static PortRange of(int port) {
            return new PortRange(port, port);
        }

        public boolean isAny() {
            return first == 0 && last == 65_535;
        }

        public boolean contains(int port) {
            return first <= port && port <= last;
        }
    }
}
