package org.spigrp.engine;

import org.jspecify.annotations.Nullable;
import org.spigrp.engine.EngineOptions.Only;
import org.spigrp.sa.SaProtocol;
import org.spigrp.wire.EspHeader;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Packet;
import org.spigrp.wire.PacketSelector;
import org.spigrp.wire.Verdict;

/**
 * Reads ahead what the packets of a batch will need, where there are so many SAs and eroutes that it is in no cache. One
 * packet after another waits for each line of memory it comes to; passes that do nothing but read let the processor
 * fetch for many packets at once. Each pass ends where an address is needed that the pass before has brought:
 *
 * <pre>
 *   1   slot of the eroute | of the SA
 *   2   the eroute, the SA
 *   3   the group
 *   4   its program
 *   5   its SAs' states and layers
 * </pre>
 *
 * It decides nothing. Keys are read ahead by the crypto engine, which knows where they are.
 */
final class Lookahead {
    private final Spd spd;
    private final Sad sad;
    private final Classifier classifier;
    private final PacketSelector[] seen = new PacketSelector[Engine.BATCH];
    /** Of packets that are not looked up: their flow is known, or they are none that one could tell beforehand. */
    private final boolean[] skipped = new boolean[Engine.BATCH];

    private final Route[] routes = new Route[Engine.BATCH];
    private final @Nullable GroupPlan[] plans = new @Nullable GroupPlan[Engine.BATCH];
    private final @Nullable SaEntry[] entries = new @Nullable SaEntry[Engine.BATCH];
    /** What was read ends here, or the compiler would leave the reading out. */
    @SuppressWarnings("UnusedVariable")
    private int sum;

    Lookahead(Spd spd, Sad sad, Classifier classifier) {
        this.spd = spd;
        this.sad = sad;
        this.classifier = classifier;
        for (int i = 0; i < seen.length; i++) {
            seen[i] = new PacketSelector();
        }
    }

    boolean pays() {
        return spd.isLarge() || sad.isLarge();
    }

    /** A batch at most. */
    void over(Packet[] packets, int from, int count) {
        boolean out = classifier.only() != Only.PEEL;
        boolean in = classifier.only() != Only.PROTECT;
        int read = 0;
        for (int i = 0; i < count; i++) {
            Packet packet = packets[from + i];
            PacketSelector selector = seen[i];
            skipped[i] = classifier.flow(packet) != null || selector.parse(packet) != Verdict.NONE;
            if (!skipped[i]) {
                read += in && isEsp(selector) ? touchSa(packet, selector) : out ? spd.touch(packet, selector) : 0;
            }
        }
        for (int i = 0; i < count; i++) {
            Packet packet = packets[from + i];
            PacketSelector selector = seen[i];
            entries[i] = null;
            routes[i] = Route.NONE;
            if (skipped[i]) {
                continue;
            }
            if (in && isEsp(selector)) {
                entries[i] = sad.peek(
                        SaProtocol.ESP,
                        EspHeader.spi(packet, selector.upperAt()),
                        packet,
                        selector.family(),
                        selector.destinationAt());
            } else if (out) {
                routes[i] = spd.peek(packet, selector);
            }
        }
        for (int i = 0; i < count; i++) {
            SaEntry entry = entries[i];
            GroupPlan plan = entry == null ? routes[i].plan : entry.plan;
            plans[i] = plan;
            read += plan == null ? 0 : plan.touch();
        }
        for (int i = 0; i < count; i++) {
            GroupPlan plan = plans[i];
            read += plan == null ? 0 : plan.touchProgram(entries[i] == null);
        }
        for (int i = 0; i < count; i++) {
            GroupPlan plan = plans[i];
            read += plan == null ? 0 : plan.touchMembers(entries[i] == null);
        }
        sum = read;
    }

    private static boolean isEsp(PacketSelector selector) {
        return selector.protocol() == IpProtocol.ESP && selector.end() - selector.upperAt() >= EspHeader.LENGTH;
    }

    private int touchSa(Packet packet, PacketSelector selector) {
        return sad.touch(
                SaProtocol.ESP,
                EspHeader.spi(packet, selector.upperAt()),
                packet,
                selector.family(),
                selector.destinationAt());
    }
}
