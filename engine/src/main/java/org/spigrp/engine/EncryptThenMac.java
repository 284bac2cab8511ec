package org.spigrp.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * ESP by a cipher and a MAC (RFC 4303 3.3.2.1): encrypted first, then the MAC over header, IV and body, and over the
 * high half of an extended sequence number, which is not sent (2.2.1).
 */
final class EncryptThenMac extends SoftwareContext {
    private final BodyCipher cipher;
    /** Null for ESP without integrity: its packets are covered by another member of the group. */
    private final @Nullable IcvMac mac;

    private final int icvOctets;
    private final byte[] computed;
    private final byte[] high = new byte[4];

    EncryptThenMac(CryptoEngine engine, BodyCipher cipher, @Nullable IcvMac mac, int icvOctets) {
        super(engine);
        this.cipher = cipher;
        this.mac = mac;
        this.icvOctets = icvOctets;
        this.computed = new byte[mac == null ? 0 : mac.fullOctets()];
    }

    @Override
    boolean seal(CryptoJob job) {
        if (!cipher.transform(job.array, job.iv, job.body, job.bodyLength)) return false;
        if (mac == null) return true;
        compute(mac, job);
        System.arraycopy(computed, 0, job.array, job.icv, icvOctets);
        return true;
    }

    @Override
    boolean open(CryptoJob job) {
        if (mac != null) {
            compute(mac, job);
            if (!same(computed, 0, job.array, job.icv, icvOctets)) return false;
        }
        return cipher.transform(job.array, job.iv, job.body, job.bodyLength);
    }

    private void compute(IcvMac mac, CryptoJob job) {
        mac.update(job.array, job.header, job.body + job.bodyLength - job.header);
        if (job.esn) {
            BigEndian.put32(high, 0, job.esnHigh);
            mac.update(high, 0, high.length);
        }
        mac.finish(computed, 0);
    }

    @Override
    public void wipe() {
        cipher.wipe();
        if (mac != null) mac.wipe();
        Arrays.fill(computed, (byte) 0);
    }
}
