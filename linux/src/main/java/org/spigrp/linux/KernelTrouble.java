package org.spigrp.linux;

/** The kernel said no. The message says what was asked, why it was refused, and how to mend it. */
public final class KernelTrouble extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int errno;

    /** @param errno as in errno(3), 0 where it was no system call that failed */
    public KernelTrouble(String say, int errno) {
        super(say);
        this.errno = errno;
    }

    public int errno() {
        return errno;
    }

    /** One line for people. */
    public String say() {
        return String.valueOf(getMessage());
    }
}
