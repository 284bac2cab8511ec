package org.spigrp.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/*
 * How functions of ipsec-mb are called. A handle is for a shape of function, not for a function: one for GCM of either
 * direction and any key, one for bursts of our own jobs, one for all the rest. They are critical: the calls take some
 * microseconds, a burst of 64 large packets some twenty, and never call back. GCM takes the packet and a burst its jobs where
 * they are, in arrays on the heap.
 */
@SuppressWarnings("restricted") // calling the library is what this class is for
final class IpsecMbCalls {
    private static final Linker LINKER = Linker.nativeLinker();

    /** (key, context, out, in, octets, IV, AAD, octets of it, ICV, octets of it): {@code aes_gcm_enc_dec_t}. */
    static final MethodHandle GCM = LINKER.downcallHandle(
            FunctionDescriptor.ofVoid(
                    JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                    JAVA_LONG),
            Linker.Option.critical(true));

    /** Up to four numbers and addresses outside the heap, and a number back. */
    private static final MethodHandle PLAIN = LINKER.downcallHandle(
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            Linker.Option.critical(false));

    /**
     * (manager, jobs, how many, algorithm, direction, octets of the key): {@code submit_cipher_burst_t} and of a hash. Made
     * when it is needed: a group with GCM alone is not.
     */
    private static final class Burst {
        static final MethodHandle HANDLE = LINKER.downcallHandle(
                FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
                Linker.Option.critical(true));
    }

    private IpsecMbCalls() {}

    /** The function that a manager's table has at this place. */
    static MemorySegment function(long manager, int place) {
        return MemorySegment.ofAddress(RawMemory.getLong(manager + place));
    }

    /** Of a function without a result the number says nothing. */
    static long call(MemorySegment function, long a, long b, long c, long d) {
        try {
            return (long) PLAIN.invokeExact(function, a, b, c, d);
        } catch (Throwable thrown) {
            throw broken(thrown);
        }
    }

    /** How many of the jobs were done; of a burst of hashes the last two say nothing. */
    static int burst(
            MemorySegment function,
            long manager,
            MemorySegment jobs,
            int count,
            int algorithm,
            int direction,
            int keyOctets) {
        try {
            return (int) Burst.HANDLE.invokeExact(function, manager, jobs, count, algorithm, direction, keyOctets);
        } catch (Throwable thrown) {
            throw broken(thrown);
        }
    }

    static IllegalStateException broken(Throwable thrown) {
        return new IllegalStateException("a call of ipsec-mb ended oddly", thrown);
    }
}
