package org.spigrp.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/*
 * The functions of the C library that we call, with their results in the way of the kernel: what they return, or
 * -errno.
 *
 * All of them go through one method handle that takes six integers in registers. The linker makes code for every new
 * shape of a function, some milliseconds each, and a daemon that is slow to start leaves the host without traffic. It is
 * right because of what the calling conventions of x86-64 and AArch64 Linux have in common: up to six integer arguments
 * go in registers, a callee reads only those it declares and only the lower half of an int; variadic functions (ioctl,
 * open) find theirs in the same registers. (On x86-64 they also want the number of vector registers in al; the
 * linker of the JDK sets it in every call.)
 *
 * Pointers travel as numbers, so that a call on the packet path makes neither slices nor counts of users of an arena.
 * The caller keeps the memory alive: ports hold their arena, and their methods and close exclude each other.
 *
 * An instance has the place where errno is kept and belongs to one thread at a time.
 */
@SuppressWarnings("restricted") // calling the C library is what this module is for
final class Libc {
    static final boolean IS_X86 = switch (System.getProperty("os.arch", "")) {
        case "amd64", "x86_64" -> true;
        default -> false;
    };

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle CALL = LINKER.downcallHandle(
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            Linker.Option.captureCallState("errno"));

    private static final MemorySegment OPEN = symbol("open");
    private static final MemorySegment CLOSE = symbol("close");
    private static final MemorySegment READ = symbol("read");
    private static final MemorySegment WRITE = symbol("write");
    private static final MemorySegment IOCTL = symbol("ioctl");
    private static final MemorySegment SOCKET = symbol("socket");
    private static final MemorySegment BIND = symbol("bind");
    private static final MemorySegment GETSOCKNAME = symbol("getsockname");
    private static final MemorySegment SETSOCKOPT = symbol("setsockopt");
    private static final MemorySegment SEND = symbol("send");
    private static final MemorySegment RECV = symbol("recv");
    private static final MemorySegment SENDMMSG = symbol("sendmmsg");
    private static final MemorySegment RECVMMSG = symbol("recvmmsg");
    private static final MemorySegment PPOLL = symbol("ppoll");
    private static final MemorySegment EVENTFD = symbol("eventfd");
    private static final MemorySegment EPOLL_CREATE1 = symbol("epoll_create1");
    private static final MemorySegment EPOLL_CTL = symbol("epoll_ctl");
    private static final MemorySegment EPOLL_WAIT = symbol("epoll_wait");
    private static final MemorySegment MMAP = symbol("mmap");
    private static final MemorySegment MUNMAP = symbol("munmap");
    private static final MemorySegment MPROTECT = symbol("mprotect");
    private static final MemorySegment MADVISE = symbol("madvise");
    private static final MemorySegment SYSCALL = symbol("syscall");
    private static final MemorySegment IF_NAMETOINDEX = symbol("if_nametoindex");
    private static final MemorySegment IF_INDEXTONAME = symbol("if_indextoname");

    private static final int PROT_READ_AND_WRITE = 3;
    private static final int PROT_READ_AND_EXEC = 5;
    private static final int MAP_PRIVATE_AND_ANONYMOUS = 0x22;
    private static final int MADV_HUGEPAGE = 14;
    /** Calls without a function in every C library. */
    private static final int SCHED_SETATTR = IS_X86 ? 314 : 274;

    private static final int SCHED_GETATTR = IS_X86 ? 315 : 275;

    private final MemorySegment state;

    Libc(Arena arena) {
        state = arena.allocate(Linker.Option.captureStateLayout());
    }

    private static MemorySegment symbol(String name) {
        return LINKER.defaultLookup().findOrThrow(name);
    }

    int open(MemorySegment path, int flags) {
        return (int) call(OPEN, path.address(), flags, 0, 0, 0, 0);
    }

    /** There is nothing to do about an error: the descriptor is gone in any case. */
    void close(int fd) {
        call(CLOSE, fd, 0, 0, 0, 0, 0);
    }

    int read(int fd, long to, int count) {
        return (int) call(READ, fd, to, count, 0, 0, 0);
    }

    int write(int fd, long from, int count) {
        return (int) call(WRITE, fd, from, count, 0, 0, 0);
    }

