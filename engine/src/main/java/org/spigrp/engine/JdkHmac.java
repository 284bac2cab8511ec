package org.spigrp.engine;

import java.security.GeneralSecurityException;
import java.security.Key;
import javax.crypto.Mac;

/** HMAC of the JDK (RFC 2403, 2404, 4868). Each packet costs the array of the inner digest inside the JCE: 32..80 octets. */
final class JdkHmac implements IcvMac {
    private final Held<Mac> mac;
    private final int fullOctets;

    JdkHmac(String algorithm, Key key) {
        try {
            Mac hmac = Mac.getInstance(algorithm);
            hmac.init(key);
            this.mac = new Held<>(hmac);
            this.fullOctets = hmac.getMacLength();
        } catch (GeneralSecurityException e) {
            throw SoftwareContext.fault(e);
        }
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
        try {
            mac.get().doFinal(out, at);
        } catch (GeneralSecurityException e) {
            throw SoftwareContext.fault(e);
        }
    }

    @Override
    public void wipe() {
        mac.drop();
    }
}
