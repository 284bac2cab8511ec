package org.spigrp.command;

import org.spigrp.command.Outcome.Reason;

/**
 * Ends a change from within its rules; {@link Registry} turns it into {@link Outcome.Refused}. Never leaves the
 * package, and costs no stack trace: a script may be refused line by line.
 */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Reason reason;
    private final String say;

    Refusal(Reason reason, String say) {
        super(say, null, false, false);
        this.reason = reason;
        this.say = say;
    }

    Outcome.Refused outcome(int at) {
        return new Outcome.Refused(reason, say, at);
    }
}
