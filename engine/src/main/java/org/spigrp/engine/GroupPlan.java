package org.spigrp.engine;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.spigrp.sa.LifetimeKind;
import org.spigrp.sa.Lifetimes;
import org.spigrp.sa.SaState;
import org.spigrp.sa.Said;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Verdict;

/**
 * A group (an SA alone is a group of one) made ready for packets: its layers from inner to outer, and what can be said
 * of it before a packet is seen.
 */
final class GroupPlan implements Runnable {
    /*
     * In this order the JVM lays out fields of one size; longs first, then ints, octets, references. What a packet that
     * comes here needs is so side by side: with many groups each line of the cache that it touches is one to wait for.
     */

    /** Which plan it is, from 1. */
    final int id;
    /** When {@link #pathMtu} was said: it is believed for {@link PathMtu#AGE_NANOS}. */
    private long pathMtuNanos;
    /** When the first packet that is owed went through a program. */
    private long firstSeconds;

    /** Packets that came and went through the whole group, and are owed. */
    private long peeled;

    // Every such packet, from here

    /** Packets that left and went through the whole group, and are owed. */
    private long sent;

    /** When the last packet that is owed went through a program. */
    private long lastSeconds;
    /** Packets of the batch at hand that are to be sent, and wait for numbers. */
    private int sending;
    /** Packets of the batch at hand, sent and received. */
    int inBatch;
    /** What the path to the outermost destination takes, as routers said (RFC 4301 8.2); 0 = nobody said anything. */
    private int pathMtu;
    /** Octets that the layers may add at most. */
    int mostOverhead;
    /** A program has carried packets of the batch at hand. */
    boolean used;
    /** The members do not know all that their group has done: they are owed it. */
    private boolean owes;
    /** Packets that are owed went through a program. */
    private boolean owesUse;
    /** A packet of the batch at hand goes the long way when it is peeled, and so do those behind it. */
    boolean peelsByLayers;
    /** One of those that are to be sent found no room to be written by the program. */
    boolean byLayers;
    /** For so many of them there are numbers that nobody has taken yet. */
    int granted;
    /** What becomes of the others, and the member that has none for them. */
    Verdict refusal = Verdict.NONE;

    byte refusing;
    /** Index of the outermost member: the array itself is one more line of the cache. */
    final byte last;
    /** The tunnel nearest to the clear packet, whose inbound policy counts; -1 = transport mode throughout. */
    byte innermostTunnel = -1;
    /** False if the innermost member edits the packet itself: that takes whole datagrams (RFC 4303 3.3.4). */
    boolean tunnelFirst;
    /** ESP without integrity that no member further out covers; -1 = none. */
    byte unprotected = -1;
    /** The first member that packets may not be sent through; -1 = none. */
    byte notForSending = -1;
    /** The first member from outside that may not receive; -1 = none. */
    byte notForReceiving = -1;
    /** The member whose hard limit was reached; -1 = none. The group as a whole is then done for. */
    byte expiredMember = -1;
    /** Bytes or packets are limited: every packet must be counted before the next one is judged. */
    boolean counted;
    /** Some limit is set. */
    boolean limited;
    /** UDP encapsulation, and no tunnel to bring packets to the peer. */
    boolean natTransport;
    /** The program, if every packet may go by it. */
    private @Nullable Encapsulation free;
    /** Where the peer of a NAT-T SA was seen last; null = where the SA says. */
    private @Nullable IpAddress peer;

    final SaEntry[] members;

    // As far as here

    /** For usual packets that come. */
    @Nullable
    EspUntunnel untunnel;

    /** Null if packets go by the layers one after another. */
    @Nullable
    Encapsulation encapsulation;

    @Nullable
    InboundPolicy policy;

    /** The members' names, inner to outer; made once, for those who tell of packets. */
    List<Said> saids = List.of();

    private char peerPort;

    GroupPlan(int id, int size) {
        this.id = id;
        members = new SaEntry[size];
        last = (byte) (size - 1);
    }

