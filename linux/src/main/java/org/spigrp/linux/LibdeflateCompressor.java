package org.spigrp.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.spigrp.engine.Compressor;

/*
 * A compressor of libdeflate's. Packets are copied to memory outside the heap and back: beside the compression that is
 * nothing, and the collector need not wait for the call.
 */
@SuppressWarnings("restricted") // calling the library is what this class is for
final class LibdeflateCompressor implements Compressor {
    /** The library's own choice. Level 4 saves a fifth of the time and its streams are half a hundredth larger. */
    static final int LEVEL = 6;

    private static final int STAGE_OCTETS = 1 << 11;
    /** libdeflate may give up when fewer octets than these are left, though the stream would fit. */
    private static final int MARGIN_OCTETS = 64;

    /** Up to five numbers and addresses, and a number back: one shape for all functions, see Libc. */
    private static final MethodHandle CALL = Linker.nativeLinker()
            .downcallHandle(FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));

    private final LibdeflateProvider.Functions functions;
    private final Arena arena = Arena.ofShared(); // a worker may be closed by another thread than its own
    private final long in = arena.allocate(STAGE_OCTETS, 64).address();
    private final long out;
    private final int roomOctets = 2 * STAGE_OCTETS + MARGIN_OCTETS;
    /** Address of the library's state; 0 when it was given back. */
    private long compressor;

    LibdeflateCompressor(LibdeflateProvider.Functions functions) {
        this.functions = functions;
        out = arena.allocate(roomOctets, 64).address();
        compressor = call(functions.allocate(), LEVEL, 0, 0, 0, 0);
        if (compressor == 0) {
            arena.close();
            throw new OutOfMemoryError("no memory for a compressor of libdeflate");
        }
    }

    @Override
    public int compress(byte[] array, int from, int count, byte[] into, int most) {
        if (compressor == 0) {
            throw new IllegalStateException("a compressor was used after it was closed");
        }
        if (count > STAGE_OCTETS) {
            throw new IllegalArgumentException(count + " octets for a stage of " + STAGE_OCTETS);
        }
        RawMemory.put(in, array, from, count);
        int room = Math.min(roomOctets, most + MARGIN_OCTETS);
        int size = (int) call(functions.compress(), compressor, in, count, out, room);
        if (size == 0 || size > most) {
            return -1;
        }
        RawMemory.get(out, into, 0, size);
        return size;
    }

    @Override
    public void close() {
        if (compressor != 0) {
            call(functions.free(), compressor, 0, 0, 0, 0);
            compressor = 0;
            arena.close();
        }
    }

    private static long call(MemorySegment function, long a, long b, long c, long d, long e) {
        try {
            return (long) CALL.invokeExact(function, a, b, c, d, e);
        } catch (Throwable thrown) {
            throw new IllegalStateException("a call of libdeflate ended oddly", thrown);
        }
    }
}
