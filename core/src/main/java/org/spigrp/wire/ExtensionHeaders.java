package org.spigrp.wire;

/**
 * A walk along the extension headers of an IPv6 packet (RFC 8200 4), up to the header of the upper layer.
 *
 * <pre>
 *   IPv6 | hop-by-hop | destination | routing | fragment | destination | upper layer
 *                       (for hops)             ^                         ^
 *                                              |                         upperAt
 *                                              fragmentAt  ^
 *                                                          transportAt: AH or ESP of transport mode goes here
 * </pre>
 *
 * Reusable: {@link #walk} overwrites what an earlier walk found. All positions are those of the {@link Octets} walked.
 *
 * <p>Headers known: hop-by-hop (first place only), routing, destination options, fragment (once), AH, and mobility,
 * HIP and shim6, which are the upper layer themselves where nothing follows them (next header 59). ESP, IPComp and
 * everything else end the walk. AH ends it too, unless {@link #walkThroughAh} is used: what is behind an AH counts
 * only when it has been verified (RFC 4301 4.4.1.1).
 *
 * <p>Not thread-safe.
 */
public final class ExtensionHeaders {
    /** More in one packet end in BAD_HEADER_CHAIN. */
    public static final int MAX_HEADERS = 16;

    /** A fragment header's length. */
    public static final int FRAGMENT_LENGTH = 8;

    private static final int NONE = -1;

    private int upperProtocol;
    private int upperAt;
    private int upperPointerAt;
    private int transportAt;
    private int transportPointerAt;
    private int fragmentAt;
    private int fragmentPointerAt;
    private int ahAt;
    private int count;
    private boolean laterFragment;

    /** Walks the packet whose IPv6 header is at {@code at} (checked before) and whose last octet is before {@code end}. */
    public Verdict walk(Octets octets, int at, int end) {
        return walk(octets, at, end, false);
    }

    /** As {@link #walk}, but goes on behind an AH. */
    public Verdict walkThroughAh(Octets octets, int at, int end) {
        return walk(octets, at, end, true);
    }

    private Verdict walk(Octets octets, int at, int end, boolean throughAh) {
        upperPointerAt = at + Ipv6Header.NEXT_HEADER;
        upperAt = at + Ipv6Header.LENGTH;
        upperProtocol = octets.u8(upperPointerAt);
        fragmentAt = NONE;
        fragmentPointerAt = NONE;
        ahAt = NONE;
        count = 0;
        laterFragment = false;
        transportHere();
        while (isExtension(upperProtocol, throughAh)) {
            if (++count > MAX_HEADERS || end - upperAt < 8 || !isAllowedHere(at)) {
                return Verdict.BAD_HEADER_CHAIN;
            }
            int length = lengthOf(octets);
            if (length > end - upperAt || (upperProtocol == IpProtocol.AH && length < AhHeader.FIXED_LENGTH)) {
                return Verdict.BAD_HEADER_CHAIN;
            }
            int protocol = upperProtocol;
            int next = octets.u8(upperAt);
            if (next == IpProtocol.NO_NEXT_HEADER && mayBeUpper(protocol)) {
                return Verdict.NONE;
            }
            if (protocol == IpProtocol.FRAGMENT) {
                fragmentAt = upperAt;
                fragmentPointerAt = upperPointerAt;
                laterFragment = fragmentOffset(octets) != 0;
            } else if (protocol == IpProtocol.AH && ahAt == NONE) {
                ahAt = upperAt;
            }
            upperPointerAt = upperAt;
            upperAt += length;
            upperProtocol = next;
            if (staysInFront(protocol)) {
                transportHere();
            }
            if (laterFragment) {
                return Verdict.NONE; // what follows is the middle of something
            }
        }
        return Verdict.NONE;
    }

    private void transportHere() {
        transportAt = upperAt;
        transportPointerAt = upperPointerAt;
    }

    /** True where AH and ESP of transport mode go behind this header (RFC 4302 3.1.1, RFC 4303 3.1.1). */
    private boolean staysInFront(int protocol) {
        return ahAt == NONE
                && switch (protocol) {
                    // Destination options in front of one of these are kept in front with it.
                    case IpProtocol.HOP_BY_HOP, IpProtocol.ROUTING, IpProtocol.FRAGMENT -> true;
                    default -> false;
                };
    }

    private boolean isAllowedHere(int at) {
        return switch (upperProtocol) {
            case IpProtocol.HOP_BY_HOP -> upperAt == at + Ipv6Header.LENGTH;
            case IpProtocol.FRAGMENT -> fragmentAt == NONE;
            default -> true;
        };
    }

    private int lengthOf(Octets octets) {
        return switch (upperProtocol) {
            case IpProtocol.FRAGMENT -> FRAGMENT_LENGTH;
            case IpProtocol.AH -> AhHeader.length(octets, upperAt);
            default -> (octets.u8(upperAt + 1) + 1) << 3;
        };
    }

    private static boolean isExtension(int protocol, boolean throughAh) {
        return switch (protocol) {
            case IpProtocol.HOP_BY_HOP, IpProtocol.ROUTING, IpProtocol.FRAGMENT, IpProtocol.DESTINATION_OPTIONS -> true;
            case IpProtocol.AH -> throughAh;
            default -> mayBeUpper(protocol);
        };
    }

    private static boolean mayBeUpper(int protocol) {
        return protocol == IpProtocol.MOBILITY || protocol == IpProtocol.HIP || protocol == IpProtocol.SHIM6;
    }

    /**
     * Protocol behind the last extension header. Of a later fragment: what the fragment header says, which may be an
     * extension header.
     */
    public int upperProtocol() {
        return upperProtocol;
    }

    /** Position of the upper layer's header (of a later fragment: its data); may be the packet's end. */
    public int upperAt() {
        return upperAt;
    }

    /** Position of the next header field whose value is {@link #upperProtocol}. */
    public int upperPointerAt() {
        return upperPointerAt;
    }

    /**
     * Where AH, ESP or IPComp goes in transport mode: behind hop-by-hop, routing and fragment headers and the
     * destination options in front of those. Destination options behind them are meant for the final destination and
     * go inside.
     */
    public int transportAt() {
        return transportAt;
    }

    /** Position of the next header field that will name the new header. */
    public int transportPointerAt() {
        return transportPointerAt;
    }

    public boolean isFragment() {
        return fragmentAt != NONE;
    }

    /** True where the upper layer's header is in another fragment. */
    public boolean isLaterFragment() {
        return laterFragment;
    }

    /** Position of the fragment header, -1 = none. */
    public int fragmentAt() {
        return fragmentAt;
    }

    /** Position of the next header field that names the fragment header, -1 = none. */
    public int fragmentPointerAt() {
        return fragmentPointerAt;
    }

    /** In octets, a multiple of 8; 0 without a fragment header. */
    public int fragmentOffset(Octets octets) {
        return fragmentAt == NONE ? 0 : octets.u16(fragmentAt + 2) & 0xfff8;
    }

    public boolean moreFragments(Octets octets) {
        return fragmentAt != NONE && (octets.u16(fragmentAt + 2) & 1) != 0;
    }

    /** 32 bits; 0 without a fragment header. */
    public int fragmentIdentification(Octets octets) {
        return fragmentAt == NONE ? 0 : octets.u32(fragmentAt + 4);
    }

    /** Position of the first AH that {@link #walkThroughAh} passed, -1 = none. */
    public int ahAt() {
        return ahAt;
    }

    /** Extension headers passed. */
    public int count() {
        return count;
    }
}
