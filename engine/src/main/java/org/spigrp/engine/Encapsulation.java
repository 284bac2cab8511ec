package org.spigrp.engine;

import org.jspecify.annotations.Nullable;

/**
 * A group as one program for packets that leave: all headers are written at once, and then the members with
 * cryptography are sealed from inner to outer.
 *
 * <p>Owned by the engine's thread.
 */
abstract class Encapsulation {
    /** The program of a group whose members are all in; null if packets go by the layers one after another. */
    static @Nullable Encapsulation of(GroupPlan plan) {
        EspTunnel quick = EspTunnel.of(plan);
        return quick != null ? quick : HeaderProgram.of(plan);
    }

    /** How many members have cryptography. */
    abstract int sealings();

    /**
     * Writes all headers and trailers, and takes the numbers for them, which {@link Outbound} has seen to.
     *
     * @return false if there is no room or no such algorithm: the packet is as it was, and the layers will say why
     */
    abstract boolean write(Work work);

    /** The job of the n-th member with cryptography; what is inside it is sealed. */
    abstract void fill(Work work, int seal);

    /** One more packet of the batch is through; {@link #settle} tells the SAs. */
    abstract void count(Work work);

    /** Counts the use of all members by the batch's packets. */
    abstract void settle(long seconds);
}
