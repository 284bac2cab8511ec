package org.spigrp.engine;

import java.util.function.Consumer;
import java.util.function.Predicate;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.KeyMaterial;

/**
 * Stands in for a crypto engine: inverts octets, and sums what is covered. It protects nothing, makes no garbage, and
 * can be told to refuse.
 */
final class StubCrypto implements CryptoEngine {
    /** Jobs that it does not seal. */
    Predicate<CryptoJob> refuses = _ -> false;

    /** Takes every ICV for good. */
    boolean gullible;
    /** Spoils what is about to be sealed. */
    Consumer<CryptoJob> spoil = _ -> {};

    int batches;

    private final class Stub implements Context {
        private final boolean ah;
        private final int ivOctets;
        private final int icvOctets;

        Stub(boolean ah, int ivOctets, int icvOctets) {
            this.ah = ah;
            this.ivOctets = ivOctets;
            this.icvOctets = icvOctets;
        }

        @Override
        public CryptoEngine engine() {
            return StubCrypto.this;
        }

        @Override
        public void wipe() {}
    }

    @Override
    public String name() {
        return "stub";
    }

    @Override
    public Context esp(EspSuite suite, KeyMaterial encryptionKey, KeyMaterial authenticationKey, boolean encrypting) {
        return new Stub(false, suite.cipher().ivOctets(), suite.icvOctets());
    }

    @Override
    public Context ah(AhSuite suite, KeyMaterial key) {
        return new Stub(true, suite.ivOctets(), suite.icvOctets());
    }

    @Override
    public void seal(CryptoJob[] jobs, int count) {
        batches++;
        for (int i = 0; i < count; i++) {
            CryptoJob job = jobs[i];
            if (job.context instanceof Stub stub) {
                spoil.accept(job);
                invert(job, stub);
                long sum = sum(job, stub);
                for (int j = 0; j < stub.icvOctets; j++) {
                    job.array[job.icv + j] = (byte) (sum >>> (8 * (j & 7)));
                }
                job.ok = !refuses.test(job);
            }
        }
    }

    @Override
    public void open(CryptoJob[] jobs, int count) {
        batches++;
        for (int i = 0; i < count; i++) {
            CryptoJob job = jobs[i];
            if (job.context instanceof Stub stub) {
                long sum = sum(job, stub);
                job.ok = true;
                for (int j = gullible ? stub.icvOctets : 0; j < stub.icvOctets; j++) {
                    job.ok &= job.array[job.icv + j] == (byte) (sum >>> (8 * (j & 7)));
                }
                if (job.ok) {
                    invert(job, stub);
                }
            }
        }
    }

    private static void invert(CryptoJob job, Stub stub) {
        if (!stub.ah) {
            for (int i = 0; i < job.bodyLength; i++) {
                job.array[job.body + i] = (byte) ~job.array[job.body + i];
            }
        }
    }

    private static long sum(CryptoJob job, Stub stub) {
        long sum = 17;
        if (stub.ah) {
            sum = add(add(sum, job.aad, 0, job.aadLength), job.array, job.iv, stub.ivOctets);
            sum = add(sum, job.array, job.body, job.bodyLength);
            return job.esn ? sum * 31 + job.esnHigh : sum;
        }
        sum = add(sum, job.array, job.header, 8 + stub.ivOctets + job.bodyLength);
        return job.esn ? sum * 31 + job.esnHigh : sum;
    }

    private static long add(long sum, byte[] octets, int from, int count) {
        long all = sum;
        for (int i = from; i < from + count; i++) {
            all = all * 0x5851_f42d_4c95_7f2dL + octets[i] + 1;
        }
        return all;
    }
}
