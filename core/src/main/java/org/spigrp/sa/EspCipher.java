package org.spigrp.sa;

/** Encryption part of ESP. Lengths in octets. */
public enum EspCipher {
    /** RFC 2410. */
    NULL("null", "NULL", 0, 0, 4, Kind.PLAIN, false),
    /** RFC 2451. */
    DES3_CBC("3des", "3DES", 0, 8, 8, Kind.CBC, true),
    /** RFC 3602. */
    AES_CBC("aes", "AES", 0, 16, 16, Kind.CBC, false),
    /** RFC 4312. */
    CAMELLIA_CBC("camellia", "CAMELLIA", 0, 16, 16, Kind.CBC, false),
    /** RFC 3686: salt is the nonce of 4 octets at the key's end. */
    AES_CTR("aesctr", "AES_CTR", 4, 8, 4, Kind.COUNTER, false),
    /** RFC 4106. */
    AES_GCM("aesgcm", "AES_GCM", 4, 8, 4, Kind.AEAD, false),
    /** RFC 4309. */
    AES_CCM("aesccm", "AES_CCM", 3, 8, 4, Kind.AEAD, false),
    /** RFC 4543: integrity only. */
    AES_GMAC("aesgmac", "AES_GMAC", 4, 8, 4, Kind.AEAD, false),
    /** RFC 7634. */
    CHACHA20_POLY1305("chacha20poly1305", "CHACHA20_POLY1305", 4, 8, 4, Kind.AEAD, false);

    /** How a cipher uses IV and ICV. */
    public enum Kind {
        /** No cipher, no IV. */
        PLAIN,
        /** Unpredictable IV of a block; integrity by a second algorithm, or none. */
        CBC,
        /** IV must never repeat under a key; integrity by a second algorithm. */
        COUNTER,
        /** IV must never repeat under a key; has an ICV of its own. */
        AEAD
    }

    private final String text;
    private final String listing;
    private final int saltOctets;
    private final int ivOctets;
    private final int blockOctets;
    private final Kind kind;
    private final boolean obsolete;

    EspCipher(String text, String listing, int saltOctets, int ivOctets, int blockOctets, Kind kind, boolean obsolete) {
        this.text = text;
        this.listing = listing;
        this.saltOctets = saltOctets;
        this.ivOctets = ivOctets;
        this.blockOctets = blockOctets;
        this.kind = kind;
        this.obsolete = obsolete;
    }

    public String text() {
        return text;
    }

    /** The part of the transform name in the spi listing, as {@code 3DES}. */
    public String listing() {
        return listing;
    }

    /** Salt or nonce at the end of the given key. */
    public int saltOctets() {
        return saltOctets;
    }

    /** Explicit IV in every packet. */
    public int ivOctets() {
        return ivOctets;
    }

    /** What the encrypted part must be a multiple of: the cipher's block, at least 4 (RFC 4303 2.4). */
    public int blockOctets() {
        return blockOctets;
    }

    public Kind kind() {
        return kind;
    }

    /** True where a repeated IV under one key is fatal: such keys are in the nonce ledger. */
    public boolean isCounterMode() {
        return kind == Kind.COUNTER || kind == Kind.AEAD;
    }

    public boolean isObsolete() {
        return obsolete;
    }
}
