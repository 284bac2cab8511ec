package org.spigrp.engine;

import java.util.Arrays;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.modes.CTRModeCipher;
import org.bouncycastle.crypto.modes.SICBlockCipher;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;
import org.jspecify.annotations.Nullable;

/** AES-CTR (RFC 3686) of Bouncy Castle; the counter block is drawn at {@link JdkCtr}. */
final class BcCtr implements BodyCipher {
    private static final int NONCE_OCTETS = 4;

    private final Held<CTRModeCipher> cipher = new Held<>(SICBlockCipher.newInstance(AESEngine.newInstance()));
    private final byte[] counter = new byte[16];
    /** Until it has been given to the cipher. */
    private @Nullable KeyParameter key;

    /** Takes the nonce over and overwrites it. */
    BcCtr(KeyParameter key, byte[] nonce) {
        this.key = key;
        System.arraycopy(nonce, 0, counter, 0, NONCE_OCTETS);
        Arrays.fill(nonce, (byte) 0);
        counter[15] = 1;
    }

    @Override
    public boolean transform(byte[] array, int iv, int body, int count) {
        System.arraycopy(array, iv, counter, NONCE_OCTETS, EspNonce.IV_OCTETS);
        CTRModeCipher ctr = cipher.get();
        ctr.init(true, new ParametersWithIV(key, counter));
        key = null;
        ctr.processBytes(array, body, count, array, body);
        return true;
    }

    @Override
    public void wipe() {
        cipher.drop();
        key = null;
        Arrays.fill(counter, (byte) 0);
    }
}
