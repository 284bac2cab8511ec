package org.spigrp.command;

/** The disk did not take a change; nothing of it was done. Becomes an {@link Outcome.Failed}. */
public final class NotDurable extends RuntimeException {
    private static final long serialVersionUID = 1;

    public NotDurable(String say, Throwable cause) {
        super(say, cause);
    }
}
