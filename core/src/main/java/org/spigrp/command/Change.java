package org.spigrp.command;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;

/** A command as data. Checked whole before anything is touched: all of it happens, or none. */
public sealed interface Change {
    /** Refused if the SAID exists; where {@code ref} is 0 the SA gets the next free one. */
    record AddSa(SecurityAssociation sa) implements Change {}

    /** Deletes the SA and its whole group. */
    record DeleteSa(Target target) implements Change {}

    /** All SAs, or those of one protocol with the groups they are in. Eroutes stay. */
    record ClearSas(@Nullable SaProtocol protocol) implements Change {}

    /** Two or more, inner to outer; may extend a group at its outer end or prepend to it. */
    record MakeGroup(List<Target> innerToOuter, @Nullable String name) implements Change {
        public MakeGroup {
            innerToOuter = List.copyOf(innerToOuter);
        }
    }

    /** Releases all members of the group that {@code member} is in; of an ungrouped SA: done, nothing to do. */
    record Ungroup(Target member) implements Change {}

    record AddEroute(Selector selector, Target target) implements Change {}

    /** Swaps what an eroute points to, in place; one that is missing is added. */
    record ReplaceEroute(Selector selector, Target target) implements Change {}

    record DeleteEroute(Selector selector) implements Change {}

    record ClearEroutes() implements Change {}

    /** Adds to the inbound policy of the innermost tunnel of the target's group. */
    record AddInbound(Selector selector, Target target) implements Change {}

    /** Makes this the whole inbound policy. */
    record ReplaceInbound(Selector selector, Target target) implements Change {}

    /** Takes one selector out of the inbound policy. */
    record DeleteInbound(Selector selector, Target target) implements Change {}

    record CreateInterface(String name) implements Change {}

    record DeleteInterface(String name) implements Change {}

    /**
     * An alias {@code eth0:1} counts as its interface {@code eth0}.
     *
     * @param physicalMtu as the caller found it, 0 = unknown
     */
    record Attach(String virtual, String physical, int physicalMtu) implements Change {
        public Attach(String virtual, String physical) {
            this(virtual, physical, 0);
        }
    }

    record Detach(String virtual) implements Change {}

    record DetachAll() implements Change {}

    record SetDebug(Set<DebugFlag> flags) implements Change {
        public SetDebug {
            flags = Set.copyOf(flags);
        }
    }

    record ClearDebug(Set<DebugFlag> flags) implements Change {
        public ClearDebug {
            flags = Set.copyOf(flags);
        }
    }

    /** A hard lifetime was reached: the SA goes, and its group with it. Done also if it is gone already. */
    record Expire(Said said) implements Change {}
}
