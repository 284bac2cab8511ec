package org.spigrp.wire;

/**
 * What a packet offers to be selected by (RFC 4301 4.4.1.1): addresses, protocol of the upper layer, ports or ICMP type
 * and code. Reusable: {@link #parse} overwrites what was there; nothing is allocated and nothing copied, addresses are
 * given by their position.
 *
 * <p>Ports are "opaque" ({@link #OPAQUE}) where nobody can know them: behind ESP, AH and IPComp, in later fragments,
 * and where the upper layer's header is cut off. AH counts as an upper layer, as RFC 4301 says.
 *
 * <p>Not thread-safe.
 */
public final class PacketSelector {
    /** The value of a port, type or code that the packet does not show. */
    public static final int OPAQUE = -1;

    private final ExtensionHeaders chain = new ExtensionHeaders();
    private Family family = Family.INET;
    private int at;
    private int end;
    private int upperAt;
    private int upperPointerAt;
    private int protocol;
    private int sourcePort = OPAQUE;
    private int destinationPort = OPAQUE;
    private boolean fragment;
    private boolean laterFragment;
    private boolean portsCutOff;
    private boolean plainV4;
    private long addresses;
    private long upper;

    /** Looks at the packet that begins with the first octet. */
    public Verdict parse(Octets octets) {
        return parse(octets, 0, octets.length());
    }

    /**
     * Looks at the packet that begins at {@code at} and has at most {@code available} octets.
     *
     * @return NONE, or NOT_IP, TOO_SHORT, BAD_LENGTH, BAD_HEADER_CHAIN; then the accessors say nothing of use
     */
    public Verdict parse(Octets octets, int at, int available) {
        this.at = at;
        sourcePort = OPAQUE;
        destinationPort = OPAQUE;
        portsCutOff = false;
        plainV4 = available >= PlainV4.LEAST_LENGTH && parsePlainV4(octets, available);
        if (plainV4) {
            return Verdict.NONE;
        }
        Verdict verdict = IpHeader.check(octets, at, available);
        if (verdict != Verdict.NONE) {
            return verdict;
        }
        verdict = Ipv4Header.version(octets, at) == 4 ? parseV4(octets) : parseV6(octets);
        if (verdict == Verdict.NONE && !laterFragment) {
            parsePorts(octets);
        }
        return verdict;
    }

    /**
     * Looks at a {@link PlainV4} packet.
     *
     * @return false if it is none of these, or is not what it says: then look closely
     */
    private boolean parsePlainV4(Octets octets, int available) {
        long first = octets.u64(at);
        int total = PlainV4.length(first);
        if (!PlainV4.is(first, total) || total < PlainV4.LEAST_LENGTH || total > available) {
            return false;
        }
        family = Family.INET;
        end = at + total;
        upperAt = at + Ipv4Header.MIN_LENGTH;
        upperPointerAt = at + Ipv4Header.PROTOCOL;
        addresses = PlainV4.addresses(octets, at);
        upper = PlainV4.upper(octets, at);
        protocol = (int) (upper >>> 32);
        fragment = false;
        laterFragment = false;
        if (IpProtocol.hasPorts(protocol)) {
            sourcePort = (int) upper >>> 16;
            destinationPort = (int) upper & 0xffff;
        } else if (protocol == IpProtocol.ICMP) {
            sourcePort = IcmpHeader.type(octets, upperAt);
            destinationPort = IcmpHeader.code(octets, upperAt);
        }
        return true;
    }

    private Verdict parseV4(Octets octets) {
        family = Family.INET;
        end = at + Ipv4Header.totalLength(octets, at);
        upperAt = Ipv4Header.payloadAt(octets, at);
        upperPointerAt = at + Ipv4Header.PROTOCOL;
        protocol = Ipv4Header.protocol(octets, at);
        fragment = Ipv4Header.isFragment(octets, at);
        laterFragment = Ipv4Header.fragmentOffset(octets, at) != 0;
        return Verdict.NONE;
    }

    private Verdict parseV6(Octets octets) {
        family = Family.INET6;
        end = at + Ipv6Header.packetLength(octets, at);
        Verdict verdict = chain.walk(octets, at, end);
        upperAt = chain.upperAt();
        upperPointerAt = chain.upperPointerAt();
        protocol = chain.upperProtocol();
        fragment = chain.isFragment();
        laterFragment = chain.isLaterFragment();
        return verdict;
    }

    private void parsePorts(Octets octets) {
        int icmp = family == Family.INET ? IpProtocol.ICMP : IpProtocol.ICMPV6;
        if (IpProtocol.hasPorts(protocol)) {
            if (end - upperAt < 4) {
                portsCutOff = true;
            } else {
                sourcePort = octets.u16(upperAt);
                destinationPort = octets.u16(upperAt + 2);
            }
        } else if (protocol == icmp) {
            if (end - upperAt < 2) {
                portsCutOff = true;
            } else {
                sourcePort = IcmpHeader.type(octets, upperAt);
                destinationPort = IcmpHeader.code(octets, upperAt);
            }
        }
    }

    /** True for {@link PlainV4} packets. */
    public boolean isPlainV4() {
        return plainV4;
    }

    /** Of a plain one: {@link PlainV4#addresses}. */
    public long addresses() {
        return addresses;
    }

    /** Of a plain one: {@link PlainV4#upper}. */
    public long upper() {
        return upper;
    }

    public Family family() {
        return family;
    }

    /** Position of the IP header. */
    public int at() {
        return at;
    }

    /** Position behind the packet, as its length field says. */
    public int end() {
        return end;
    }

    public int sourceAt() {
        return IpHeader.sourceAt(family, at);
    }

    public int destinationAt() {
        return IpHeader.destinationAt(family, at);
    }

    /**
     * Of the upper layer, behind IPv6 extension headers. Of a later IPv6 fragment: what its fragment header says, which
     * may be an extension header.
     */
    public int protocol() {
        return protocol;
    }

    /** Position of the upper layer's header; of a later fragment: of its data. */
    public int upperAt() {
        return upperAt;
    }

    /** Position of the octet that says {@link #protocol}. */
    public int upperPointerAt() {
        return upperPointerAt;
    }

    /** Source port, or ICMP type, or {@link #OPAQUE}. */
    public int sourcePort() {
        return sourcePort;
    }

    /** Destination port, or ICMP code, or {@link #OPAQUE}. */
    public int destinationPort() {
        return destinationPort;
    }

    /** True for every fragment of a datagram, the first included. */
    public boolean isFragment() {
        return fragment;
    }

    /** True for fragments that are not the first: they have no ports. */
    public boolean isLaterFragment() {
        return laterFragment;
    }

    /** True where the ports should be in this packet and are not: a header cut off, or a first fragment too short. */
    public boolean portsCutOff() {
        return portsCutOff;
    }

    /** The walk along the extension headers of the last IPv6 packet parsed. */
    public ExtensionHeaders chain() {
        return chain;
    }
}
