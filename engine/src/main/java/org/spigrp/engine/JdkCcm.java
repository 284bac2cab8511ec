package org.spigrp.engine;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;

/**
 * AES-CCM (RFC 4309, RFC 3610 with L = 4), put together from the JDK's CBC and CTR, which run on the processor's AES
 * instructions; Bouncy Castle's CCM does not, and serves as the second opinion in tests.
 *
 * <pre>
 * A_i    | L - 1 | salt: 3, IV: 8 | i: 4 |                 S_0 hides the ICV, S_1.. the body
 * B_0    | flags | salt: 3, IV: 8 | body octets: 4 |       then | 0, AAD octets | AAD | zeros | (one block), then the body
 *                                                          and zeros; the ICV begins as the last block of its CBC-MAC
 * </pre>
 */
final class JdkCcm extends SoftwareContext {
    private static final int BLOCK = 16;
    private static final int L = 4;
    private static final int HAS_AAD = 0x40;
    private static final int AAD_LENGTH = BLOCK + 1;
    private static final int AAD = BLOCK + 2;
    private static final int BODY = 2 * BLOCK;

    private final Held<Cipher> ctr;
    private final Held<Cipher> cbc;
    private final Held<Key> key;
    private final EspNonce nonce;
    private final byte[] counter = new byte[BLOCK];
    private final byte[] received = new byte[BLOCK];
    private final int icvOctets;
    private final Scratch gathered;
    private final Scratch scratch;

    JdkCcm(CryptoEngine engine, Key key, byte[] salt, int icvOctets, Scratch gathered, Scratch scratch) {
        super(engine);
        this.ctr = new Held<>(JdkCryptoEngine.cipher("AES/CTR/NoPadding"));
        this.cbc = new Held<>(JdkCbc.zeroIv("AES/CBC/NoPadding", key, BLOCK, true));
        this.key = new Held<>(key);
        this.nonce = new EspNonce(salt);
        this.icvOctets = icvOctets;
        this.gathered = gathered;
        this.scratch = scratch;
    }

    @Override
    boolean seal(CryptoJob job) {
        byte[] in = gathered.atLeast(BODY + job.bodyLength + BLOCK);
        System.arraycopy(job.array, job.body, in, BODY, job.bodyLength);
        byte[] out = scratch.atLeast(BODY + job.bodyLength + BLOCK);
        int tag = mac(job, in, out);
        System.arraycopy(out, tag, in, BODY - BLOCK, BLOCK);
        crypt(job, in, out);
        System.arraycopy(out, BLOCK, job.array, job.body, job.bodyLength);
        System.arraycopy(out, 0, job.array, job.icv, icvOctets);
        return true;
    }

    @Override
    boolean open(CryptoJob job) {
        byte[] in = gathered.atLeast(BODY + job.bodyLength + BLOCK);
        byte[] out = scratch.atLeast(BODY + job.bodyLength + BLOCK);
        // The ICV goes through the key stream first, so it comes out as the MAC that the sender computed.
        System.arraycopy(job.array, job.icv, in, BODY - BLOCK, icvOctets);
        System.arraycopy(job.array, job.body, in, BODY, job.bodyLength);
        crypt(job, in, out);
        System.arraycopy(out, 0, received, 0, icvOctets);
        System.arraycopy(out, BLOCK, in, BODY, job.bodyLength);
        int tag = mac(job, in, out);
        if (!same(received, 0, out, tag, icvOctets)) return false;
        System.arraycopy(in, BODY, job.array, job.body, job.bodyLength);
        return true;
    }

    /** The CBC-MAC of the plaintext at {@code in[BODY..]}; where in {@code out} its block is. */
    private int mac(CryptoJob job, byte[] in, byte[] out) {
        int aadOctets = nonce.aad(job);
        in[0] = (byte) (HAS_AAD | (((icvOctets - 2) / 2) << 3) | (L - 1));
        byte[] salted = nonce.nonce(job);
        System.arraycopy(salted, 0, in, 1, salted.length);
        BigEndian.put32(in, BLOCK - L, job.bodyLength);
        Arrays.fill(in, BLOCK, BODY, (byte) 0);
        in[AAD_LENGTH] = (byte) aadOctets;
        System.arraycopy(nonce.aad, 0, in, AAD, aadOctets);
        int end = BODY + job.bodyLength;
        int count = (end + BLOCK - 1) / BLOCK * BLOCK;
        Arrays.fill(in, end, count, (byte) 0);
        try {
            cbc.get().doFinal(in, 0, count, out, 0);
        } catch (GeneralSecurityException e) {
            throw fault(e);
        }
        return count - BLOCK;
    }

    /** One block and the body behind it, from {@code in[BODY - BLOCK..]} to {@code out[0..]}. */
    private void crypt(CryptoJob job, byte[] in, byte[] out) {
        counter[0] = L - 1;
        byte[] salted = nonce.nonce(job);
        System.arraycopy(salted, 0, counter, 1, salted.length);
        BigEndian.put32(counter, BLOCK - L, 0);
        try {
            Cipher cipher = ctr.get();
            cipher.init(Cipher.ENCRYPT_MODE, key.get(), new IvParameterSpec(counter));
            cipher.doFinal(in, BODY - BLOCK, BLOCK + job.bodyLength, out, 0);
        } catch (GeneralSecurityException e) {
            throw fault(e);
        }
    }

    @Override
    public void wipe() {
        ctr.drop();
        cbc.drop();
        key.drop();
        nonce.wipe();
        Arrays.fill(counter, (byte) 0);
    }
}
