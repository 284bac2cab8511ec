package org.spigrp.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.spigrp.command.Samples;
import org.spigrp.sa.KeyMaterial;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Transform;

/** A ledger on a disk in memory. */
final class LedgerFixture {
    static final Path DIRECTORY = Path.of("/state");
    static final Path JOURNAL = DIRECTORY.resolve(Ledger.JOURNAL);
    static final Path BASE = DIRECTORY.resolve(Ledger.BASE);
    static final Path SECRET = DIRECTORY.resolve(StateDirectory.SECRET);

    private LedgerFixture() {}

    static MemoryDisk newDisk(RandomGenerator random) {
        var disk = new MemoryDisk();
        try {
            Fingerprints.create(disk, SECRET, random);
            Ledger.create(disk, JOURNAL, random);
            disk.forceDirectory(DIRECTORY);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return disk;
    }

    static Ledger open(MemoryDisk disk, RandomGenerator random) {
        return open(disk, random, new ArrayList<>(), Long.MAX_VALUE);
    }

    static Ledger open(MemoryDisk disk, RandomGenerator random, List<String> notices, long compactFrom) {
        return new Ledger(
                disk, DIRECTORY, false, new Fingerprints(disk, SECRET, new Random(0)), random, notices, compactFrom);
    }

    /** A counter-mode SA with a key of its own. */
    static SecurityAssociation gcm(int spi) {
        return Samples.esp(spi, Samples.GCM);
    }

    /** Another SA whose cipher key proper is that of {@code sa}. */
    static SecurityAssociation sameKeyOtherSalt(SecurityAssociation sa, int spi) {
        byte[] key = ((Transform.Esp) sa.transform()).encryptionKey().octets();
        key[key.length - 1] ^= 1;
        return Samples.sa(Samples.said(SaProtocol.ESP, spi), Samples.espOf(Samples.GCM, KeyMaterial.copyOf(key)));
    }

    /** Hands out one number again and again, then others. */
    static RandomGenerator stubborn(int number, int times, RandomGenerator then) {
        return new RandomGenerator() {
            private int left = times;

            @Override
            public long nextLong() {
                return then.nextLong();
            }

            @Override
            public int nextInt() {
                return left-- > 0 ? number : then.nextInt();
            }
        };
    }
}
