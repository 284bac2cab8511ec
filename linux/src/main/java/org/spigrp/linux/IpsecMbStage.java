package org.spigrp.linux;

import org.spigrp.engine.CryptoJob;

/**
 * Packets outside the heap. The library keeps pointers into all packets of a burst, and arrays on the heap may move between
 * two calls; so packets are copied to a stage, and back when they are done; what is opened, only if its ICV was right.
 *
 * <pre>
 * ESP       | header, IV, body | ESN high |
 * ESP_GMAC  | SPI | ESN high | sequence number, IV, body |
 * BODY      | body |
 * AH        | head | body | ESN high |
 * </pre>
 */
final class IpsecMbStage {
    private static final int SPI_OCTETS = 4;

    private IpsecMbStage() {}

    /** How many octets a packet may need. */
    static int octets(CryptoJob job, IpsecMbAlgorithm.Covers covers) {
        int head = covers == IpsecMbAlgorithm.Covers.AH ? job.aadLength : job.body - job.header;
        return head + job.bodyLength + Integer.BYTES;
    }

    /**
     * Copies what of a packet the library has to see.
     *
     * @return how many octets
     */
    static int put(CryptoJob job, IpsecMbAlgorithm.Covers covers, long at) {
        return switch (covers) {
            case ESP -> {
                int length = job.body + job.bodyLength - job.header;
                RawMemory.put(at, job.array, job.header, length);
                yield length + putEsn(job, at + length);
            }
            case ESP_GMAC -> {
                int head = job.esn ? SPI_OCTETS : 0;
                int length = job.body + job.bodyLength - job.header;
                RawMemory.put(at, job.array, job.header, head);
                int esn = putEsn(job, at + head);
                RawMemory.put(at + head + esn, job.array, job.header + head, length - head);
                yield length + esn;
            }
            case BODY -> {
                RawMemory.put(at, job.array, job.body, job.bodyLength);
                yield job.bodyLength;
            }
            case AH -> {
                int length = job.aadLength + job.bodyLength;
                RawMemory.put(at, job.aad, 0, job.aadLength);
                RawMemory.put(at + job.aadLength, job.array, job.body, job.bodyLength);
                yield length + putEsn(job, at + length);
            }
        };
    }

    private static int putEsn(CryptoJob job, long at) {
        if (!job.esn) {
            return 0;
        }
        RawMemory.putInt32(at, job.esnHigh);
        return Integer.BYTES;
    }

    /** Copies back what the cipher changed; {@code at} is where the packet is on the stage. */
    static void getBody(CryptoJob job, IpsecMbAlgorithm algorithm, long at) {
        if (algorithm.changesBody()) {
            long body = algorithm.covers() == IpsecMbAlgorithm.Covers.ESP ? at + job.body - job.header : at;
            RawMemory.get(body, job.array, job.body, job.bodyLength);
        }
    }
}
