package org.spigrp.engine;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;

/**
 * AES-CTR (RFC 3686) of the JDK; both directions are one.
 *
 * <pre>
 * counter block  | nonce, from the key: 4 octets | explicit IV: 8 | block counter from 1: 4 |
 * </pre>
 *
 * <p>Counter blocks made here and encrypted by AES/ECB would allocate nothing, but take twenty times as long at 1424
 * octets: the JDK has an intrinsic for CTR and none that pays for ECB.
 */
final class JdkCtr implements BodyCipher {
    private static final int NONCE_OCTETS = 4;

    private final Held<Cipher> cipher;
    private final Held<Key> key;
    private final byte[] counter = new byte[16];
    private final Scratch scratch;

    /** Takes the nonce over and overwrites it. */
    JdkCtr(Key key, byte[] nonce, Scratch scratch) {
        this.cipher = new Held<>(JdkCryptoEngine.cipher("AES/CTR/NoPadding"));
        this.key = new Held<>(key);
        this.scratch = scratch;
        System.arraycopy(nonce, 0, counter, 0, NONCE_OCTETS);
        Arrays.fill(nonce, (byte) 0);
        counter[15] = 1;
    }

    @Override
    public boolean transform(byte[] array, int iv, int body, int count) {
        System.arraycopy(array, iv, counter, NONCE_OCTETS, EspNonce.IV_OCTETS);
        byte[] out = scratch.atLeast(count);
        try {
            Cipher ctr = cipher.get();
            ctr.init(Cipher.ENCRYPT_MODE, key.get(), new IvParameterSpec(counter));
            ctr.doFinal(array, body, count, out, 0);
        } catch (GeneralSecurityException e) {
            throw SoftwareContext.fault(e);
        }
        System.arraycopy(out, 0, array, body, count);
        return true;
    }

    @Override
    public void wipe() {
        cipher.drop();
        key.drop();
        Arrays.fill(counter, (byte) 0);
    }
}
