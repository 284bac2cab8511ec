package org.spigrp.engine;

import org.bouncycastle.crypto.CipherParameters;
import org.bouncycastle.crypto.Mac;

/** HMAC and CMAC of Bouncy Castle. */
final class BcMac implements IcvMac {
    private final Held<Mac> mac;
    private final int fullOctets;

    BcMac(Mac mac, CipherParameters key) {
        mac.init(key);
        this.mac = new Held<>(mac);
        this.fullOctets = mac.getMacSize();
    }

    @Override
    public int fullOctets() {
        return fullOctets;
    }

    @Override
    public void update(byte[] array, int from, int count) {
        mac.get().update(array, from, count);
    }

    @Override
    public void finish(byte[] out, int at) {
        mac.get().doFinal(out, at);
    }

    @Override
    public void wipe() {
        mac.drop();
    }
}
