package org.spigrp.command;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.spigrp.sa.Group;
import org.spigrp.sa.SaUse;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;

/**
 * SAs and groups in memory, with what finds them: key fingerprint, SAref, end of life, member, name. Whatever changes
 * goes through {@link #set} or {@link #setGroup}, which keep these indexes, so undoing a change is setting the old row.
 */
final class SaTable {
    /** All that hangs on an SA and goes with it. */
    record Entry(SecurityAssociation sa, List<String> fingerprints, SaUse use, List<Selector> inbound) {
        Entry withUse(SaUse newUse) {
            return new Entry(sa, fingerprints, newUse, inbound);
        }

        Entry withInbound(List<Selector> selectors) {
            return new Entry(sa, fingerprints, use, List.copyOf(selectors));
        }
    }

    private record Due(long lastSecond, Said said) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            int bySecond = Long.compare(lastSecond, other.lastSecond);
            return bySecond != 0 ? bySecond : said.compareTo(other.said);
        }
    }

    private final Ordered<Said, Entry> sas;
    private final Map<String, TreeMap<Long, Said>> byFingerprint = new HashMap<>();
    private final Map<Integer, Said> byRef = new HashMap<>();
    private final TreeSet<Due> due = new TreeSet<>();

    private final Ordered<Said, Group> groups = new Ordered<>();
    private final Map<Said, Group> byMember = new HashMap<>();
    private final Map<String, Group> byName = new HashMap<>();

    SaTable() {
        sas = new Ordered<>();
    }

    /** An empty one in place of {@code before}. */
    SaTable(SaTable before) {
        sas = new Ordered<>(before.sas);
    }

    @Nullable
    Entry get(Said said) {
        return sas.get(said);
    }

    Ordered.@Nullable Row<Said, Entry> row(Said said) {
        return sas.row(said);
    }

    long place(Said said) {
        return sas.place(said);
    }

    int size() {
        return sas.size();
    }

    Iterable<SecurityAssociation> all() {
        return () -> {
            Iterator<Entry> entries = sas.iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return entries.hasNext();
                }

                @Override
                public SecurityAssociation next() {
                    return entries.next().sa;
                }
            };
        };
    }

    void put(Said said, Entry entry) {
        forget(said);
        remember(sas.put(said, entry));
    }

    /** Puts an old row back where it stood; null removes. */
    void set(Said said, Ordered.@Nullable Row<Said, Entry> row) {
        forget(said);
        sas.set(said, row);
        if (row != null) {
            remember(row);
        }
    }

    private void remember(Ordered.Row<Said, Entry> row) {
        Entry entry = row.value();
        for (String fingerprint : entry.fingerprints) {
            byFingerprint.computeIfAbsent(fingerprint, _ -> new TreeMap<>()).put(row.place(), row.key());
        }
        byRef.put(entry.sa.ref(), row.key());
        long lastSecond = entry.sa.lastSecond(entry.use);
        if (lastSecond != Long.MAX_VALUE) {
            due.add(new Due(lastSecond, row.key()));
        }
    }

    private void forget(Said said) {
        Ordered.Row<Said, Entry> row = sas.row(said);
        if (row == null) {
            return;
        }
        Entry entry = row.value();
        for (String fingerprint : entry.fingerprints) {
            TreeMap<Long, Said> same = byFingerprint.get(fingerprint);
            if (same != null) {
                same.remove(row.place());
                if (same.isEmpty()) {
                    byFingerprint.remove(fingerprint);
                }
            }
        }
        byRef.remove(entry.sa.ref(), said);
        due.remove(new Due(entry.sa.lastSecond(entry.use), said));
    }

    Iterable<Said> withFingerprint(String fingerprint) {
        TreeMap<Long, Said> same = byFingerprint.get(fingerprint);
        return same == null ? List.of() : same.values();
    }

    @Nullable
    Said withRef(int ref) {
        return byRef.get(ref);
    }

    Iterable<Said> due(long nowSeconds) {
        var saids = new ArrayList<Said>();
        for (Due end : due) {
            if (end.lastSecond >= nowSeconds) {
                break;
            }
            saids.add(end.said);
        }
        return saids;
    }

    Ordered<Said, Group> groups() {
        return groups;
    }

    @Nullable
    Group groupOf(Said member) {
        return byMember.get(member);
    }

    @Nullable
    Group groupNamed(String name) {
        return byName.get(name);
    }

    void putGroup(Group group) {
        forgetGroup(group.first());
        groups.put(group.first(), group);
        rememberGroup(group);
    }

    /** Puts an old row back where it stood; null removes. */
    void setGroup(Said first, Ordered.@Nullable Row<Said, Group> row) {
        forgetGroup(first);
        groups.set(first, row);
        if (row != null) {
            rememberGroup(row.value());
        }
    }

    private void rememberGroup(Group group) {
        for (Said member : group.members()) {
            byMember.put(member, group);
        }
        if (group.name() != null) {
            byName.put(group.name(), group);
        }
    }

    private void forgetGroup(Said first) {
        Group old = groups.get(first);
        if (old == null) {
            return;
        }
        for (Said member : old.members()) {
            byMember.remove(member, old);
        }
        if (old.name() != null) {
            byName.remove(old.name(), old);
        }
    }
}
