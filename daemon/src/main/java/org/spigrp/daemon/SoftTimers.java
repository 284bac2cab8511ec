package org.spigrp.daemon;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Snapshot;
import org.spigrp.sa.Lifetimes;
import org.spigrp.sa.SaUse;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;

/**
 * When soft limits of time pass on SAs that nobody may be using. (The hard ones are in the tables' own order, see {@link
 * Snapshot#due}.) And which SAs have a limit of either kind that counts from their first packet.
 */
final class SoftTimers {
    private record Timer(long second, Said said) {}

    private final PriorityQueue<Timer> timers = new PriorityQueue<>((a, b) -> Long.compare(a.second(), b.second()));
    private final Map<Said, Long> seconds = new HashMap<>();
    private final Set<Said> byUse = new HashSet<>();

    /** Sets or forgets the timer of an SA that has come, gone, or been used for the first time. */
    void set(Snapshot snapshot, Said said, long now) {
        SecurityAssociation sa = snapshot.sa(said);
        if (sa != null && !sa.lifetimes().usetime().equals(Lifetimes.Limit.NONE)) {
            byUse.add(said);
        } else {
            byUse.remove(said);
        }
        long second = sa == null ? Long.MAX_VALUE : next(sa, snapshot.use(said), now);
        if (second == Long.MAX_VALUE) {
            seconds.remove(said);
        } else {
            long later = Math.max(second, now + 1);
            seconds.put(said, later);
            timers.add(new Timer(later, said));
        }
    }

    /** True if some SA's end depends on when it was used first: the tables, which have the order, have to hear of that. */
    boolean someCountFromUse() {
        return !byUse.isEmpty();
    }

    private static long next(SecurityAssociation sa, SaUse use, long now) {
        if (use.softAnnounced()) {
            return Long.MAX_VALUE;
        }
        Lifetimes limits = sa.lifetimes();
        long second = Long.MAX_VALUE;
        if (limits.addtime().soft() != 0) {
            second = sa.addedAtSeconds() + limits.addtime().soft() + 1;
        }
        if (limits.usetime().soft() != 0) {
            long from = use.firstUsedSeconds() == 0 ? now : use.firstUsedSeconds();
            second = Math.min(second, from + limits.usetime().soft() + 1); // never used: look again then
        }
        return second < 0 ? Long.MAX_VALUE : second;
    }

    /** An SA whose time has come, or null; to be set again if it was too early. */
    @Nullable
    Said due(long now) {
        while (true) {
            Timer timer = timers.peek();
            if (timer == null || timer.second() > now) {
                return null;
            }
            timers.remove();
            Long valid = seconds.get(timer.said());
            if (valid != null && valid == timer.second()) {
                seconds.remove(timer.said());
                return timer.said();
            }
        }
    }
}
