package org.spigrp.engine;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-XCBC-MAC (RFC 3566) and AES-CMAC (RFC 4493, 4494). They differ only in their keys:
 *
 * <pre>
 *          chain key    whole last block ^    padded last block (octet 0x80, zeros) ^
 * XCBC     E(K, 01..)   E(K, 02..)            E(K, 03..)
 * CMAC     K            2 · E(K, 0)           4 · E(K, 0)              doubled in GF(2^128)
 * </pre>
 *
 * <p>The message is gathered first, so that the JDK's CBC, with an IV of zeros, chains all of it in one call: that is an
 * intrinsic, a call for each block is not.
 */
final class JdkBlockMac implements IcvMac {
    static final int BLOCK = 16;
    private static final int REDUCTION = 0x87;

    private final Held<Cipher> chain;
    private final byte[] whole;
    private final byte[] padded;
    private final Scratch gathered;
    private final Scratch scratch;
    private int count;

    private JdkBlockMac(Key chainKey, byte[] whole, byte[] padded, Scratch gathered, Scratch scratch) {
        this.chain = new Held<>(JdkCbc.zeroIv("AES/CBC/NoPadding", chainKey, BLOCK, true));
        this.whole = whole;
        this.padded = padded;
        this.gathered = gathered;
        this.scratch = scratch;
    }

    static JdkBlockMac xcbc(Key key, Scratch gathered, Scratch scratch) {
        byte[] chainKey = encrypted(key, 1);
        Key chain = new SecretKeySpec(chainKey, "AES");
        Arrays.fill(chainKey, (byte) 0);
        return new JdkBlockMac(chain, encrypted(key, 2), encrypted(key, 3), gathered, scratch);
    }

    static JdkBlockMac cmac(Key key, Scratch gathered, Scratch scratch) {
        byte[] whole = encrypted(key, 0);
        doubled(whole);
        byte[] padded = whole.clone();
        doubled(padded);
        return new JdkBlockMac(key, whole, padded, gathered, scratch);
    }

    /** A block of equal octets under the key. */
    private static byte[] encrypted(Key key, int octet) {
        byte[] block = new byte[BLOCK];
        Arrays.fill(block, (byte) octet);
        try {
            return JdkCbc.zeroIv("AES/CBC/NoPadding", key, BLOCK, true).doFinal(block);
        } catch (GeneralSecurityException e) {
            throw SoftwareContext.fault(e);
        }
    }

    /** Times x in GF(2^128), most significant bit first; without a branch on key bits. */
    static void doubled(byte[] block) {
        int carry = 0;
        for (int i = BLOCK - 1; i >= 0; i--) {
            int twice = (block[i] & 0xff) << 1 | carry;
            block[i] = (byte) twice;
            carry = twice >>> 8;
        }
        block[BLOCK - 1] ^= (byte) (-carry & REDUCTION);
    }

    @Override
    public int fullOctets() {
        return BLOCK;
    }

    @Override
    public void update(byte[] array, int from, int more) {
        byte[] message = gathered.keeping(count, count + more + BLOCK);
        System.arraycopy(array, from, message, count, more);
        count += more;
    }

    @Override
    public void finish(byte[] out, int at) {
        byte[] message = gathered.keeping(count, count + BLOCK);
        boolean isWhole = count > 0 && count % BLOCK == 0;
        int end = isWhole ? count : count - count % BLOCK + BLOCK;
        if (!isWhole) {
            message[count] = (byte) 0x80;
            Arrays.fill(message, count + 1, end, (byte) 0);
        }
        BigEndian.xor(message, end - BLOCK, isWhole ? whole : padded, 0, BLOCK);
        byte[] chained = scratch.atLeast(end);
        try {
            chain.get().doFinal(message, 0, end, chained, 0);
        } catch (GeneralSecurityException e) {
            throw SoftwareContext.fault(e);
        }
        System.arraycopy(chained, end - BLOCK, out, at, BLOCK);
        count = 0;
    }

    @Override
    public void wipe() {
        chain.drop();
        Arrays.fill(whole, (byte) 0);
        Arrays.fill(padded, (byte) 0);
    }
}
