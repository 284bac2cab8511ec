package org.spigrp.engine;

import org.jspecify.annotations.Nullable;
import org.spigrp.wire.Packet;

/**
 * A group as one program for packets that leave: all headers are written at once, and then the members with
 * cryptography are sealed from inner to outer.
 *
 * <p>Owned by the engine's thread.
 */
abstract class Encapsulation {
    private final GroupPlan plan;

    Encapsulation(GroupPlan plan) {
        this.plan = plan;
    }

    final GroupPlan plan() {
        return plan;
    }

    /** The program of a group whose members are all in; null if packets go by the layers one after another. */
    static @Nullable Encapsulation of(GroupPlan plan) {
        EspTunnel quick = EspTunnel.of(plan);
        return quick != null ? quick : HeaderProgram.of(plan);
    }

    /**
     * How many packets can be written now and sealed with the batch: they have their numbers, none that came before them
     * waits for some, and their peer is where the SA says.
     */
    final int mayGoAtOnce() {
        return plan.sending == 0 && plan.peer == null ? atHand() : 0;
    }

    /** For how many packets each member that numbers its packets has a number at hand. */
    abstract int atHand();

    /** How many members have cryptography. */
    abstract int sealings();

    /**
     * Writes all headers and trailers, takes the numbers for them, which {@link Outbound} has seen to, and makes the job of
     * the first member with cryptography.
     *
     * @return false if there is no room or no such algorithm: the packet is as it was, and the layers will say why
     */
    abstract boolean write(Work work);

    /**
     * Writes packets that go the same way as this flow's, as far as they fit and have room, and counts them.
     *
     * @param longest they may be
     * @param at where their works begin
     * @return how many; the next one is as it was
     */
    int write(Packet[] packets, int from, int most, int longest, Flows.Flow flow, Work[] works, int at) {
        int written = 0;
        while (written < most) {
            Packet packet = packets[from + written];
            Work work = works[at + written];
            work.join(packet, plan);
            if (packet.length() > longest || !flow.takes(packet) || !write(work)) {
                break;
            }
            count(work);
            written++;
        }
        return written;
    }

    /** Makes the job of the n-th member with cryptography; what is inside it is sealed. */
    abstract void fill(Work work, int seal);

    /** One more packet of the batch is through; {@link #settle} tells the SAs. */
    abstract void count(Work work);

    /**
     * Counts the use of all members by the packets since the last time.
     *
     * @param fromSeconds when the first of them came, and the last
     */
    abstract void settle(long fromSeconds, long toSeconds);
}
