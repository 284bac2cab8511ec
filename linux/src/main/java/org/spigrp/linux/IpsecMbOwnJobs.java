package org.spigrp.linux;

import static org.spigrp.linux.IpsecMbPlaces.*;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.spigrp.engine.CryptoJob;

/*
 * Bursts of jobs of one algorithm, a burst for the cipher and one for the hash. The library has them for AES-CBC, AES-CTR
 * and HMAC-SHA; all the rest goes by IpsecMbBurst. So do packets that are larger than a place on the stage.
 *
 * The library's structures of jobs are here an array on the heap: it takes them by a pointer that holds for one call. Each
 * job has its place on the stage. What is the same for all packets of an algorithm is written when a job is first used for
 * it, and stays; lengths and keys are written for each packet. Keys always: the memory of those that a job had last may be
 * another SA's by now.
 *
 *   stage   | 33 lines of 64 octets: header, IV, body, then ESN high while it is hashed, then the ICV | next packet ...
 */
final class IpsecMbOwnJobs {
    private static final int JOBS = IpsecMbScratch.JOBS;
    private static final int LINE = 64;
    /** An odd number of lines, so that the beginnings of packets are spread over the cache. */
    private static final int PLACE_OCTETS = 33 * LINE;

    private static final int MAX_TAG = 64;
    private static final int ESP_HEADER = 8;
    private static final int JOB_WORDS = IpsecMb.used().jobOctets() / Long.BYTES;

    private final long manager;
    /** Nonces. That of the lane holds those of GCM's packets already. */
    private final IpsecMbScratch scratch;

    private final MemorySegment cipherBurst;
    private final MemorySegment hashBurst;
    private final long stage;
    private final long[] jobs = new long[JOBS * JOB_WORDS];
    private final MemorySegment jobsAddress = MemorySegment.ofArray(jobs);
    /** Of each job: what it was written for. */
    private final @Nullable IpsecMbAlgorithm[] written = new IpsecMbAlgorithm[JOBS];

    private final CryptoJob[] packets = new CryptoJob[JOBS];
    private final IpsecMbChain[] contexts = new IpsecMbChain[JOBS];
    private int count;
    /** The packets of the burst that is being made, all of one algorithm. */
    private final CryptoJob[] takenPackets = new CryptoJob[JOBS];

    IpsecMbOwnJobs(Arena arena, long manager) {
        this.manager = manager;
        scratch = new IpsecMbScratch(arena);
        cipherBurst = IpsecMbCalls.function(manager, SUBMIT_CIPHER_BURST);
        hashBurst = IpsecMbCalls.function(manager, SUBMIT_HASH_BURST);
        stage = arena.allocate((long) JOBS * PLACE_OCTETS, LINE).address();
    }

