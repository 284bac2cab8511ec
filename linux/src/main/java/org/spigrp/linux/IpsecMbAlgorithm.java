package org.spigrp.linux;

import static org.spigrp.linux.IpsecMbPlaces.*;

import org.spigrp.sa.EspCipher;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.Integrity;

/**
 * What ipsec-mb has to do for a suite, and where in a context's slot it finds the keys: those of the cipher from the
 * beginning, those of the hash from {@link #hashKeys}. One for all SAs of a suite and direction.
 *
 * @param covers what of the packet is worked on
 * @param keyOctets of the cipher, as a job says it
 * @param ivOctets of the whole IV, as a job says it
 * @param blockOctets what the body must be a multiple of
 * @param tagOctets how long the library makes the ICV; {@code icvOctets} are used
 * @param second where the second of the hash's keys is in the slot, and {@code third} the third
 */
record IpsecMbAlgorithm(
        Covers covers,
        int cipher,
        int keyOctets,
        int ivOctets,
        int blockOctets,
        int hash,
        int tagOctets,
        int icvOctets,
        int hashKeys,
        int second,
        int third,
        int slotOctets) {
    enum Covers {
        /** Header, IV, body, ESN high: cipher and hash. */
        ESP,
        /** SPI, ESN high, sequence number, IV and body, in this order: hash alone. */
        ESP_GMAC,
        /** The body; the library is told the AAD apart. */
        BODY,
        /** What the AH layer made ready, and the body: hash alone. */
        AH
    }

    private static final int DES3_KEYS = 64 + 3 * 128;
    private static final int BLOCK = 16;
    private static final int NONCE_OCTETS = 12;

    /** Round keys of AES for a key of this length. */
    static int roundKeyOctets(int keyOctets) {
        return BLOCK * (keyOctets / 4 + 7);
    }

    static IpsecMbAlgorithm esp(EspSuite suite) {
        EspCipher cipher = suite.cipher();
        int octets = suite.keyOctets();
        return switch (cipher) {
            case NULL -> chain(Covers.ESP, CIPHER_NULL, 0, 0, 1, 0, suite.integrity());
            case AES_CBC ->
                chain(Covers.ESP, CIPHER_CBC, octets, BLOCK, BLOCK, roundKeyOctets(octets), suite.integrity());
            case AES_CTR ->
                chain(Covers.ESP, CIPHER_CTR, octets, NONCE_OCTETS, 1, roundKeyOctets(octets), suite.integrity());
            case DES3_CBC -> chain(Covers.ESP, CIPHER_DES3, octets, 8, 8, DES3_KEYS, suite.integrity());
            case AES_GMAC -> gmac(Covers.ESP_GMAC, octets);
            case CHACHA20_POLY1305 ->
                new IpsecMbAlgorithm(
                        Covers.BODY,
                        CIPHER_CHACHA20_POLY1305,
                        octets,
                        NONCE_OCTETS,
                        1,
                        HASH_CHACHA20_POLY1305,
                        16,
                        16,
                        0,
                        0,
                        0,
                        octets);
            case AES_GCM, AES_CCM, CAMELLIA_CBC -> throw new IllegalArgumentException(suite.name());
        };
    }

    static IpsecMbAlgorithm ah(Integrity integrity, int keyOctets) {
        return integrity == Integrity.AES_GMAC
                ? gmac(Covers.AH, keyOctets)
                : chain(Covers.AH, CIPHER_NULL, 0, 0, 1, 0, integrity);
    }

    private static IpsecMbAlgorithm gmac(Covers covers, int keyOctets) {
        int hash = HASH_GMAC + (keyOctets - 16) / 8;
        int slotOctets = IpsecMb.used().gcmKeyOctets();
        return new IpsecMbAlgorithm(covers, CIPHER_NULL, 0, 0, 1, hash, 16, 16, 0, 0, 0, slotOctets);
    }

    private static IpsecMbAlgorithm chain(
            Covers covers,
            int cipher,
            int keyOctets,
            int ivOctets,
            int blockOctets,
            int cipherKeyOctets,
            @org.jspecify.annotations.Nullable Integrity integrity) {
        if (integrity == null) {
            return new IpsecMbAlgorithm(
                    covers, cipher, keyOctets, ivOctets, blockOctets, HASH_NULL, 0, 0, 0, 0, 0, cipherKeyOctets);
        }
        int first = cipherKeyOctets;
        int second = first + firstKeyOctets(integrity);
        int third = second + (isBlockMac(integrity) ? BLOCK : firstKeyOctets(integrity));
        return new IpsecMbAlgorithm(
                covers,
                cipher,
                keyOctets,
                ivOctets,
                blockOctets,
                hash(integrity),
                tagOctets(integrity),
                integrity.icvOctets(),
                first,
                second,
                third,
                isBlockMac(integrity) ? third + BLOCK : third);
    }

    private static boolean isBlockMac(Integrity integrity) {
        return integrity == Integrity.AES_XCBC_96 || integrity == Integrity.AES_CMAC_96;
    }

    /** Round keys of the chain key, or the state after the inner pad; the second is a block, or the outer pad's state. */
    private static int firstKeyOctets(Integrity integrity) {
        return switch (integrity) {
            case HMAC_MD5_96 -> 16;
            case HMAC_SHA1_96, HMAC_SHA2_256_128, HMAC_SHA2_256_96 -> 32;
            case HMAC_SHA2_384_192, HMAC_SHA2_512_256 -> 64;
            case AES_XCBC_96, AES_CMAC_96 -> roundKeyOctets(16);
            case AES_GMAC -> throw new IllegalArgumentException("AES-GMAC is no MAC by itself");
        };
    }

    private static int hash(Integrity integrity) {
        return switch (integrity) {
            case HMAC_MD5_96 -> HASH_MD5;
            case HMAC_SHA1_96 -> HASH_SHA1;
            case HMAC_SHA2_256_128, HMAC_SHA2_256_96 -> HASH_SHA256;
            case HMAC_SHA2_384_192 -> HASH_SHA384;
            case HMAC_SHA2_512_256 -> HASH_SHA512;
            case AES_XCBC_96 -> HASH_XCBC;
            case AES_CMAC_96 -> HASH_CMAC;
            case AES_GMAC -> throw new IllegalArgumentException("AES-GMAC is no MAC by itself");
        };
    }

    /** The lengths that the library knows for IPsec: it makes 16 octets of SHA-256 and not 12. */
    private static int tagOctets(Integrity integrity) {
        return integrity == Integrity.HMAC_SHA2_256_96 ? 16 : integrity.icvOctets();
    }

    static int direction(boolean encrypting) {
        return encrypting ? ENCRYPT : DECRYPT;
    }

    static int order(boolean encrypting) {
        return encrypting ? CIPHER_THEN_HASH : HASH_THEN_CIPHER;
    }

    boolean hasNonce() {
        return cipher == CIPHER_CTR || cipher == CIPHER_CHACHA20_POLY1305 || isGmac();
    }

    boolean isGmac() {
        return hash >= HASH_GMAC && hash < HASH_GMAC + 3;
    }

    /** Whether the library has calls for bursts of its cipher alone and its hash alone; {@link IpsecMbOwnJobs}. */
    boolean hasOwnJobs() {
        return switch (cipher) {
            case CIPHER_CBC, CIPHER_CTR -> hash == HASH_NULL || isHmacSha();
            case CIPHER_NULL -> isHmacSha();
            default -> false;
        };
    }

    private boolean isHmacSha() {
        return switch (hash) {
            case HASH_SHA1, HASH_SHA256, HASH_SHA384, HASH_SHA512 -> true;
            default -> false;
        };
    }

    /** Whether the cipher can do a body of this length. */
    boolean takes(int bodyLength) {
        return cipher == CIPHER_NULL || (bodyLength > 0 && (bodyLength & blockOctets - 1) == 0);
    }

    boolean changesBody() {
        return cipher != CIPHER_NULL;
    }
}
