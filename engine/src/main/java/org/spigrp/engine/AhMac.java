package org.spigrp.engine;

import java.util.Arrays;

/** AH by a MAC: over the head that the layer made ready, the body, and the high half of an extended sequence number. */
final class AhMac extends SoftwareContext {
    private final IcvMac mac;
    private final int icvOctets;
    private final byte[] computed;
    private final byte[] high = new byte[4];

    AhMac(CryptoEngine engine, IcvMac mac, int icvOctets) {
        super(engine);
        this.mac = mac;
        this.icvOctets = icvOctets;
        this.computed = new byte[mac.fullOctets()];
    }

    @Override
    boolean seal(CryptoJob job) {
        compute(job);
        System.arraycopy(computed, 0, job.array, job.icv, icvOctets);
        return true;
    }

    @Override
    boolean open(CryptoJob job) {
        compute(job);
        return same(computed, 0, job.array, job.icv, icvOctets);
    }

    private void compute(CryptoJob job) {
        mac.update(job.aad, 0, job.aadLength);
        mac.update(job.array, job.body, job.bodyLength);
        if (job.esn) {
            BigEndian.put32(high, 0, job.esnHigh);
            mac.update(high, 0, high.length);
        }
        mac.finish(computed, 0);
    }

    @Override
    public void wipe() {
        mac.wipe();
        Arrays.fill(computed, (byte) 0);
    }
}
