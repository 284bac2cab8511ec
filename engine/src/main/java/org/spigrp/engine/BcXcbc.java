package org.spigrp.engine;

import java.util.Arrays;
import org.bouncycastle.crypto.BlockCipher;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.params.KeyParameter;

/**
 * AES-XCBC-MAC (RFC 3566) block by block, over Bouncy Castle's AES: as the RFC writes it down, and the second opinion
 * on {@link JdkBlockMac}.
 */
final class BcXcbc implements IcvMac {
    private static final int BLOCK = 16;

    private final Held<BlockCipher> k1;
    private final byte[] k2;
    private final byte[] k3;
    /** E[i - 1], to which the pending block is XORed as it comes in. */
    private final byte[] chain = new byte[BLOCK];
    /** Octets of the pending block; it is encrypted when the next one begins, since the last block is special. */
    private int pending;

    BcXcbc(KeyParameter key) {
        BlockCipher under = AESEngine.newInstance();
        under.init(true, key);
        byte[] chainKey = encrypted(under, 1);
        k2 = encrypted(under, 2);
        k3 = encrypted(under, 3);
        BlockCipher chaining = AESEngine.newInstance();
        chaining.init(true, new KeyParameter(chainKey));
        Arrays.fill(chainKey, (byte) 0);
        k1 = new Held<>(chaining);
    }

    private static byte[] encrypted(BlockCipher cipher, int octet) {
        byte[] block = new byte[BLOCK];
        Arrays.fill(block, (byte) octet);
        cipher.processBlock(block, 0, block, 0);
        return block;
    }

    @Override
    public int fullOctets() {
        return BLOCK;
    }

    @Override
    public void update(byte[] array, int from, int count) {
        for (int i = from; i < from + count; i++) {
            if (pending == BLOCK) {
                k1.get().processBlock(chain, 0, chain, 0);
                pending = 0;
            }
            chain[pending++] ^= array[i];
        }
    }

    @Override
    public void finish(byte[] out, int at) {
        if (pending < BLOCK) chain[pending] ^= (byte) 0x80;
        BigEndian.xor(chain, 0, pending == BLOCK ? k2 : k3, 0, BLOCK);
        k1.get().processBlock(chain, 0, out, at);
        Arrays.fill(chain, (byte) 0);
        pending = 0;
    }

    @Override
    public void wipe() {
        k1.drop();
        Arrays.fill(k2, (byte) 0);
        Arrays.fill(k3, (byte) 0);
    }
}
