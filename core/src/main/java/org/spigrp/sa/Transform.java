package org.spigrp.sa;

/** What an SA does to a packet. */
public sealed interface Transform {
    /** The protocol of the SAID that goes with it. */
    SaProtocol protocol();

    /**
     * IP-in-IP (RFC 2003, 2473). The outer family is the destination's; the inner one is free.
     *
     * @param df DF bit of the outer IPv4 header
     * @param ecn ECN of outer and inner header, on both ways
     */
    record Tunnel(DfPolicy df, EcnPolicy ecn) implements Transform {
        /** DF clear as in KLIPS, ECN by RFC 6040. */
        public Tunnel() {
            this(DfPolicy.CLEAR, EcnPolicy.RFC6040);
        }

        @Override
        public SaProtocol protocol() {
            return SaProtocol.TUN;
        }
    }

    /**
     * RFC 4302.
     *
     * @param alignOctets AH is padded to a multiple of this: 0 = by RFC (4 for IPv4, 8 for IPv6), or 4 or 8
     */
    record Ah(AhSuite suite, KeyMaterial key, int alignOctets) implements Transform {
        @Override
        public SaProtocol protocol() {
            return SaProtocol.AH;
        }
    }

    /**
     * RFC 4303.
     *
     * @param encryptionKey with the salt at its end, as RFC 4106, 4309, 3686, 7634 and 4543 have it
     * @param authenticationKey empty where the suite wants none
     */
    record Esp(EspSuite suite, KeyMaterial encryptionKey, KeyMaterial authenticationKey, NatTraversal natTraversal)
            implements Transform {
        @Override
        public SaProtocol protocol() {
            return SaProtocol.ESP;
        }
    }

    /** RFC 3173. */
    record Comp(CompAlgorithm algorithm, CompThreshold threshold) implements Transform {
        @Override
        public SaProtocol protocol() {
            return SaProtocol.COMP;
        }
    }

    /** {@code --df}. */
    enum DfPolicy {
        COPY,
        SET,
        /** KLIPS's way, and the default. */
        CLEAR
    }

    /** {@code --ecn}. */
    enum EcnPolicy {
        /** RFC 6040 normal mode, the default. */
        RFC6040,
        /** As Linux's XFRM: RFC 3168 full functionality (CE is copied outward as ECT(0)). */
        LINUX,
        /** Outer field 0, nothing carried inward. */
        NONE
    }

    /** {@code --comp-threshold}: when a packet is left uncompressed. */
    enum CompThreshold {
        /** Payload below 90 octets, or saving below 32 octets or a sixteenth; adaptive skipping. */
        KLIPS,
        /** Linux's XFRM: payload below 90 octets; compressed plus 4 must be smaller; no skipping. */
        LINUX
    }
}
