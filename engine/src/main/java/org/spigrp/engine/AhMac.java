package org.spigrp.engine;

import java.util.Arrays;

/** AH by a MAC over what the layer made ready: the datagram with zeros where RFC 4302 3.3.3 wants them. */
final class AhMac extends SoftwareContext {
    private final IcvMac mac;
    private final int icvOctets;
    private final byte[] computed;

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
        mac.finish(computed, 0);
    }

    @Override
    public void wipe() {
        mac.wipe();
        Arrays.fill(computed, (byte) 0);
    }
}
