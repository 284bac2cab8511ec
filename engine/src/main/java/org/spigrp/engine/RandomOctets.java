package org.spigrp.engine;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Octets that nobody can foresee, for the IVs of CBC (RFC 3602 3): the key stream of AES-128 in counter mode, under keys
 * drawn from a CSPRNG. The kernel's own octets cost as much as a third of the packet's encryption; these cost next to
 * nothing.
 *
 * <p>A key makes {@value #REFILLS} times {@value #OCTETS} octets, far below what would tell the stream from chance.
 * Allocates when it is keyed, and then no more. One owner.
 */
final class RandomOctets {
    private static final int OCTETS = 4096;
    private static final int REFILLS = 1 << 16;
    private static final int KEY_OCTETS = 16;

    private final RandomGenerator random;
    private final Cipher cipher = JdkCryptoEngine.cipher("AES/CTR/NoPadding");
    private final byte[] zeros = new byte[OCTETS];
    private final byte[] octets = new byte[OCTETS];
    private int used = OCTETS;
    private int refillsLeft;

    /** @param random a CSPRNG */
    RandomOctets(RandomGenerator random) {
        this.random = random;
    }

    /** At most {@value #OCTETS} at a time. */
    void put(byte[] into, int at, int count) {
        if (used + count > OCTETS) {
            refill();
        }
        System.arraycopy(octets, used, into, at, count);
        used += count;
    }

    private void refill() {
        try {
            if (refillsLeft == 0) {
                key();
            }
            refillsLeft--;
            cipher.update(zeros, 0, OCTETS, octets, 0);
        } catch (GeneralSecurityException e) {
            throw SoftwareContext.fault(e);
        }
        used = 0;
    }

    private void key() throws GeneralSecurityException {
        byte[] seed = new byte[2 * KEY_OCTETS];
        random.nextBytes(seed);
        var key = new SecretKeySpec(seed, 0, KEY_OCTETS, "AES");
        cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(seed, KEY_OCTETS, KEY_OCTETS));
        Arrays.fill(seed, (byte) 0);
        refillsLeft = REFILLS;
    }
}
