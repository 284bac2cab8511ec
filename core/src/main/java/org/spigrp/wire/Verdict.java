package org.spigrp.wire;

/**
 * How a packet ended. Every packet gets exactly one; it is counted on the SA concerned (by layer and direction) where
 * there is one, else globally. {@link #text} says in one line what happened and how to mend it.
 */
public enum Verdict {
    /** Not decided yet: no packet leaves the stack with it. */
    NONE(Kind.PENDING, "not decided"),

    PROTECTED(Kind.GOOD, "protected by the group of its eroute"),
    PEELED(Kind.GOOD, "peeled: every layer of the group verified and removed"),
    PASSED(Kind.GOOD, "passed in clear: no SA and no eroute concerns it"),
    PASSED_BY_SHUNT(Kind.GOOD, "passed in clear by a %pass eroute"),
    PASSED_OWN(Kind.GOOD, "passed in clear: this host's own IKE, ESP or AH"),
    HELD_FRAGMENT(Kind.GOOD, "kept until the rest of its datagram arrives"),
    REASSEMBLED(Kind.GOOD, "became part of a reassembled datagram"),
    KEEPALIVE(Kind.GOOD, "NAT-T keepalive (RFC 3948): swallowed"),
    DUMMY(Kind.GOOD, "traffic flow dummy (next header 59, RFC 4303 2.6): swallowed"),

    DROPPED_BY_SHUNT(Kind.POLICY, "dropped by a %drop eroute"),
    REJECTED_BY_SHUNT(Kind.POLICY, "refused by a %reject eroute; the sender was told by ICMP"),
    HELD_BY_SHUNT(Kind.POLICY, "kept or replaced by a %hold eroute"),
    TRAPPED_BY_SHUNT(Kind.POLICY, "dropped by a %trap eroute, which asked for an SA"),
    NO_EROUTE(Kind.POLICY, "no eroute selects it, and unmatched packets are to be dropped"),

    NOT_IP(Kind.MALFORMED, "not an IPv4 or IPv6 packet"),
    TOO_SHORT(Kind.MALFORMED, "shorter than the header that should be there"),
    BAD_LENGTH(Kind.MALFORMED, "a length field does not agree with the packet"),
    BAD_HEADER_CHAIN(Kind.MALFORMED, "IPv6 extension headers loop, are out of bounds or too many"),
    BAD_FRAGMENT(Kind.MALFORMED, "fragment overlaps another, is out of bounds or of the wrong size"),
    FRAGMENT_TIMEOUT(Kind.MALFORMED, "the rest of its datagram did not arrive in time"),
    FRAGMENT_LIMIT(Kind.MALFORMED, "too many unfinished datagrams: the oldest was given up"),

    NO_SA(Kind.POLICY, "no SA has this protocol, SPI and destination"),
    WRONG_DIRECTION(Kind.POLICY, "the SA is of the other direction"),
    SA_NOT_FIRST(Kind.POLICY, "the first header's SA is not the outermost of its group"),
    WRONG_ORDER(Kind.POLICY, "the headers are not those of the group, in its order"),
    INCOMPLETE_GROUP(Kind.POLICY, "a layer of the group is missing in the packet"),
    WRONG_SOURCE(Kind.POLICY, "the outer source address is not the SA's source"),
    WRONG_ENCAPSULATION(Kind.POLICY, "UDP encapsulation of packet and SA differ"),
    WRONG_FAMILY(Kind.POLICY, "the SA edits headers of the other address family"),
    NO_INBOUND_POLICY(Kind.POLICY, "the tunnel has no inbound policy: give one with eroute --addin"),
    POLICY_MISMATCH(Kind.POLICY, "the inner packet is not what the inbound policy allows"),
    NOT_A_TUNNEL_PACKET(Kind.POLICY, "the group has a tunnel, but no IP packet is inside"),
    UNPROTECTED_ESP(Kind.POLICY, "ESP without integrity, and no outer AH or authenticated ESP covers it"),
    ECN_DROP(
            Kind.POLICY,
            "congestion was marked on the way, but the inner packet cannot bear the mark (RFC 6040 4.2; see --ecn)"),
    CLEAR_BUT_PROTECTED(Kind.POLICY, "came in clear, but an inbound policy wants it protected"),
    LOOP(Kind.POLICY, "the outer packet would be selected by its own eroute again"),
    NOT_ESP(Kind.POLICY, "UDP to the NAT-T port, but no ESP of ours: IKE perhaps, and no IKE daemon is behind it"),

    SEQUENCE_ZERO(Kind.REPLAY, "sequence number 0 is never sent"),
    REPLAYED(Kind.REPLAY, "this sequence number was accepted before"),
    TOO_OLD(Kind.REPLAY, "the sequence number is left of the replay window"),
    BELOW_CEILING(Kind.REPLAY, "numbers up to the receive ceiling are refused after a restart"),
    BAD_ICV(Kind.CRYPTO, "the integrity check value is wrong: other key, other algorithm, or changed on the way"),
    BAD_PADDING(Kind.CRYPTO, "the padding is not 1, 2, 3, ... (RFC 4303 2.4)"),
    BAD_CIPHERTEXT_LENGTH(Kind.CRYPTO, "the encrypted part is not a whole number of cipher blocks"),
    CRYPTO_FAILED(Kind.CRYPTO, "the crypto engine refused the operation"),
    BAD_COMPRESSION(Kind.CRYPTO, "the compressed part does not decompress"),
    COMPRESSION_BOMB(Kind.CRYPTO, "the compressed part expands beyond the limit"),
    WRONG_CPI(Kind.POLICY, "IPComp flags or CPI do not fit the SA"),

    SA_EXPIRED(Kind.LIFE, "a hard lifetime of the SA (or of a member of its group) has been reached"),
    SEQUENCE_EXHAUSTED(Kind.LIFE, "the sequence numbers of the SA are used up; it needs a new key"),
    NUMBERS_NOT_DURABLE(Kind.LIFE, "numbers could not be made durable (disk full?), so none was used"),

    HAS_IP_OPTIONS(Kind.POLICY, "IPv4 options that this transform cannot carry"),
    FRAGMENT_IN_TRANSPORT(
            Kind.POLICY, "a fragment cannot go through a transport-mode SA, and could not be reassembled"),
    EXCEEDS_MTU(Kind.SIZE, "too big for the MTU, and may not be fragmented; the sender was told by ICMP"),
    TOO_BIG(Kind.SIZE, "the packet would exceed 65535 octets, or the room of its buffer");

    /** What a verdict is about. Only GOOD packets go on. */
    public enum Kind {
        PENDING,
        GOOD,
        POLICY,
        MALFORMED,
        REPLAY,
        CRYPTO,
        LIFE,
        SIZE
    }

    private final Kind kind;
    private final String text;

    Verdict(Kind kind, String text) {
        this.kind = kind;
        this.text = text;
    }

    public Kind kind() {
        return kind;
    }

    /** One line in plain words. */
    public String text() {
        return text;
    }

    public boolean isGood() {
        return kind == Kind.GOOD;
    }

    private static final Verdict[] VALUES = values();

    /** How many there are; {@link #ordinal} is below it. */
    public static int count() {
        return VALUES.length;
    }

    public static Verdict of(int ordinal) {
        return VALUES[ordinal];
    }
}
