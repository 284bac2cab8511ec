package org.spigrp.sa;

/** Which way packets go through an SA. */
public enum Direction {
    IN,
    OUT,
    /**
     * Not said ({@code --direction} was not given): what is sent by an eroute goes out through it, what arrives for it
     * comes in. Listed as {@code out}.
     */
    AUTO,
    /** As {@link #AUTO}, but the destination is an address of this host, so it is meant to receive. Listed as in. */
    LOCAL;

    public boolean maySend() {
        return this != IN;
    }

    public boolean mayReceive() {
        return this != OUT;
    }

    /** How it is listed, and what {@code --seq} speaks of: true = the highest number received. */
    public boolean isInbound() {
        return this == IN || this == LOCAL;
    }
}
