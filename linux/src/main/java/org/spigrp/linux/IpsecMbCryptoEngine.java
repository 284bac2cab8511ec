package org.spigrp.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.spigrp.engine.CryptoEngine;
import org.spigrp.engine.CryptoJob;
import org.spigrp.engine.EspKeys;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.EspCipher;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.KeyMaterial;

/**
 * The cryptography of ipsec-mb. Keys are expanded outside the heap, and overwritten there when an SA goes. Nothing is
 * allocated per packet. Not thread-safe: an engine and its contexts belong to one worker.
 */
final class IpsecMbCryptoEngine implements CryptoEngine {
    private final String name;
    /** Everything outside the heap goes when nobody holds the engine or a context of it any more. */
    private final Arena arena = Arena.ofAuto();

    private final long manager;
    private final IpsecMbScratch scratch;
    /** For keys of 128, 192 and 256 bits. */
    private final MemorySegment[] gcmEncrypt;

    private final MemorySegment[] gcmDecrypt;
    private final MemorySegment[] gcmExpand;
    private final KeyMemory gcmKeys;
    /** What is read ahead ends here, or the compiler would leave the reading out. */
    @SuppressWarnings("UnusedVariable")
    private long fetched;

    IpsecMbCryptoEngine(IpsecMb library) {
        name = "ipsec-mb " + library.version;
        manager = library.manager(arena);
        scratch = new IpsecMbScratch(arena);
        gcmEncrypt = functions(IpsecMbPlaces.GCM_ENC);
        gcmDecrypt = functions(IpsecMbPlaces.GCM_DEC);
        gcmExpand = functions(IpsecMbPlaces.GCM_PRE);
        gcmKeys = new KeyMemory(arena, IpsecMbPlaces.GCM_KEY_OCTETS);
    }

    private MemorySegment[] functions(int place) {
        MemorySegment[] functions = new MemorySegment[3];
        for (int i = 0; i < functions.length; i++) {
            functions[i] = IpsecMb.function(manager, place + i * Long.BYTES);
        }
        return functions;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public @Nullable Context esp(
            EspSuite suite, KeyMaterial encryptionKey, KeyMaterial authenticationKey, boolean encrypting) {
        EspKeys.check(suite, encryptionKey, authenticationKey);
        return suite.cipher() == EspCipher.AES_GCM ? gcm(suite, encryptionKey) : null;
    }

    @Override
    public @Nullable Context ah(AhSuite suite, KeyMaterial key) {
        return null;
    }

    private IpsecMbGcm gcm(EspSuite suite, KeyMaterial given) {
        int size = (suite.keyOctets() - 16) / 8;
        byte[] salt = EspKeys.salt(suite, given);
        var context = new IpsecMbGcm(
                this,
                gcmKeys,
                gcmEncrypt[size],
                gcmDecrypt[size],
                ByteBuffer.wrap(salt).order(ByteOrder.nativeOrder()).getInt(),
                suite.icvOctets());
        Arrays.fill(salt, (byte) 0);
        expand(given, suite.keyOctets(), gcmExpand[size], context.key());
        return context;
    }

    /** The first octets of the given key go through the library's function; what they pass through is overwritten. */
    private void expand(KeyMaterial given, int octets, MemorySegment function, long to) {
        byte[] raw = given.octets(0, octets);
        RawMemory.put(scratch.gcmContext, raw, 0, octets);
        IpsecMb.call(function, scratch.gcmContext, to, 0, 0, 0, 0);
        Arrays.fill(raw, (byte) 0);
        scratch.wipe();
    }

    @Override
    public void seal(CryptoJob[] jobs, int count) {
        for (int from = 0; from < count; from += IpsecMbScratch.JOBS) {
            seal(jobs, from, Math.min(IpsecMbScratch.JOBS, count - from));
        }
    }

    private void seal(CryptoJob[] jobs, int from, int count) {
        prepare(jobs, from, count);
        for (int i = 0; i < count; i++) {
            CryptoJob job = jobs[from + i];
            job.ok = job.context instanceof IpsecMbGcm gcm && gcm.seal(job, i, scratch);
        }
    }

    @Override
    public void open(CryptoJob[] jobs, int count) {
        for (int from = 0; from < count; from += IpsecMbScratch.JOBS) {
            open(jobs, from, Math.min(IpsecMbScratch.JOBS, count - from));
        }
    }

    private void open(CryptoJob[] jobs, int from, int count) {
        prepare(jobs, from, count);
        for (int i = 0; i < count; i++) {
            CryptoJob job = jobs[from + i];
            job.ok = job.context instanceof IpsecMbGcm gcm && gcm.open(job, i, scratch);
        }
    }

    /**
     * Nonces, AADs, and a look at each key: where packets are of many SAs their keys are not in the cache, and fetched
     * at once they cost a little more than one fetched alone.
     */
    private void prepare(CryptoJob[] jobs, int from, int count) {
        long sum = 0;
        for (int i = 0; i < count; i++) {
            CryptoJob job = jobs[from + i];
            if (job.context instanceof IpsecMbGcm gcm) {
                scratch.prepare(i, gcm.salt, job);
                sum += gcm.fetched(job.bodyLength);
            }
        }
        fetched = sum;
    }
}
