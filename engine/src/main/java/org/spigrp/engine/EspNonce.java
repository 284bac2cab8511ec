package org.spigrp.engine;

import java.util.Arrays;

/**
 * Nonce and additional data of ESP's AEAD ciphers.
 *
 * <pre>
 * nonce  | salt (from the key) | explicit IV of 8 octets |              RFC 4106 4, 4309 4, 7634 2, 4543 3.2
 * AAD    | SPI | [sequence high] | sequence low |                       RFC 4106 5
 * </pre>
 */
final class EspNonce {
    static final int IV_OCTETS = 8;
    private static final int SEQUENCE = 4;

    final byte[] nonce;
    final byte[] aad = new byte[12];
    private final int saltOctets;

    /** Takes the salt over; {@link #wipe} overwrites it. */
    EspNonce(byte[] salt) {
        saltOctets = salt.length;
        nonce = Arrays.copyOf(salt, saltOctets + IV_OCTETS);
        Arrays.fill(salt, (byte) 0);
    }

    /** The nonce for this packet; the same array each time. */
    byte[] nonce(CryptoJob job) {
        System.arraycopy(job.array, job.iv, nonce, saltOctets, IV_OCTETS);
        return nonce;
    }

    /** Fills {@link #aad}; how many octets of it count. */
    int aad(CryptoJob job) {
        if (!job.esn) {
            System.arraycopy(job.array, job.header, aad, 0, 8);
            return 8;
        }
        System.arraycopy(job.array, job.header, aad, 0, SEQUENCE);
        BigEndian.put32(aad, SEQUENCE, job.esnHigh);
        System.arraycopy(job.array, job.header + SEQUENCE, aad, SEQUENCE + 4, 4);
        return aad.length;
    }

    /** Fills {@link #aad} with the high half of an extended sequence number; how many octets of it count. */
    int esnHigh(CryptoJob job) {
        if (!job.esn) {
            return 0;
        }
        BigEndian.put32(aad, 0, job.esnHigh);
        return Integer.BYTES;
    }

    void wipe() {
        Arrays.fill(nonce, (byte) 0);
    }
}
