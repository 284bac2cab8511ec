package org.spigrp.engine;

import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.modes.AEADCipher;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;
import org.jspecify.annotations.Nullable;

/**
 * AES-GCM (RFC 4106), AES-CCM (RFC 4309), ChaCha20-Poly1305 (RFC 7634) and AES-GMAC (RFC 4543) of Bouncy Castle.
 * GMAC is GCM without a body: what would be the body is additional data, and AH has additional data only.
 */
final class BcAead extends SoftwareContext {
    /** What is encrypted, and what is only authenticated. */
    enum Use {
        /** AAD is SPI and sequence number, the body is encrypted. */
        ESP,
        /** AAD is SPI, sequence number, IV and body. */
        ESP_GMAC,
        /** AAD is the head that the AH layer made ready, the body, and the high half of the sequence number. */
        AH_GMAC
    }

    private final Held<AEADCipher> cipher;
    private final EspNonce nonce;
    private final int icvOctets;
    private final Use use;
    private final Scratch scratch;
    /** Until it has been given to the cipher, which then keeps it from packet to packet. */
    private @Nullable KeyParameter key;

    BcAead(
            CryptoEngine engine,
            AEADCipher cipher,
            KeyParameter key,
            byte[] salt,
            int icvOctets,
            Use use,
            Scratch scratch) {
        super(engine);
        this.cipher = new Held<>(cipher);
        this.key = key;
        this.nonce = new EspNonce(salt);
        this.icvOctets = icvOctets;
        this.use = use;
        this.scratch = scratch;
    }

    @Override
    boolean seal(CryptoJob job) {
        int count = use == Use.ESP ? job.bodyLength : 0;
        try {
            byte[] out = run(true, job, count);
            System.arraycopy(out, 0, job.array, job.icv - count, count + icvOctets);
            return true;
        } catch (InvalidCipherTextException | IllegalArgumentException e) {
            // A nonce twice in a row: the packet must not go out.
            return false;
        }
    }

    @Override
    boolean open(CryptoJob job) {
        int count = use == Use.ESP ? job.bodyLength : 0;
        try {
            byte[] out = run(false, job, count + icvOctets);
            System.arraycopy(out, 0, job.array, job.icv - count, count);
            return true;
        } catch (InvalidCipherTextException e) {
            return false;
        }
    }

    /** The {@code count} octets before the ICV, or with it, through the cipher. */
    private byte[] run(boolean encrypting, CryptoJob job, int count) throws InvalidCipherTextException {
        byte[] out = scratch.atLeast(count + icvOctets);
        AEADCipher aead = cipher.get();
        aead.init(encrypting, new AEADParameters(key, 8 * icvOctets, nonce.nonce(job)));
        key = null;
        if (use == Use.AH_GMAC) {
            aead.processAADBytes(job.aad, 0, job.aadLength);
            aead.processAADBytes(job.array, job.body, job.bodyLength);
            aead.processAADBytes(nonce.aad, 0, nonce.esnHigh(job));
        } else {
            aead.processAADBytes(nonce.aad, 0, nonce.aad(job));
        }
        if (use == Use.ESP_GMAC) {
            aead.processAADBytes(job.array, job.iv, job.body + job.bodyLength - job.iv);
        }
        int from = encrypting ? job.icv - count : job.icv + icvOctets - count;
        int done = aead.processBytes(job.array, from, count, out, 0);
        aead.doFinal(out, done);
        return out;
    }

    @Override
    public void wipe() {
        cipher.drop();
        key = null;
        nonce.wipe();
    }
}