    /** Call it when all members are in. */
    void complete() {
        boolean covered = false;
        boolean nat = false;
        for (int i = members.length - 1; i >= 0; i--) {
            SaEntry member = members[i];
            if (member.isTunnel) {
                innermostTunnel = (byte) i;
            }
            if (member.isEsp && !member.sa.hasIntegrity() && !covered && !member.sa.legacy()) {
                unprotected = (byte) i;
            }
            covered |= member.sa.hasIntegrity();
            if (!member.sa.direction().maySend()) {
                notForSending = (byte) i;
            }
            if (!member.sa.direction().mayReceive() && notForReceiving < 0) {
                notForReceiving = (byte) i;
            }
            Lifetimes limits = member.sa.lifetimes();
            limited |= !limits.equals(Lifetimes.NONE);
            counted |= !limits.bytes().equals(Lifetimes.Limit.NONE)
                    || !limits.packets().equals(Lifetimes.Limit.NONE);
            nat |= member.natTraversal.isUsed();
        }
        List<Said> names = new ArrayList<>(members.length);
        for (SaEntry member : members) {
            names.add(member.sa.said());
        }
        saids = List.copyOf(names);
        tunnelFirst = members[0].isTunnel;
        natTransport = nat && !tunnelFirst;
        mostOverhead = OuterSize.most(this);
        if (!members[0].layer.worker.seams.byLayers()) {
            encapsulation = Encapsulation.of(this);
            untunnel = EspUntunnel.of(this);
        }
        boolean unhindered = !limited && notForSending < 0 && unprotected < 0;
        free = unhindered && encapsulation != null && encapsulation.sealings() > 0 ? encapsulation : null;
        tellUsual();
    }

    /**
     * NONE, or SA_EXPIRED if a hard limit of any member is reached; that is final, and concerns them all.
     *
     * @param soft told of soft limits that are passed now
     */
    Verdict lifetimes(long nowSeconds, Limits soft) {
        if (!limited) {
            return Verdict.NONE;
        }
        if (expiredMember >= 0) {
            return Verdict.SA_EXPIRED;
        }
        for (SaEntry member : members) {
            SaState state = member.state;
            if (state.lifetimeVerdict(nowSeconds) != Verdict.NONE) {
                expiredMember = (byte) member.index;
                soft.expired(member);
                return Verdict.SA_EXPIRED;
            }
            LifetimeKind passed = state.takeSoft();
            if (passed != null) {
                member.softPassed = passed;
                soft.soft(member);
            }
        }
        return Verdict.NONE;
    }

    /** Takes over what was learnt of the path: the outermost SA, and so the peer, is the same. */
    void goOn(GroupPlan before) {
        pathMtu = before.pathMtu;
        pathMtuNanos = before.pathMtuNanos;
        peer = before.peer;
        peerPort = before.peerPort;
    }

    /** So many more packets of the batch went through the whole group. */
    void good(boolean outbound, int packets) {
        if (outbound) {
            sent += packets;
        } else {
            peeled += packets;
        }
    }

    /**
     * The batch is done. What programs did is put down on the members when somebody asks them, so that a packet need not
     * come to their states; what layers did, and where limits hang on it, at once.
     */
    void tell(long seconds) {
        boolean byProgram = used;
        if (byProgram) {
            used = false;
            use(seconds);
        }
        if (byProgram && !limited) {
            owe();
        } else if (owesUse || (sent | peeled) != 0) {
            settle();
        }
        peelsByLayers = false;
        inBatch = 0;
    }

    /** Packets went through a program. */
    private void use(long seconds) {
        lastSeconds = seconds;
        if (!owesUse) {
            owesUse = true;
            firstSeconds = seconds;
        }
    }

    /** Packets go by the program from this second on without coming here; it tells of them when the members are asked. */
    void oweUse(long seconds) {
        use(seconds);
        owe();
    }

