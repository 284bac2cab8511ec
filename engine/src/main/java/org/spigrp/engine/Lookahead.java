package org.spigrp.engine;

import org.jspecify.annotations.Nullable;
import org.spigrp.engine.EngineOptions.Only;
import org.spigrp.sa.SaProtocol;
import org.spigrp.wire.EspHeader;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Packet;
import org.spigrp.wire.PacketSelector;
import org.spigrp.wire.PlainV4;
import org.spigrp.wire.Verdict;

/**
 * Reads ahead what the packets of a batch will need, where there are so many SAs and eroutes that it is in no cache. One
 * packet after another waits for each line of memory it comes to; passes that do nothing but read let the processor
 * fetch for many packets at once. Each pass ends where an address is needed that the pass before has brought:
 *
 * <pre>
 *   leaves: 1  slot of the eroute                comes: 1  slot of the SA
 *           2  the eroute                               2  the SA
 *           3  the group's program                      3  its group
 *           4  the SA's numbers, the key's place        4  the group's program
 *                                                       5  the SAs' states, the key's place
 *                                                       6  the key
 * </pre>
 *
 * A processor looks some hundreds of instructions ahead and no further. So these passes are as short as can be, and what
 * asks for more (parsing, hashes, comparing tags) is done between them, on what is in the cache.
 *
 * <p>It decides nothing. Keys are read ahead by the crypto engine, which knows where they are: of packets that came, and of
 * those that leave by {@link CryptoEngine.Context#fetch} when they are written.
 */
final class Lookahead {
    private final Spd spd;
    private final Sad sad;
    private final Classifier classifier;
    private final PacketSelector seen = new PacketSelector();
    /** Where each packet will be looked up, and for what; 0 for those whose flow is known, or that nobody can tell. */
    private final TagTable<?>[] tables = new TagTable<?>[Engine.BATCH];

    private final int[] tags = new int[Engine.BATCH];
    /** Eroutes, and SAs of packets that came. */
    private final @Nullable Object[] found = new @Nullable Object[Engine.BATCH];

    /** Of packets that leave. */
    private final @Nullable Encapsulation[] programs = new @Nullable Encapsulation[Engine.BATCH];
    /** Of packets that came. */
    private final @Nullable GroupPlan[] plans = new @Nullable GroupPlan[Engine.BATCH];
    /** What was read ends here, or the compiler would leave the reading out. */
    @SuppressWarnings("UnusedVariable")
    private int sum;

    Lookahead(Spd spd, Sad sad, Classifier classifier) {
        this.spd = spd;
        this.sad = sad;
        this.classifier = classifier;
    }

    boolean pays() {
        return spd.isLarge() || sad.isLarge();
    }

    /** A batch at most. */
    void over(Packet[] packets, int from, int count) {
        for (int i = 0; i < count; i++) {
            tags[i] = tag(packets[from + i], i);
        }
        int read = 0;
        for (int i = 0; i < count; i++) {
            read += tags[i] == 0 ? 0 : tables[i].touch(tags[i]);
        }
        for (int i = 0; i < count; i++) {
            found[i] = tags[i] == 0 ? null : tables[i].likely(tags[i]);
        }
        boolean come = false;
        for (int i = 0; i < count; i++) {
            read += touch(i);
            come |= plans[i] != null;
        }
        for (int i = 0; i < count; i++) {
            Encapsulation program = programs[i];
            read += program == null ? 0 : program.touch();
        }
        for (int i = 0; i < count; i++) {
            Encapsulation program = programs[i];
            read += program == null ? 0 : program.touchMembers();
        }
        sum = read + (come ? overPlans(count) : 0);
    }

    private int overPlans(int count) {
        int read = 0;
        for (int i = 0; i < count; i++) {
            GroupPlan plan = plans[i];
            read += plan == null ? 0 : plan.touch();
        }
        for (int i = 0; i < count; i++) {
            GroupPlan plan = plans[i];
            read += plan == null ? 0 : plan.touchProgram();
        }
        for (int i = 0; i < count; i++) {
            GroupPlan plan = plans[i];
            read += plan == null ? 0 : plan.touchMembers();
        }
        for (int i = 0; i < count; i++) {
            GroupPlan plan = plans[i];
            read += plan == null ? 0 : plan.touchKey();
        }
        return read;
    }

    /** Whether the flow of the packet was not known; or it is no plain packet. */
    boolean isUnknown(int i) {
        return tags[i] != 0;
    }

    /** The eroute that a look-up for it meets first, unless another has the same tag; null = there may be none. */
    @Nullable
    Route route(int i) {
        return found[i] instanceof Route route ? route : null;
    }

    private int tag(Packet packet, int i) {
        if (classifier.flow(packet) != null) {
            return 0;
        }
        if (PlainV4.is(packet)) {
            int protocol = Ipv4Header.protocol(packet, 0);
            return tag(
                    packet, i, Family.INET, protocol, Ipv4Header.MIN_LENGTH, packet.length(), Ipv4Header.DESTINATION);
        }
        return seen.parse(packet) != Verdict.NONE
                ? 0
                : tag(packet, i, seen.family(), seen.protocol(), seen.upperAt(), seen.end(), seen.destinationAt());
    }

    private int tag(Packet packet, int i, Family family, int protocol, int at, int end, int destinationAt) {
        boolean esp = protocol == IpProtocol.ESP && end - at >= EspHeader.LENGTH;
        if (esp && classifier.only() != Only.PROTECT) {
            tables[i] = sad.table();
            return Sad.tag(SaProtocol.ESP, EspHeader.spi(packet, at), packet, family, destinationAt);
        }
        tables[i] = spd.table(family);
        return classifier.only() == Only.PEEL ? 0 : spd.tag(packet, family, destinationAt);
    }

    /** The eroute or the SA. */
    private int touch(int i) {
        programs[i] = null;
        plans[i] = null;
        if (found[i] instanceof Route route) {
            programs[i] = route.program;
            return route.touch();
        }
        plans[i] = found[i] instanceof SaEntry entry ? entry.plan : null;
        return 0;
    }
}
