package org.spigrp.engine.capture;

/** A capture that cannot be read or written; the message is one line for the user and names the file. */
public final class CaptureTrouble extends RuntimeException {
    private static final long serialVersionUID = 1;

    public CaptureTrouble(String say) {
        super(say);
    }

    public CaptureTrouble(String say, Throwable cause) {
        super(say, cause);
    }
}
