package org.spigrp.linux;

import static org.spigrp.linux.IpsecMbPlaces.*;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.spigrp.engine.CryptoJob;

/*
 * A burst of jobs of ipsec-mb's: CBC encryption and HMAC are chains that no processor can hurry, but it can follow up to
 * sixteen of them at once. The jobs are the library's, of any algorithms.
 *
 *   stage   | 64-octet line: packet (IpsecMbStage) | next packet ...
 */
final class IpsecMbBurst {
    static final int JOBS = IpsecMbScratch.JOBS;
    private static final int LINE = 64;
    private static final int ESP_HEADER = 8;
    private static final int MAX_TAG = 64;
    /** The library's version, for constants of the compiler. */
    private static final IpsecMbVersion VERSION = IpsecMb.used();

    private final long manager;
    private final IpsecMbScratch scratch;
    private final MemorySegment getNext;
    private final MemorySegment submit;
    private final MemorySegment flush;
    /** Pointers to jobs, as the library gives and takes them. */
    private final long pointers;

    private final long tags;
    private MemorySegment stage = MemorySegment.NULL;
    private long cursor;

    private final CryptoJob[] packets = new CryptoJob[JOBS];
    private final IpsecMbChain[] contexts = new IpsecMbChain[JOBS];
    /** Of each packet: its place on the stage, and its job. */
    private final long[] staged = new long[JOBS];

    private final long[] jobs = new long[JOBS];
    private int count;

    IpsecMbBurst(Arena arena, long manager, IpsecMbScratch scratch) {
        this.manager = manager;
        this.scratch = scratch;
        getNext = IpsecMbCalls.function(manager, GET_NEXT_BURST);
        submit = IpsecMbCalls.function(manager, SUBMIT_BURST);
        flush = IpsecMbCalls.function(manager, FLUSH_BURST);
        pointers = arena.allocate(JOBS * Long.BYTES, LINE).address();
        tags = arena.allocate(JOBS * MAX_TAG, LINE).address();
    }

    /** Forgets what a batch before, which ended in a fault of this program, may have left. */
    void begin() {
        count = 0;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Takes a packet in whose length is right. */
    void add(CryptoJob job, IpsecMbChain context) {
        packets[count] = job;
        contexts[count] = context;
        count++;
    }

    /** Does all that was added. */
    void run(boolean sealing) {
        makeRoom();
        if ((int) IpsecMbCalls.call(getNext, manager, count, pointers, 0) == count) {
            for (int i = 0; i < count; i++) {
                jobs[i] = RawMemory.getLong(pointers + (long) i * Long.BYTES);
                fill(i, packets[i], contexts[i]);
            }
            process();
            for (int i = 0; i < count; i++) {
                packets[i].ok = RawMemory.getInt(jobs[i] + JOB_STATUS) == STATUS_COMPLETED && finish(i, sealing);
            }
        }
        count = 0;
    }

    private void makeRoom() {
        long wanted = 0;
        for (int i = 0; i < count; i++) {
            wanted += IpsecMbStage.octets(packets[i], contexts[i].algorithm.covers()) + LINE;
        }
        if (wanted > stage.byteSize()) {
            stage = Arena.ofAuto().allocate(2 * wanted, LINE);
        }
        cursor = stage.address();
    }

    private void process() {
        int left = count - (int) IpsecMbCalls.call(submit, manager, count, pointers, 0);
        while (left > 0) {
            int done = (int) IpsecMbCalls.call(flush, manager, left, pointers, 0);
            if (done <= 0) {
                return; // the status of what is left says that it was not done
            }
            left -= done;
        }
    }

    private void fill(int i, CryptoJob packet, IpsecMbChain context) {
        IpsecMbAlgorithm algorithm = context.algorithm;
        long key = context.key();
        long job = jobs[i];
        long at = cursor;
        staged[i] = at;
        int cipherAt = algorithm.covers() == IpsecMbAlgorithm.Covers.ESP ? packet.body - packet.header : 0;
        int hashed = IpsecMbStage.put(packet, algorithm.covers(), at);
        cursor = (at + hashed + LINE - 1) & -LINE;
        RawMemory.putLong(job + JOB_ENC_KEYS, key);
        RawMemory.putLong(job + JOB_DEC_KEYS, key);
        RawMemory.putLong(job + JOB_KEY_LENGTH, algorithm.keyOctets());
        RawMemory.putLong(job + JOB_SOURCE, at);
        RawMemory.putLong(job + JOB_DESTINATION, at + cipherAt);
        RawMemory.putLong(job + JOB_CIPHER_OFFSET, cipherAt);
        RawMemory.putLong(job + JOB_CIPHER_LENGTH, algorithm.changesBody() ? packet.bodyLength : 0);
        RawMemory.putLong(job + JOB_HASH_OFFSET, 0);
        RawMemory.putLong(job + JOB_HASH_LENGTH, hashed);
        RawMemory.putLong(job + JOB_IV, algorithm.hasNonce() ? scratch.nonce(i) : at + ESP_HEADER);
        RawMemory.putLong(job + JOB_IV_LENGTH, algorithm.ivOctets());
        RawMemory.putLong(job + JOB_TAG, tag(i));
        RawMemory.putLong(job + JOB_TAG_LENGTH, algorithm.tagOctets());
        fillHash(i, packet, context, algorithm, key);
        RawMemory.putInt(job + JOB_STATUS, 0);
        RawMemory.putInt(job + JOB_CIPHER_MODE, algorithm.cipher());
        RawMemory.putInt(job + JOB_DIRECTION, IpsecMbAlgorithm.direction(context.encrypting));
        RawMemory.putInt(job + JOB_HASH, algorithm.hash());
        RawMemory.putInt(job + JOB_ORDER, IpsecMbAlgorithm.order(context.encrypting));
        RawMemory.putInt(job + JOB_SGL_STATE, 0);
        if (VERSION.hasSuites()) {
            RawMemory.putLong(job + VERSION.jobSuite(), context.suite);
        }
    }

    private void fillHash(int i, CryptoJob packet, IpsecMbChain context, IpsecMbAlgorithm algorithm, long key) {
        long fields = jobs[i] + JOB_HASH_FIELDS;
        if (algorithm.hasNonce()) {
            scratch.prepare(i, context.salt, packet);
        }
        if (algorithm.isGmac()) {
            RawMemory.putLong(fields, key);
            RawMemory.putLong(fields + 8, scratch.nonce(i));
            RawMemory.putLong(fields + 16, IpsecMbScratch.NONCE_OCTETS);
        } else if (algorithm.covers() == IpsecMbAlgorithm.Covers.BODY) {
            RawMemory.putLong(fields, scratch.aad(i));
            RawMemory.putLong(fields + 8, IpsecMbScratch.aadOctets(packet));
        } else {
            RawMemory.putLong(fields, key + algorithm.hashKeys());
            RawMemory.putLong(fields + 8, key + algorithm.second());
            RawMemory.putLong(fields + 16, key + algorithm.third());
        }
    }

    private long tag(int i) {
        return tags + (long) i * MAX_TAG;
    }

    private boolean finish(int i, boolean sealing) {
        CryptoJob packet = packets[i];
        IpsecMbAlgorithm algorithm = contexts[i].algorithm;
        int icvOctets = algorithm.icvOctets();
        if (!sealing && !RawMemory.isSame(tag(i), packet.array, packet.icv, icvOctets)) {
            return false;
        }
        IpsecMbStage.getBody(packet, algorithm, staged[i]);
        if (sealing) {
            RawMemory.get(tag(i), packet.array, packet.icv, icvOctets);
        }
        return true;
    }
}
