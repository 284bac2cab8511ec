package org.spigrp.daemon;

/** The control socket cannot be opened. The message says what, why, and how to mend it. */
public final class ControlTrouble extends RuntimeException {
    private static final long serialVersionUID = 1;

    ControlTrouble(String say) {
        super(say, null, false, false);
    }

    /** One line for people. */
    public String say() {
        return String.valueOf(getMessage());
    }
}
