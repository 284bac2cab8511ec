package org.spigrp.engine;

import org.jspecify.annotations.Nullable;
import org.spigrp.wire.Packet;

/**
 * A group as one program for packets that leave: all headers are written at once, and then the members with
 * cryptography are sealed from inner to outer.
 *
 * <p>A packet that may go by it at once ({@link GroupPlan#freeProgram}) finds all that it needs here, and does not come to
 * the group, which would be two more lines of memory to wait for.
 *
 * <p>Owned by the engine's thread.
 */
abstract class Encapsulation {
    private final GroupPlan plan;
    /** Packets that it let go at once, and are owed to the members. */
    private long sent;

    private long lastSeconds;
    /** Octets that the layers may add at most. */
    private final char mostOverhead;
    /** Index of the group's outermost member. */
    private final byte last;
    /** The group need not be asked: no packet of it waits for numbers, peer and path are as the SAs say. */
    private boolean usual = true;
    /** It let packets of the batch at hand go at once. */
    private boolean inBatch;
    /** The members know that something is owed to them. */
    private boolean owes;

    Encapsulation(GroupPlan plan) {
        this.plan = plan;
        last = plan.last;
        mostOverhead = (char) plan.mostOverhead;
    }

    final GroupPlan plan() {
        return plan;
    }

    final int last() {
        return last;
    }

    final int mostOverhead() {
        return mostOverhead;
    }

    /** Says whether the group need not be asked. */
    final void usual(boolean is) {
        usual = is;
    }

    /** Whether this is the first packet of the batch that it lets go at once. */
    final boolean begins() {
        boolean first = !inBatch;
        inBatch = true;
        return first;
    }

    /** So many of them are out. */
    final void sent(int packets) {
        sent += packets;
    }

    /** The batch is done. What the packets did is put down on the members when somebody asks them. */
    final void tell(long seconds) {
        inBatch = false;
        lastSeconds = seconds;
        if (!owes) {
            owes = true;
            plan.oweUse(seconds);
        }
    }

    /** Whether something is owed to the members. */
    final boolean owes() {
        return owes;
    }

    /** When the last packet that is owed went. */
    final long lastSeconds() {
        return lastSeconds;
    }

    /** Packets that were owed; the group counts them now. */
    final long takeOwed() {
        long taken = sent;
        sent = 0;
        owes = false;
        return taken;
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
        return usual || plan.letsGoAtOnce() ? atHand() : 0;
    }

    /** Of the packets that certainly need not be cut where this is the link's MTU; 0 = it has none. */
    final int longest(int linkMtu, Worker worker) {
        int mtu = usual ? linkMtu : plan.mtu(linkMtu, worker.nanos());
        return mtu == 0 ? Integer.MAX_VALUE : mtu - mostOverhead;
    }

    /** For how many packets each member that numbers its packets has a number at hand. */
    abstract int atHand();

    /** Reads what a packet needs of it; see {@link Lookahead}. */
    int touch() {
        return 0;
    }

    /** Then, what it needs of its SA; and where its key is. */
    int touchMembers() {
        return 0;
    }

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

    /** One more packet is through; {@link #settle} tells the SAs. */
    abstract void count(Work work);

    /**
     * Counts the use of all members by the packets since the last time.
     *
     * @param fromSeconds when the first of them came, and the last
     */
    abstract void settle(long fromSeconds, long toSeconds);
}
