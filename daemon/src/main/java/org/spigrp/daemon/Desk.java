package org.spigrp.daemon;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Change;
import org.spigrp.command.Event;
import org.spigrp.command.Listing;
import org.spigrp.command.Outcome;
import org.spigrp.command.Stop;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;

/**
 * What the control socket may ask of the live stack. Any thread may call; the work is done by the stack's own thread,
 * and the caller waits for it.
 */
interface Desk {
    /** All of the changes, as one whole, or none. */
    Outcome apply(List<Change> changes);

    /** Gives the lines one by one, perhaps from the stack's own thread: the taker must neither block nor throw. */
    void list(Listing listing, boolean json, Consumer<String> line);

    /** The SA, or null. */
    @Nullable
    SecurityAssociation sa(Said said);

    /** The eroute with exactly this selector, or null. */
    @Nullable
    Eroute eroute(Selector selector);

    /** The first SA of the group with that name, or null. */
    @Nullable
    Said groupNamed(String name);

    /** One JSON object: version, pid, start, interfaces, counters. */
    String status();

    /** Forgets the verdict counters, those of SAs that are gone among them. */
    void clearCounters();

    /** Asks the stack to end, and does not wait for it: who asked has his answer first. */
    void stop(Stop how);

    /**
     * Tells of events from now on, from the stack's thread: the taker must neither block nor throw.
     *
     * @param debug also decisions that klipsdebug asked for
     * @return to be closed when no more are wanted
     */
    AutoCloseable watch(boolean debug, Consumer<Event> taker);
}
