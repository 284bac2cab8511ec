package org.spigrp.sa;

/**
 * Integrity algorithms of AH and ESP, keyed and truncated.
 *
 * <p>{@code keyOctets} is exact. For {@link #AES_GMAC} it includes no salt and may also be 24 or 32; see
 * {@link AhSuite}.
 */
public enum Integrity {
    /** RFC 2403. */
    HMAC_MD5_96("hmac-md5-96", "HMAC_MD5", 16, 12, true),
    /** RFC 2404. */
    HMAC_SHA1_96("hmac-sha1-96", "HMAC_SHA1", 20, 12, false),
    /** RFC 4868. */
    HMAC_SHA2_256_128("hmac-sha2-256-128", "HMAC_SHA2_256", 32, 16, false),
    /** The truncation of early Linux kernels (draft-ietf-ipsec-ciph-sha-256-00), for old peers. */
    HMAC_SHA2_256_96("hmac-sha2-256-96", "HMAC_SHA2_256_96", 32, 12, true),
    /** RFC 4868. */
    HMAC_SHA2_384_192("hmac-sha2-384-192", "HMAC_SHA2_384", 48, 24, false),
    /** RFC 4868. */
    HMAC_SHA2_512_256("hmac-sha2-512-256", "HMAC_SHA2_512", 64, 32, false),
    /** RFC 3566. */
    AES_XCBC_96("aes-xcbc-96", "AES_XCBC", 16, 12, false),
    /** RFC 4494. */
    AES_CMAC_96("aes-cmac-96", "AES_CMAC", 16, 12, false),
    /** RFC 4543, AH only (in ESP it is an {@link EspCipher}). */
    AES_GMAC("aes-gmac", "AES_GMAC", 16, 16, false);

    private final String text;
    private final String listing;
    private final int keyOctets;
    private final int icvOctets;
    private final boolean obsolete;

    Integrity(String text, String listing, int keyOctets, int icvOctets, boolean obsolete) {
        this.text = text;
        this.listing = listing;
        this.keyOctets = keyOctets;
        this.icvOctets = icvOctets;
        this.obsolete = obsolete;
    }

    /** The name that {@code spi --ah} takes. */
    public String text() {
        return text;
    }

    /** The part of the transform name in the spi listing (spec 5.2.1), as {@code HMAC_MD5}. */
    public String listing() {
        return listing;
    }

    public int keyOctets() {
        return keyOctets;
    }

    public int icvOctets() {
        return icvOctets;
    }

    /** RFC 8221 says MUST NOT or SHOULD NOT, or no RFC has it: works with one line of warning. */
    public boolean isObsolete() {
        return obsolete;
    }
}
