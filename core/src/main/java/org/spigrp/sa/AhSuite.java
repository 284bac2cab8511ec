package org.spigrp.sa;

/**
 * What {@code spi --ah NAME} names.
 *
 * @param keyOctets of the key proper, without the salt of GMAC
 */
public record AhSuite(String name, Integrity integrity, int keyOctets) {
    /** RFC 4543 5: the GMAC IV travels in front of the ICV. */
    public int ivOctets() {
        return integrity == Integrity.AES_GMAC ? 8 : 0;
    }

    public int saltOctets() {
        return integrity == Integrity.AES_GMAC ? 4 : 0;
    }

    public int givenKeyOctets() {
        return keyOctets + saltOctets();
    }

    public int icvOctets() {
        return integrity.icvOctets();
    }

    /** True where a repeated IV under one key is fatal. */
    public boolean isCounterMode() {
        return integrity == Integrity.AES_GMAC;
    }
}
