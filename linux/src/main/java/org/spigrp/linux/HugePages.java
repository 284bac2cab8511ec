package org.spigrp.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory straight from the kernel, at a multiple of its size, that the kernel is asked to back by huge pages. */
@SuppressWarnings("restricted") // an address of the kernel's becomes memory
final class HugePages {
    private HugePages() {}

    /**
     * Zeros, until the arena goes.
     *
     * @param octets a power of two, at least a page
     */
    static MemorySegment allocate(Arena arena, long octets) {
        var libc = new Libc(arena);
        long mapped = libc.mmap(2 * octets);
        if (mapped < 0) {
            throw new OutOfMemoryError("the kernel gives no memory for keys (errno " + -mapped + ")");
        }
        long start = (mapped + octets - 1) & -octets;
        if (start > mapped) {
            libc.munmap(mapped, start - mapped);
        }
        long after = mapped + 2 * octets - (start + octets);
        if (after > 0) {
            libc.munmap(start + octets, after);
        }
        libc.adviseHugePages(start, octets);
        return MemorySegment.ofAddress(start)
                .reinterpret(octets, arena, memory -> new Libc(Arena.ofAuto()).munmap(memory.address(), octets));
    }
}
