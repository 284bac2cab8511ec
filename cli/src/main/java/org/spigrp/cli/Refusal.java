package org.spigrp.cli;

import org.jspecify.annotations.Nullable;

/** The end of a command that cannot be done: what goes to stderr behind the command's name, and the exit code. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** The user can mend it. */
    static final int REFUSED = 1;
    /** The machine said no. */
    static final int FAILED = 2;

    private final int exit;
    private final transient @Nullable Call culprit;

    Refusal(String say) {
        this(say, REFUSED);
    }

    Refusal(String say, int exit) {
        this(say, exit, null);
    }

    /**
     * @param culprit the command that asked for it, where that is not the one that runs: in a script an earlier one
     */
    Refusal(String say, int exit, @Nullable Call culprit) {
        super(say, null, false, false); // never shown as a trace, so none is made
        this.exit = exit;
        this.culprit = culprit;
    }

    /** The command that asked for what cannot be done, if not {@code running}. */
    Call culpritOr(Call running) {
        return culprit == null ? running : culprit;
    }

    int exit() {
        return exit;
    }

    String say() {
        return String.valueOf(getMessage());
    }
}
