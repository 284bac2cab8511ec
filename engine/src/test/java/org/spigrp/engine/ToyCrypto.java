package org.spigrp.engine;

import java.util.Arrays;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.KeyMaterial;

/**
 * Cryptography for tests of layers: it hides and protects nothing, is the same every time, makes no garbage, and looks
 * at every octet and field that a real engine would look at.
 */
final class ToyCrypto implements CryptoEngine {
    private final boolean trusting;

    ToyCrypto() {
        this(false);
    }

    /** @param trusting takes any ICV for good, so that a test comes to what lies behind it; decrypts nothing then */
    ToyCrypto(boolean trusting) {
        this.trusting = trusting;
    }

    private record Toy(CryptoEngine engine, int key, int ivOctets, int icvOctets, boolean ah) implements Context {
        /** Help pays whatever the job. */
        @Override
        public int nanos(CryptoJob job) {
            return 1_000_000;
        }

        @Override
        public void wipe() {}
    }

    @Override
    public String name() {
        return "toy";
    }

    @Override
    public Context esp(EspSuite suite, KeyMaterial encryptionKey, KeyMaterial authenticationKey, boolean encrypting) {
        int key = Arrays.hashCode(encryptionKey.octets()) * 31 + Arrays.hashCode(authenticationKey.octets());
        return new Toy(this, key, suite.cipher().ivOctets(), suite.icvOctets(), false);
    }

    @Override
    public Context ah(AhSuite suite, KeyMaterial key) {
        return new Toy(this, Arrays.hashCode(key.octets()), suite.ivOctets(), suite.icvOctets(), true);
    }

    @Override
    public void seal(CryptoJob[] jobs, int count) {
        seal(jobs, 0, count);
    }

    private void seal(CryptoJob[] jobs, int from, int to) {
        for (int i = from; i < to; i++) {
            CryptoJob job = jobs[i];
            if (job.context instanceof Toy toy) {
                turn(job, toy);
                long icv = icv(job, toy);
                for (int j = 0; j < toy.icvOctets; j++) {
                    job.array[job.icv + j] = (byte) (icv >>> (j * 8));
                }
                job.ok = true;
            }
        }
    }

    @Override
    public void open(CryptoJob[] jobs, int count) {
        open(jobs, 0, count);
    }

    private void open(CryptoJob[] jobs, int from, int to) {
        for (int i = from; i < to; i++) {
            CryptoJob job = jobs[i];
            if (trusting) {
                job.ok = true;
            } else if (job.context instanceof Toy toy) {
                long icv = icv(job, toy);
                boolean same = true;
                for (int j = 0; j < toy.icvOctets; j++) {
                    same &= job.array[job.icv + j] == (byte) (icv >>> (j * 8));
                }
                job.ok = same;
                if (same) {
                    turn(job, toy);
                }
            }
        }
    }

    /** It has no memory of its own. */
    @Override
    public Lane lane() {
        return new Lane() {
            @Override
            public void seal(CryptoJob[] jobs, int from, int to) {
                ToyCrypto.this.seal(jobs, from, to);
            }

            @Override
            public void open(CryptoJob[] jobs, int from, int to) {
                ToyCrypto.this.open(jobs, from, to);
            }
        };
    }

    private static void turn(CryptoJob job, Toy toy) {
        if (!toy.ah) {
            for (int i = 0; i < job.bodyLength; i++) {
                job.array[job.body + i] ^= (byte) (toy.key + i);
            }
        }
    }

    private static long icv(CryptoJob job, Toy toy) {
        long hash = toy.key;
        if (toy.ah) {
            hash = add(hash, job.aad, 0, job.aadLength);
        } else {
            hash = add(hash, job.array, job.header, 8);
        }
        hash = add(hash, job.array, job.iv, toy.ivOctets);
        hash = add(hash, job.array, job.body, job.bodyLength);
        return job.esn ? hash * 31 + job.esnHigh : hash;
    }

    private static long add(long hash, byte[] octets, int from, int count) {
        long sum = hash;
        for (int i = 0; i < count; i++) {
            sum = (sum ^ octets[from + i]) * 0x100_0000_01b3L;
        }
        return sum;
    }
}
