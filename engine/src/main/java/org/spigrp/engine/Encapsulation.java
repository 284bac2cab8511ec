package org.spigrp.engine;

import org.jspecify.annotations.Nullable;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

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
     * True if a packet can be written now and sealed with the batch: it has its numbers, none that came before it waits
     * for some, it fits, and its peer is where the SA says.
     *
     * @param mtu 0 = no limit
     */
    final boolean mayGoAtOnce(Packet packet, int mtu) {
        return plan.sending == 0
                && plan.peer == null
                && (mtu == 0 || packet.length() + plan.mostOverhead <= mtu)
                && hasNumbers();
    }

    /** True if each member that numbers its packets has a number at hand. */
    abstract boolean hasNumbers();

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

    /** So many of the batch's packets went through the whole group: each member counts them. */
    void good(int packets) {
        plan.count(Verdict.PROTECTED, packets);
    }

    /** Counts the use of all members by the batch's packets. */
    abstract void settle(long seconds);
}
