package org.spigrp.engine;

import org.bouncycastle.crypto.BlockCipher;
import org.bouncycastle.crypto.modes.CBCBlockCipher;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;

/** CBC of Bouncy Castle over any block cipher; with an IV of zeros and the packet's put in by hand, as in {@link JdkCbc}. */
final class BcCbc implements BodyCipher {
    private final Held<BlockCipher> cipher;
    private final int block;
    private final boolean encrypting;

    BcCbc(BlockCipher under, KeyParameter key, boolean encrypting) {
        BlockCipher cbc = CBCBlockCipher.newInstance(under);
        block = cbc.getBlockSize();
        cbc.init(encrypting, new ParametersWithIV(key, new byte[block]));
        this.cipher = new Held<>(cbc);
        this.encrypting = encrypting;
    }

    @Override
    public boolean transform(byte[] array, int iv, int body, int count) {
        if (count == 0 || count % block != 0) return false;
        BlockCipher cbc = cipher.get();
        cbc.reset();
        if (encrypting) BigEndian.xor(array, body, array, iv, block);
        for (int at = body; at < body + count; at += block) cbc.processBlock(array, at, array, at);
        if (!encrypting) BigEndian.xor(array, body, array, iv, block);
        return true;
    }

    @Override
    public void wipe() {
        cipher.drop();
    }
}
