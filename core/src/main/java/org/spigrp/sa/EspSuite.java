package org.spigrp.sa;

import org.jspecify.annotations.Nullable;

/**
 * What {@code spi --esp NAME} names: cipher with key length, and integrity.
 *
 * @param name the canonical name, as {@code aes128-sha256} or {@code aes128gcm16}
 * @param keyOctets of the cipher proper, without salt
 * @param aeadIcvOctets ICV of an AEAD cipher, else 0
 * @param integrity null for AEAD ciphers, and for ESP without integrity
 */
public record EspSuite(
        String name,
        EspCipher cipher,
        int keyOctets,
        int aeadIcvOctets,
        @Nullable Integrity integrity) {
    /** Length of the key that the user gives: cipher key and salt. */
    public int givenKeyOctets() {
        return keyOctets + cipher.saltOctets();
    }

    public int icvOctets() {
        return integrity != null ? integrity.icvOctets() : aeadIcvOctets;
    }

    /** Length of the authentication key that the user gives, 0 where none is wanted. */
    public int authKeyOctets() {
        return integrity != null ? integrity.keyOctets() : 0;
    }

    /** False for {@code 3des} or {@code aes128} alone. */
    public boolean hasIntegrity() {
        return icvOctets() > 0;
    }

    public boolean isObsolete() {
        return cipher.isObsolete() || (integrity != null && integrity.isObsolete());
    }
}
