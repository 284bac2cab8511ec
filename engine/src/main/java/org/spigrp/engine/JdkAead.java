package org.spigrp.engine;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;

/**
 * AES-GCM (RFC 4106) and ChaCha20-Poly1305 (RFC 7634) of the JDK.
 *
 * <p>Sealed in place. Opened into another array: the JDK decrypts while it authenticates and overwrites what it wrote
 * when the ICV is wrong, and such a packet shall stay as it came. A wrong ICV costs an exception of the JCE's, about a
 * microsecond; it does not leave this class. When sealing, the JDK refuses a nonce that repeats the one before.
 */
final class JdkAead extends SoftwareContext {
    private final Held<Cipher> cipher;
    private final Held<Key> key;
    private final EspNonce nonce;
    private final int icvOctets;
    private final boolean gcm;
    private final Scratch scratch;

    private JdkAead(
            CryptoEngine engine, String algorithm, Key key, byte[] salt, int icvOctets, boolean gcm, Scratch scratch) {
        super(engine);
        this.cipher = new Held<>(JdkCryptoEngine.cipher(algorithm));
        this.key = new Held<>(key);
        this.nonce = new EspNonce(salt);
        this.icvOctets = icvOctets;
        this.gcm = gcm;
        this.scratch = scratch;
    }

    static JdkAead gcm(CryptoEngine engine, Key key, byte[] salt, int icvOctets, Scratch scratch) {
        return new JdkAead(engine, "AES/GCM/NoPadding", key, salt, icvOctets, true, scratch);
    }

    static JdkAead chaCha20Poly1305(CryptoEngine engine, Key key, byte[] salt, Scratch scratch) {
        return new JdkAead(engine, "ChaCha20-Poly1305", key, salt, 16, false, scratch);
    }

    @Override
    boolean seal(CryptoJob job) {
        try {
            begin(Cipher.ENCRYPT_MODE, job).doFinal(job.array, job.body, job.bodyLength, job.array, job.body);
            return true;
        } catch (GeneralSecurityException e) {
            // A nonce twice in a row, or no room for the ICV: the packet must not go out.
            return false;
        }
    }

    @Override
    boolean open(CryptoJob job) {
        byte[] out = scratch.atLeast(job.bodyLength + icvOctets);
        try {
            begin(Cipher.DECRYPT_MODE, job).doFinal(job.array, job.body, job.bodyLength + icvOctets, out, 0);
        } catch (AEADBadTagException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw fault(e);
        }
        System.arraycopy(out, 0, job.array, job.body, job.bodyLength);
        return true;
    }

    private Cipher begin(int mode, CryptoJob job) throws GeneralSecurityException {
        byte[] iv = nonce.nonce(job);
        AlgorithmParameterSpec spec = gcm ? new GCMParameterSpec(8 * icvOctets, iv) : new IvParameterSpec(iv);
        Cipher aead = cipher.get();
        aead.init(mode, key.get(), spec);
        aead.updateAAD(nonce.aad, 0, nonce.aad(job));
        return aead;
    }

    @Override
    public void wipe() {
        cipher.drop();
        key.drop();
        nonce.wipe();
    }
}
