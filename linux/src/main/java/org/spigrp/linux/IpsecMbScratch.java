package org.spigrp.linux;

import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.spigrp.engine.CryptoJob;

/**
 * The small things of up to {@link #JOBS} packets, outside the heap; one for each lane.
 *
 * <p>Nonces and AADs are written for all packets before the first call. The library reads 16 octets at once what is
 * written here in pieces, and a processor that has to put them together from stores that are still on their way stands
 * still for as long as a short packet takes (measured: 47 ns a packet of 64 octets, and 27 in this order).
 *
 * <pre>
 * 0 nonce  | salt 4 | explicit IV 8 |      16 AAD  | SPI | [sequence high] | sequence low |
 * </pre>
 */
final class IpsecMbScratch {
    static final int JOBS = 64;
    private static final long LINE = 64;
    static final int NONCE_OCTETS = 12;
    private static final int AAD = 16;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());

    private final long lines;
    /** Full length, 16 octets. */
    final long icv;

    final long gcmContext;

    IpsecMbScratch(Arena arena) {
        lines = arena.allocate((JOBS + 4) * LINE, LINE).address();
        icv = lines + JOBS * LINE;
        gcmContext = icv + LINE;
    }

    long nonce(int index) {
        return lines + index * LINE;
    }

    long aad(int index) {
        return nonce(index) + AAD;
    }

    static int aadOctets(CryptoJob job) {
        return job.esn ? 12 : 8;
    }

    void prepare(int index, int salt, CryptoJob job) {
        byte[] array = job.array;
        long line = nonce(index);
        RawMemory.putInt(line, salt);
        RawMemory.putLong(line + 4, (long) LONG.get(array, job.iv));
        long aad = line + AAD;
        if (job.esn) {
            RawMemory.putInt(aad, (int) INT.get(array, job.header));
            RawMemory.putInt32(aad + 4, job.esnHigh);
            RawMemory.putInt(aad + 8, (int) INT.get(array, job.header + 4));
        } else {
            RawMemory.putLong(aad, (long) LONG.get(array, job.header));
        }
    }
    /** The first octets of the ICV, into the packet. */
    void giveIcv(CryptoJob job, int octets) {
        byte[] array = job.array;
        int at = job.icv;
        LONG.set(array, at, RawMemory.getLong(icv));
        if (octets == 16) {
            LONG.set(array, at + 8, RawMemory.getLong(icv + 8));
        } else if (octets == 12) {
            INT.set(array, at + 8, RawMemory.getInt(icv + 8));
        }
    }

    /** Whether the packet has these very octets; in a time that tells nothing about where they differ. */
    boolean isIcv(CryptoJob job, int octets) {
        byte[] array = job.array;
        int at = job.icv;
        long difference = (long) LONG.get(array, at) ^ RawMemory.getLong(icv);
        if (octets == 16) {
            difference |= (long) LONG.get(array, at + 8) ^ RawMemory.getLong(icv + 8);
        } else if (octets == 12) {
            difference |= (int) INT.get(array, at + 8) ^ RawMemory.getInt(icv + 8);
        }
        return difference == 0;
    }
}
