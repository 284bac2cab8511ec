package org.spigrp.engine.capture;

/** A capture that cannot be read or written; the message is one line for the user and names the file. */
public final class CaptureTrouble extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final boolean machine;

    /** The input is at fault. */
    public CaptureTrouble(String say) {
        super(say);
        machine = false;
    }

    /** The machine is at fault. */
    CaptureTrouble(String say, Throwable cause) {
        super(say, cause);
        machine = true;
    }

    /** True if the machine said no (a full disk), false if the input is not what it should be. */
    public boolean isMachine() {
        return machine;
    }
}
