package org.spigrp.daemon;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Event;
import org.spigrp.sa.Said;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.IpHeader;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

/**
 * Counts packets that ended badly, and tells of each verdict at most once a second: how many, and of the last one where
 * it was and what to do. A flood costs a counter, nothing else.
 */
final class Drops {
    private static final int V4_MULTICAST = 0xe0;
    private static final int V6_MULTICAST = 0xff;

    private final Events events;
    private final long[] counts = new long[Verdict.count()];
    private final @Nullable Said[] lastAt = new @Nullable Said[Verdict.count()];
    private final @Nullable IpAddress[] lastSource = new @Nullable IpAddress[Verdict.count()];
    private final @Nullable IpAddress[] lastDestination = new @Nullable IpAddress[Verdict.count()];
    private boolean some;

    Drops(Events events) {
        this.events = events;
    }

    /** @param group that it stumbled in, inner to outer; may be empty */
    @SuppressWarnings("EnumOrdinal") // the index of arrays that are as long as the enum
    void note(Packet packet, List<Said> group) {
        Verdict verdict = packet.verdict();
        if (verdict.isGood() || (verdict == Verdict.NO_EROUTE && isMulticast(packet))) {
            return; // hosts talk to their neighbours by multicast whatever the interface is
        }
        int i = verdict.ordinal();
        counts[i]++;
        some = true;
        if (counts[i] == 1) { // of a flood one is looked at
            lastAt[i] = packet.layer() < group.size() ? group.get(packet.layer()) : null;
            lastSource[i] = null;
            Family family = IpHeader.check(packet, 0) == Verdict.NONE ? IpHeader.family(packet, 0) : null;
            if (family != null) {
                lastSource[i] = IpAddress.read(family, packet, IpHeader.sourceAt(family, 0));
                lastDestination[i] = IpAddress.read(family, packet, IpHeader.destinationAt(family, 0));
            }
        }
    }

    private static boolean isMulticast(Packet packet) {
        Family family = IpHeader.check(packet, 0) == Verdict.NONE ? IpHeader.family(packet, 0) : null;
        if (family == null) {
            return false;
        }
        int first = packet.u8(IpHeader.destinationAt(family, 0));
        return family == Family.INET ? first >= V4_MULTICAST : first == V6_MULTICAST;
    }

    /** Once a second. */
    void tell() {
        if (!some) {
            return;
        }
        some = false;
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0) {
                Verdict verdict = Verdict.of(i);
                Said at = lastAt[i];
                IpAddress source = lastSource[i];
                String from = source == null ? "" : " from " + source + " to " + lastDestination[i];
                events.tell(
                        verdict == Verdict.CLEAR_BUT_PROTECTED ? Event.Kind.CLEAR : Event.Kind.DROPS,
                        at,
                        counts[i] + (counts[i] == 1 ? " packet" : " packets, the first") + from + " ended in " + verdict
                                + ": " + verdict.text(),
                        "verdict",
                        verdict.name(),
                        "packets",
                        Long.toString(counts[i]));
                counts[i] = 0;
            }
        }
    }
}