    /** Forgets what a batch before, which ended in a fault of this program, may have left. */
    void begin() {
        count = 0;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Takes a packet in whose length is right, if it is one for these jobs. */
    boolean add(CryptoJob job, IpsecMbChain context) {
        IpsecMbAlgorithm algorithm = context.algorithm;
        if (!algorithm.hasOwnJobs() || IpsecMbStage.octets(job, algorithm.covers()) > PLACE_OCTETS - MAX_TAG) {
            return false;
        }
        packets[count] = job;
        contexts[count] = context;
        count++;
        return true;
    }

    /**
     * Does all that was added: a burst, or two, for each algorithm.
     *
     * <p>In one piece: HotSpot inlines no method that is as long as this, and what is called from here is then inlined to the
     * end. Shorter methods would be inlined into the engine's loop over packets, many levels down, where the copying is
     * left as calls.
     */
    @SuppressWarnings("ReferenceEquality") // an engine has one algorithm for each suite
    void run(boolean sealing) {
        while (count > 0) {
            IpsecMbAlgorithm algorithm = contexts[0].algorithm;
            boolean changesBody = algorithm.changesBody();
            boolean hasNonce = algorithm.hasNonce();
            int hashKeys = algorithm.hashKeys();
            int second = algorithm.second();
            int taken = 0;
            int left = 0;
            for (int i = 0; i < count; i++) {
                CryptoJob packet = packets[i];
                IpsecMbChain context = contexts[i];
                if (context.algorithm != algorithm) { // it is left for later
                    packets[left] = packet;
                    contexts[left++] = context;
                    continue;
                }
                if (written[taken] != algorithm) {
                    write(taken, algorithm);
                }
                long key = context.key();
                long at = place(taken);
                int job = taken * JOB_WORDS;
                int length = IpsecMbStage.put(packet, algorithm.covers(), at);
                if (changesBody) {
                    int cipherAt = packet.body - packet.header;
                    put(job, JOB_ENC_KEYS, key);
                    put(job, JOB_DEC_KEYS, key);
                    put(job, JOB_DESTINATION, at + cipherAt);
                    put(job, JOB_CIPHER_OFFSET, cipherAt);
                    put(job, JOB_CIPHER_LENGTH, packet.bodyLength);
                    if (hasNonce) {
                        scratch.prepare(taken, context.salt, packet);
                    }
                }
                put(job, JOB_HASH_LENGTH, length);
                put(job, JOB_TAG, at + length - (packet.esn ? Integer.BYTES : 0));
                put(job, JOB_HASH_FIELDS, key + hashKeys);
                put(job, JOB_HASH_FIELDS + Long.BYTES, key + second);
                takenPackets[taken++] = packet;
            }
            count = left;
            if (process(algorithm, taken, sealing)) {
                int octets = algorithm.icvOctets();
                for (int i = 0; i < taken; i++) {
                    give(takenPackets[i], jobs[i * JOB_WORDS + JOB_TAG / Long.BYTES], octets, changesBody, sealing);
                }
            }
        }
    }

    /** Of packets that are opened, the body only if the ICV was right. */
    private static void give(CryptoJob packet, long tag, int icvOctets, boolean changesBody, boolean sealing) {
        packet.ok = sealing || RawMemory.isSame(tag, packet.array, packet.icv, icvOctets);
        int bodyLength = changesBody && packet.ok ? packet.bodyLength : 0;
        int octets = sealing ? bodyLength + icvOctets : bodyLength; // the ICV is right behind the body
        if (octets > 0) {
            RawMemory.get(tag - bodyLength, packet.array, packet.icv - bodyLength, octets);
        }
    }

    /** What packets of an algorithm have in common. */
    private void write(int i, IpsecMbAlgorithm algorithm) {
        int job = i * JOB_WORDS;
        long at = place(i);
        written[i] = algorithm;
        Arrays.fill(jobs, job, job + JOB_WORDS, 0);
        put(job, JOB_KEY_LENGTH, algorithm.keyOctets());
        put(job, JOB_SOURCE, at);
        put(job, JOB_IV, algorithm.hasNonce() ? scratch.nonce(i) : at + ESP_HEADER);
        put(job, JOB_IV_LENGTH, algorithm.ivOctets());
        put(job, JOB_TAG_LENGTH, algorithm.tagOctets());
        put(job, JOB_STATUS, (long) algorithm.cipher() << 32); // JOB_CIPHER_MODE is its upper half
        put(job, JOB_DIRECTION, (long) algorithm.hash() << 32); // and so is JOB_HASH
    }

    private void put(int job, int field, long value) {
        jobs[job + field / Long.BYTES] = value;
    }

    private boolean process(IpsecMbAlgorithm algorithm, int taken, boolean sealing) {
        return sealing
                ? cipher(algorithm, taken, ENCRYPT) && hash(algorithm, taken)
                : hash(algorithm, taken) && cipher(algorithm, taken, DECRYPT);
    }

    private boolean cipher(IpsecMbAlgorithm algorithm, int taken, int direction) {
        if (!algorithm.changesBody()) {
            return true;
        }
        int octets = algorithm.keyOctets();
        return IpsecMbCalls.burst(cipherBurst, manager, jobsAddress, taken, algorithm.cipher(), direction, octets)
                == taken;
    }

    private boolean hash(IpsecMbAlgorithm algorithm, int taken) {
        return algorithm.hash() == HASH_NULL
                || IpsecMbCalls.burst(hashBurst, manager, jobsAddress, taken, algorithm.hash(), 0, 0) == taken;
    }

    private long place(int i) {
        return stage + (long) i * PLACE_OCTETS;
    }
}
