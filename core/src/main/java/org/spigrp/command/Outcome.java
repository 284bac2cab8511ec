package org.spigrp.command;

import java.util.List;

/** How a change ended. */
public sealed interface Outcome {
    /** Done whole. Notices are warnings for stderr, one line each. */
    record Done(List<String> notices) implements Outcome {
        public static final Done QUIETLY = new Done(List.of());

        public Done {
            notices = List.copyOf(notices);
        }
    }

    /**
     * Nothing was done, and the user can mend it.
     *
     * @param say names the SAID or argument, its value, why, and how to mend it
     * @param at which change of the list it was, from 0: a script names its line by it
     */
    record Refused(Reason reason, String say, int at) implements Outcome {
        public Refused(Reason reason, String say) {
            this(reason, say, 0);
        }
    }

    /** Nothing was done: the machine said no. */
    record Failed(String say) implements Outcome {}

    /** Why a change was refused; scripts know the numbers of the old tools. */
    enum Reason {
        NO_SUCH_SA(2),
        NO_SUCH_EROUTE(2),
        NO_SUCH_INTERFACE(19),
        NOT_ATTACHED(6),
        SA_EXISTS(17),
        ALREADY_GROUPED(17),
        EROUTE_EXISTS(17),
        INTERFACE_EXISTS(17),
        ALREADY_ATTACHED(16),
        NAME_TAKEN(17),
        REF_TAKEN(17),
        KEY_IN_USE(17),
        NUMBERS_USED_UP(28),
        GROUP_TOO_LARGE(7),
        NOT_FIRST(22),
        FAMILY_MISMATCH(22),
        INVALID(22);

        private final int errno;

        Reason(int errno) {
            this.errno = errno;
        }

        public int errno() {
            return errno;
        }
    }

    default boolean isDone() {
        return this instanceof Done;
    }
}
