package org.spigrp.linux;

import static org.spigrp.linux.IpsecMbPlaces.*;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.spigrp.engine.CryptoJob;

/*
 * A burst of jobs of ipsec-mb's: CBC encryption and HMAC are chains that no processor can hurry, but it can follow up to
 * sixteen of them at once.
 *
 * The library keeps pointers into all packets of a burst, and arrays on the heap may move between two calls. So packets
 * are copied to a stage outside it, and back when they are done; what is opened, only if its ICV was right. That is a
 * twentieth of the work.
 *
 *   stage   | 64-octet line: header, IV, body, ESN high | next packet ...
 */
final class IpsecMbBurst {
    static final int JOBS = IpsecMbScratch.JOBS;
    private static final int LINE = 64;
    private static final long FIRST_STAGE = JOBS * 2048L;
    private static final int ESP_HEADER = 8;
    private static final int SPI_OCTETS = 4;
    private static final int MAX_TAG = 64;

    private final long manager;
    private final IpsecMbScratch scratch;
    private final MemorySegment getNext;
    private final MemorySegment submit;
    private final MemorySegment flush;
    /** Pointers to jobs, as the library gives and takes them. */
    private final long pointers;

    private final long tags;
    private MemorySegment stage;
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
        stage = Arena.ofAuto().allocate(FIRST_STAGE, LINE);
    }

    /** Forgets what a batch before, which ended in a fault of this program, may have left. */
    void begin() {
        count = 0;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Takes a packet in; refuses it, with {@code ok} false, where its length cannot be right. */
    void add(CryptoJob job, IpsecMbChain context) {
        job.ok = false;
        IpsecMbAlgorithm algorithm = context.algorithm;
        if (algorithm.changesBody() && (job.bodyLength <= 0 || job.bodyLength % algorithm.blockOctets() != 0)) {
            return;
        }
        packets[count] = job;
        contexts[count] = context;
        count++;
    }

    /** Does all that was added. */
    void run(boolean sealing) {
        makeRoom();
        if (IpsecMbCalls.call(getNext, manager, count, pointers, 0) == count) {
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
            CryptoJob job = packets[i];
            wanted += Math.max(job.aadLength, job.body + job.bodyLength - job.header) + 2 * LINE;
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
        int cipherAt = 0;
        int length;
        int hashed;
        switch (algorithm.covers()) {
            case ESP -> {
                cipherAt = packet.body - packet.header;
                length = cipherAt + packet.bodyLength;
                RawMemory.put(at, packet.array, packet.header, length);
                if (packet.esn) {
                    RawMemory.putInt32(at + length, packet.esnHigh);
                }
                hashed = packet.esn ? length + Integer.BYTES : length;
            }
            case ESP_GMAC -> {
                int head = packet.esn ? SPI_OCTETS : 0;
                length = packet.body + packet.bodyLength - packet.header;
                RawMemory.put(at, packet.array, packet.header, head);
                if (packet.esn) {
                    RawMemory.putInt32(at + head, packet.esnHigh);
                    head += Integer.BYTES;
                    length += Integer.BYTES;
                }
                int from = packet.esn ? packet.header + SPI_OCTETS : packet.header;
                RawMemory.put(at + head, packet.array, from, length - head);
                hashed = length;
            }
            case BODY -> {
                length = packet.bodyLength;
                RawMemory.put(at, packet.array, packet.body, length);
                hashed = length;
            }
            default -> {
                length = packet.aadLength;
                RawMemory.put(at, packet.aad, 0, length);
                hashed = length;
            }
        }
        cursor = (at + length + Integer.BYTES + LINE - 1) & -LINE;
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
        RawMemory.putInt(job + JOB_DIRECTION, context.encrypting ? ENCRYPT : DECRYPT);
        RawMemory.putInt(job + JOB_HASH, algorithm.hash());
        RawMemory.putInt(job + JOB_ORDER, context.encrypting ? CIPHER_THEN_HASH : HASH_THEN_CIPHER);
        RawMemory.putInt(job + JOB_SGL_STATE, 0);
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
        if (!sealing && !isSame(tag(i), packet.array, packet.icv, icvOctets)) {
            return false;
        }
        if (algorithm.changesBody()) {
            long body = staged[i];
            if (algorithm.covers() == IpsecMbAlgorithm.Covers.ESP) {
                body += packet.body - packet.header;
            }
            RawMemory.get(body, packet.array, packet.body, packet.bodyLength);
        }
        if (sealing) {
            RawMemory.get(tag(i), packet.array, packet.icv, icvOctets);
        }
        return true;
    }

    /** In a time that tells nothing about where they differ. */
    private static boolean isSame(long computed, byte[] array, int at, int octets) {
        int difference = 0;
        for (int i = 0; i < octets; i++) {
            difference |= RawMemory.getByte(computed + i) ^ array[at + i];
        }
        return difference == 0;
    }
}
