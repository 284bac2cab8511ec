package org.spigrp.linux;

/** Numbers of errno(3) that we know the meaning of. The same on x86-64 and AArch64. */
public enum Errno {
    EPERM(1, "not permitted"),
    ENOENT(2, "no such file or object"),
    ESRCH(3, "no such object"),
    EINTR(4, "interrupted"),
    EIO(5, "input/output error, or the interface is down"),
    ENXIO(6, "no such device"),
    EBADF(9, "descriptor is closed"),
    EAGAIN(11, "queue is full"),
    ENOMEM(12, "no memory"),
    EACCES(13, "permission denied"),
    EFAULT(14, "bad address"),
    EBUSY(16, "in use"),
    EEXIST(17, "exists already"),
    ENODEV(19, "no such device"),
    EINVAL(22, "not valid"),
    ENFILE(23, "too many files are open on this host"),
    EMFILE(24, "too many files are open in this process"),
    ENOSPC(28, "no space left"),
    EBADFD(77, "device is gone"),
    EMSGSIZE(90, "longer than the interface takes"),
    ENOPROTOOPT(92, "option is not known"),
    EPROTONOSUPPORT(93, "protocol is not known"),
    EOPNOTSUPP(95, "not supported"),
    EAFNOSUPPORT(97, "address family is not there"),
    EADDRINUSE(98, "address is in use"),
    EADDRNOTAVAIL(99, "address is not of this host"),
    ENETDOWN(100, "network is down"),
    ENETUNREACH(101, "no route to the network"),
    ENOBUFS(105, "no buffer space"),
    EHOSTDOWN(112, "host is down"),
    EHOSTUNREACH(113, "no route to the host");

    private final int number;
    private final String text;

    Errno(int number, String text) {
        this.number = number;
        this.text = text;
    }

    public int number() {
        return number;
    }

    /** {@code EPERM (not permitted)}; {@code errno 200} for what is not known here. */
    public static String text(int number) {
        for (Errno errno : values()) {
            if (errno.number == number) {
                return errno + " (" + errno.text + ")";
            }
        }
        return "errno " + number;
    }

    /** True if a result in the way of {@code Libc} says this. */
    boolean is(int result) {
        return result == -number;
    }
}
