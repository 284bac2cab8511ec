package org.spigrp.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;

/*
 * Has memory outside the heap fetched into the cache while the program goes on. To read it is to wait for it, and Java has no
 * other word; the processor has one, and so this class brings 25 octets of machine code along.
 *
 * Nothing is read by it, so no address is a wrong one. The kernel must let memory that was written be run, as it must for the
 * JVM's own compilers; where it does not, and on other processors, nothing is fetched ahead and all else is the same.
 */
final class Prefetch {
    /** Octets of a line. */
    static final int LINE = 64;

    /** For each line of rdi..rsi, and then of rdx..rcx; the first of each in any case. */
    private static final byte[] CODE = HexFormat.of()
            .parseHex(
                    "0f180f" // prefetcht0 [rdi]
                            + "4883c740" // add rdi, 64
                            + "4839f7" // cmp rdi, rsi
                            + "72f4" // jb to the first
                            + "0f180a" // prefetcht0 [rdx]
                            + "4883c240" // add rdx, 64
                            + "4839ca" // cmp rdx, rcx
                            + "72f4" // jb to the second prefetch
                            + "c3"); // ret

    /** {@link MemorySegment#NULL} where there is none. */
    private static final MemorySegment FUNCTION = Libc.IS_X86 ? load() : MemorySegment.NULL;

    private Prefetch() {}

    /** One page, for as long as the program runs. */
    private static MemorySegment load() {
        try (Arena arena = Arena.ofConfined()) {
            var libc = new Libc(arena);
            long page = libc.mmap(CODE.length);
            if (page < 0) {
                return MemorySegment.NULL;
            }
            RawMemory.put(page, CODE, 0, CODE.length);
            if (libc.allowToRun(page, CODE.length) < 0) {
                libc.munmap(page, CODE.length);
                return MemorySegment.NULL;
            }
            return MemorySegment.ofAddress(page);
        }
    }

    static boolean isPossible() {
        return FUNCTION.address() != 0;
    }

    /** The lines of two pieces of memory. */
    static void lines(long from, long to, long from2, long to2) {
        if (isPossible()) {
            IpsecMbCalls.call(FUNCTION, from, to, from2, to2);
        }
    }
}
