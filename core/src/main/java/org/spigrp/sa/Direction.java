package org.spigrp.sa;

/** Which way packets go through an SA. */
public enum Direction {
    IN,
    OUT,
    /**
     * Not said ({@code --direction} was not given) and the destination is not an address of this host: what is sent
     * by an eroute goes out through it, what arrives for it comes in. Listed as {@code out}.
     */
    AUTO;

    public boolean maySend() {
        return this != IN;
    }

    public boolean mayReceive() {
        return this != OUT;
    }
}
