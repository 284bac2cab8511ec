package org.spigrp.command;

import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.ErouteUse;
import org.spigrp.sa.Said;
import org.spigrp.sa.Selector;

/** Eroutes in memory, found by selector and by the SAID they name. */
final class ErouteTable implements Iterable<Eroute> {
    record Entry(Eroute eroute, ErouteUse use) {}

    private final Ordered<Selector, Entry> eroutes;
    private final Map<Said, TreeMap<Long, Eroute>> bySaid = new HashMap<>();

    ErouteTable() {
        eroutes = new Ordered<>();
    }

    /** An empty one in place of {@code before}. */
    ErouteTable(ErouteTable before) {
        eroutes = new Ordered<>(before.eroutes);
    }

    @Nullable
    Entry get(Selector selector) {
        return eroutes.get(selector);
    }

    Ordered.@Nullable Row<Selector, Entry> row(Selector selector) {
        return eroutes.row(selector);
    }

    long place(Selector selector) {
        return eroutes.place(selector);
    }

    int size() {
        return eroutes.size();
    }

    Iterable<Eroute> to(Said said) {
        TreeMap<Long, Eroute> same = bySaid.get(said);
        return same == null ? List.of() : same.values();
    }

    void put(Selector selector, Entry entry) {
        forget(selector);
        remember(eroutes.put(selector, entry));
    }

    /** Puts an old row back where it stood; null removes. */
    void set(Selector selector, Ordered.@Nullable Row<Selector, Entry> row) {
        forget(selector);
        eroutes.set(selector, row);
        if (row != null) {
            remember(row);
        }
    }

    private void remember(Ordered.Row<Selector, Entry> row) {
        Eroute eroute = row.value().eroute;
        bySaid.computeIfAbsent(eroute.said(), _ -> new TreeMap<>()).put(row.place(), eroute);
    }

    private void forget(Selector selector) {
        Ordered.Row<Selector, Entry> row = eroutes.row(selector);
        if (row == null) {
            return;
        }
        Said said = row.value().eroute.said();
        TreeMap<Long, Eroute> same = bySaid.get(said);
        if (same != null) {
            same.remove(row.place());
            if (same.isEmpty()) {
                bySaid.remove(said);
            }
        }
    }

    @Override
    public Iterator<Eroute> iterator() {
        Iterator<Entry> entries = eroutes.iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return entries.hasNext();
            }

            @Override
            public Eroute next() {
                return entries.next().eroute;
            }
        };
    }
}
