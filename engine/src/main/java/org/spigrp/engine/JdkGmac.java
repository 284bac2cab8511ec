package org.spigrp.engine;

import java.security.GeneralSecurityException;
import java.security.Key;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * AES-GMAC (RFC 4543): GCM that only authenticates. In ESP it covers SPI, sequence number (with its high half before
 * the low one), IV and body; in AH the head that the layer made ready, the body, and the high half of the
 * sequence number.
 *
 * <p>The JDK's GCM keeps additional data in a buffer of its own until the end, so it allocates as much as it
 * authenticates.
 */
final class JdkGmac extends SoftwareContext {
    private static final int ICV_OCTETS = 16;

    private final Held<Cipher> cipher;
    private final Held<Key> key;
    private final EspNonce nonce;
    private final boolean ah;
    private final byte[] out = new byte[ICV_OCTETS];

    JdkGmac(CryptoEngine engine, Key key, byte[] salt, boolean ah) {
        super(engine);
        this.cipher = new Held<>(JdkCryptoEngine.cipher("AES/GCM/NoPadding"));
        this.key = new Held<>(key);
        this.nonce = new EspNonce(salt);
        this.ah = ah;
    }

    @Override
    boolean seal(CryptoJob job) {
        try {
            begin(Cipher.ENCRYPT_MODE, job).doFinal(job.array, job.icv, 0, job.array, job.icv);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    @Override
    boolean open(CryptoJob job) {
        try {
            begin(Cipher.DECRYPT_MODE, job).doFinal(job.array, job.icv, ICV_OCTETS, out, 0);
            return true;
        } catch (AEADBadTagException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw fault(e);
        }
    }

    private Cipher begin(int mode, CryptoJob job) throws GeneralSecurityException {
        Cipher gcm = cipher.get();
        gcm.init(mode, key.get(), new GCMParameterSpec(8 * ICV_OCTETS, nonce.nonce(job)));
        if (ah) {
            gcm.updateAAD(job.aad, 0, job.aadLength);
            gcm.updateAAD(job.array, job.body, job.bodyLength);
            gcm.updateAAD(nonce.aad, 0, nonce.esnHigh(job));
        } else {
            gcm.updateAAD(nonce.aad, 0, nonce.aad(job));
            gcm.updateAAD(job.array, job.iv, job.body + job.bodyLength - job.iv);
        }
        return gcm;
    }

    @Override
    public void wipe() {
        cipher.drop();
        key.drop();
        nonce.wipe();
    }
}