    /** What is done from now on is put down on the members when somebody asks them. */
    private void owe() {
        if (owes) {
            return;
        }
        for (SaEntry member : members) {
            member.state.settle(); // another group may owe it something, and to the others of this one too
        }
        for (SaEntry member : members) {
            member.state.owe(this);
        }
        owes = true;
    }

    /** A member was asked what it has done. */
    @Override
    public void run() {
        settle();
    }

    /** All members count what they are owed. */
    private void settle() {
        if (encapsulation != null && encapsulation.owes()) {
            sent += encapsulation.takeOwed();
            lastSeconds = Math.max(lastSeconds, encapsulation.lastSeconds());
        }
        boolean use = owesUse;
        long out = sent;
        long in = peeled;
        owes = false;
        owesUse = false;
        sent = 0;
        peeled = 0;
        if (use && encapsulation != null) {
            encapsulation.settle(firstSeconds, lastSeconds);
        }
        if (use && untunnel != null) {
            untunnel.settle(firstSeconds, lastSeconds);
        }
        count(Verdict.PROTECTED, out);
        count(Verdict.PEELED, in);
    }

    /** Each member counts packets that went through the whole group. */
    private void count(Verdict verdict, long packets) {
        for (SaEntry member : members) {
            if (packets > 0) {
                member.state.count(verdict, verdict == Verdict.PROTECTED, packets);
            }
        }
    }

    /**
     * One more packet of the batch is to be sent, and waits for numbers.
     *
     * @return true if it is the first one
     */
    boolean expect() {
        sending++;
        if (sending == 1) {
            tellUsual();
        }
        return sending == 1;
    }

    int sending() {
        return sending;
    }

    /** None of the batch's packets waits for numbers any more. */
    void sent() {
        byLayers = false;
        sending = 0;
        tellUsual();
    }

    /** Packets may overtake none that waits, and the peer is where the SA says. */
    boolean letsGoAtOnce() {
        return sending == 0 && peer == null;
    }

    private void tellUsual() {
        if (encapsulation != null) {
            encapsulation.usual(letsGoAtOnce() && pathMtu == 0);
        }
    }

    /** The peer of a NAT-T SA was seen there. */
    void moved(IpAddress newPeer, char newPort) {
        peer = newPeer;
        peerPort = newPort;
        tellUsual();
    }

    /** Where it was seen last; null = where the SA says. */
    @Nullable
    IpAddress peer() {
        return peer;
    }

    char peerPort() {
        return peerPort;
    }

    /** The path to the outermost destination takes no longer packets. */
    void pathTakes(int mtu, long nowNanos) {
        pathMtu = mtu;
        pathMtuNanos = nowNanos;
        tellUsual();
    }

    /** The program, if every packet may go by it: no limits, nothing forbidden. */
    @Nullable
    Encapsulation freeProgram() {
        return free;
    }

    /** Reads what a packet that came needs of it; see {@link Lookahead}. */
    int touch() {
        return (int) peeled + (untunnel == null ? 1 : 0);
    }

    /** Then, what it needs of its program. */
    int touchProgram() {
        return untunnel == null ? 0 : untunnel.touch();
    }

    /** Then, what it needs of its SAs; and where its key is. */
    int touchMembers() {
        return untunnel == null ? 0 : untunnel.touchMembers();
    }

    /** Then, its key. */
    int touchKey() {
        return untunnel == null ? 0 : untunnel.touchKey();
    }

    SaEntry outermost() {
        return members[last];
    }

    /** The smaller of the link's MTU and what the path was said to take; 0 = no limit. */
    int mtu(int linkMtu, long nowNanos) {
        if (pathMtu == 0) {
            return linkMtu;
        }
        if (nowNanos - pathMtuNanos > PathMtu.AGE_NANOS) {
            pathMtu = 0; // routes change: ask the path again (RFC 1191 6.3)
            tellUsual();
            return linkMtu;
        }
        return linkMtu == 0 ? pathMtu : Math.min(linkMtu, pathMtu);
    }

    /** Who wants to hear about limits. */
    interface Limits {
        void soft(SaEntry member);

        void expired(SaEntry member);
    }
}