    int ioctl(int fd, int request, long argument) {
        return (int) call(IOCTL, fd, Integer.toUnsignedLong(request), argument, 0, 0, 0);
    }

    int socket(int domain, int type, int protocol) {
        return (int) call(SOCKET, domain, type, protocol, 0, 0, 0);
    }

    int bind(int fd, MemorySegment address) {
        return (int) call(BIND, fd, address.address(), address.byteSize(), 0, 0, 0);
    }

    int getsockname(int fd, long address, long length) {
        return (int) call(GETSOCKNAME, fd, address, length, 0, 0, 0);
    }

    int setsockopt(int fd, int level, int name, long value, int length) {
        return (int) call(SETSOCKOPT, fd, level, name, value, length, 0);
    }

    int send(int fd, long from, int count, int flags) {
        return (int) call(SEND, fd, from, count, flags, 0, 0);
    }

    int recv(int fd, long to, int count, int flags) {
        return (int) call(RECV, fd, to, count, flags, 0, 0);
    }

    int sendmmsg(int fd, long messages, int count, int flags) {
        return (int) call(SENDMMSG, fd, messages, count, flags, 0, 0);
    }

    int recvmmsg(int fd, long messages, int count, int flags) {
        return (int) call(RECVMMSG, fd, messages, count, flags, 0, 0);
    }

    /** @param timeout address of a timespec, 0 = for ever */
    int ppoll(long descriptors, int count, long timeout) {
        return (int) call(PPOLL, descriptors, count, timeout, 0, 0, 0);
    }

    int eventfd(int flags) {
        return (int) call(EVENTFD, 0, flags, 0, 0, 0, 0);
    }

    int epollCreate(int flags) {
        return (int) call(EPOLL_CREATE1, flags, 0, 0, 0, 0, 0);
    }

    int epollCtl(int epoll, int operation, int fd, long event) {
        return (int) call(EPOLL_CTL, epoll, operation, fd, event, 0, 0);
    }

    /** Does not wait. */
    int epollWait(int epoll, long events, int count) {
        return (int) call(EPOLL_WAIT, epoll, events, count, 0, 0, 0);
    }

    /** Private memory of its own: its address. */
    long mmap(long octets) {
        return call(MMAP, 0, octets, PROT_READ_AND_WRITE, MAP_PRIVATE_AND_ANONYMOUS, -1, 0);
    }

    /** Memory of mmap becomes code that cannot be written any more. */
    int allowToRun(long address, long octets) {
        return (int) call(MPROTECT, address, octets, PROT_READ_AND_EXEC, 0, 0, 0);
    }

    void munmap(long address, long octets) {
        call(MUNMAP, address, octets, 0, 0, 0, 0);
    }

    /** A wish: a kernel without huge pages says no, and that is no loss. */
    void adviseHugePages(long address, long octets) {
        call(MADVISE, address, octets, MADV_HUGEPAGE, 0, 0, 0);
    }

    /** Of the calling thread, from a {@code sched_attr}. */
    int schedSetattr(long attributes) {
        return (int) call(SYSCALL, SCHED_SETATTR, 0, attributes, 0, 0, 0);
    }

    int schedGetattr(long attributes, int octets) {
        return (int) call(SYSCALL, SCHED_GETATTR, 0, attributes, octets, 0, 0);
    }

    int ifNameToIndex(MemorySegment name) {
        return (int) call(IF_NAMETOINDEX, name.address(), 0, 0, 0, 0, 0);
    }

    /** True if there is such an interface; its name is then in {@code name}. */
    boolean ifIndexToName(int index, MemorySegment name) {
        return call(IF_INDEXTONAME, index, name.address(), 0, 0, 0, 0) > 0;
    }

    private long call(MemorySegment function, long a, long b, long c, long d, long e, long f) {
        try {
            long result = (long) CALL.invokeExact(function, state, a, b, c, d, e, f);
            // Functions that return an int leave the upper half of the register undefined.
            return (int) result == -1 ? -state.get(JAVA_INT, 0) : result;
        } catch (Throwable thrown) {
            throw new IllegalStateException("a call of the C library ended oddly", thrown);
        }
    }
}
