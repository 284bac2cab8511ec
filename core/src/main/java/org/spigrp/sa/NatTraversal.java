package org.spigrp.sa;

/**
 * UDP encapsulation of an ESP SA (RFC 3948).
 *
 * @param sourcePort of packets that we send, 0 where kind is NONE
 * @param destinationPort of packets that we send
 */
public record NatTraversal(Kind kind, int sourcePort, int destinationPort) {
    public static final NatTraversal NONE = new NatTraversal(Kind.NONE, 0, 0);

    /** The words of {@code --natt} and of the listing. */
    public enum Kind {
        NONE("none", 0),
        /** Eight zero octets between UDP and ESP, from an early draft. */
        NONIKE("nonike", 8),
        /** RFC 3948. */
        NONESP("nonesp", 0);

        private final String text;
        private final int markerOctets;

        Kind(String text, int markerOctets) {
            this.text = text;
            this.markerOctets = markerOctets;
        }

        public String text() {
            return text;
        }

        /** Octets between UDP header and ESP header. */
        public int markerOctets() {
            return markerOctets;
        }
    }

    public boolean isUsed() {
        return kind != Kind.NONE;
    }
}
