package org.spigrp.engine;

import java.security.GeneralSecurityException;
import java.security.Key;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;

/**
 * AES-CBC (RFC 3602) and 3DES-CBC (RFC 2451) of the JDK.
 *
 * <p>The cipher is initialised once, with an IV of zeros to which the JCE returns after every packet. The packet's IV is
 * put in by hand: the first block of CBC is {@code E(P1 ^ IV)}, so it is XORed to the first block of plaintext. That
 * spares the key schedule and every allocation; an init for each packet costs 112 octets and a tenth of a microsecond.
 */
final class JdkCbc implements BodyCipher {
    private final Held<Cipher> cipher;
    private final int block;
    private final boolean encrypting;
    private final Scratch scratch;

    JdkCbc(String algorithm, Key key, int block, boolean encrypting, Scratch scratch) {
        this.cipher = new Held<>(zeroIv(algorithm, key, block, encrypting));
        this.block = block;
        this.encrypting = encrypting;
        this.scratch = scratch;
    }

    /** A CBC cipher that begins every call of doFinal with an IV of zeros. */
    static Cipher zeroIv(String algorithm, Key key, int block, boolean encrypting) {
        try {
            Cipher cipher = Cipher.getInstance(algorithm);
            int mode = encrypting ? Cipher.ENCRYPT_MODE : Cipher.DECRYPT_MODE;
            cipher.init(mode, key, new IvParameterSpec(new byte[block]));
            return cipher;
        } catch (GeneralSecurityException e) {
            throw SoftwareContext.fault(e);
        }
    }

    @Override
    public boolean transform(byte[] array, int iv, int body, int count) {
        if (count == 0 || count % block != 0) return false;
        byte[] out = scratch.atLeast(count);
        if (encrypting) BigEndian.xor(array, body, array, iv, block);
        try {
            cipher.get().doFinal(array, body, count, out, 0);
        } catch (GeneralSecurityException e) {
            throw SoftwareContext.fault(e);
        }
        System.arraycopy(out, 0, array, body, count);
        if (!encrypting) BigEndian.xor(array, body, array, iv, block);
        return true;
    }

    @Override
    public void wipe() {
        cipher.drop();
    }
}
