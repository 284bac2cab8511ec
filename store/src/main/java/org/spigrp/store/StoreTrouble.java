package org.spigrp.store;

/**
 * The state directory cannot be used: held by another command, damaged, from a newer version, not writable. The message
 * is one line for the user: it names the path, says why, and how to mend it. Nothing was changed.
 */
public final class StoreTrouble extends RuntimeException {
    private static final long serialVersionUID = 1;

    public StoreTrouble(String say) {
        super(say);
    }

    public StoreTrouble(String say, Throwable cause) {
        super(say, cause);
    }

    /** The line for stderr. */
    public String say() {
        return String.valueOf(getMessage());
    }
}
