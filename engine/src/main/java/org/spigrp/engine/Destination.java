package org.spigrp.engine;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.spigrp.sa.Selector;
import org.spigrp.wire.Family;

/**
 * The eroutes of one destination network, where there are two and more: few are a list, many a table by source network
 * and protocol.
 */
final class Destination extends Match {
    /** Up to which a list is quicker than a table. */
    private static final int LIST_LENGTH = 8;

    private final Family family;
    private RouteList list = new RouteList();
    private @Nullable BySource bySource;
    private PrefixLengths lengths;
    private int size;

    /** Eroutes to one destination network by their source network and protocol; a {@link Tuple} where ports differ. */
    static final class BySource extends TagTable<Match> {
        @Override
        boolean is(Match value, long high, long low, long rest) {
            return value.sourceLow == low && value.sourceHigh == high && rest == rest(value);
        }

        static long rest(Match value) {
            return rest(value.sourceRest, value.protocol);
        }

        static long rest(int sourceRest, int protocol) {
            return (long) sourceRest << 16 | protocol;
        }
    }

    /** Eroutes that differ in their ports alone. */
    static final class Tuple extends Match {
        final RouteList list = new RouteList();

        Tuple(Selector selector) {
            super(selector);
        }
    }

    /** An empty one for the destination network of this selector. */
    Destination(Selector selector) {
        super(selector);
        family = selector.family();
        lengths = new PrefixLengths(family);
    }

    int size() {
        return size;
    }

    void add(Route route) {
        size++;
        if (bySource == null && size > LIST_LENGTH) {
            bySource = new BySource();
            RouteList all = list;
            list = new RouteList();
            for (int i = 0; i < all.size(); i++) {
                addToTable(bySource, all.get(i));
            }
        }
        if (bySource == null) {
            list.add(route);
        } else {
            addToTable(bySource, route);
        }
    }

    private void addToTable(BySource table, Route route) {
        lengths.add(route.sourceRest);
        Match there = table.get(route.sourceHigh, route.sourceLow, BySource.rest(route));
        if (there instanceof Tuple tuple) {
            tuple.list.add(route);
        } else if (there instanceof Route other) {
            var tuple = new Tuple(route.selector());
            tuple.list.add(other);
            tuple.list.add(route);
            table.put(route.sourceHigh, route.sourceLow, BySource.rest(route), tuple);
        } else {
            table.put(route.sourceHigh, route.sourceLow, BySource.rest(route), route);
        }
    }

    /** Takes out one that is in. */
    void remove(Route route) {
        size--;
        BySource table = bySource;
        if (table == null) {
            list.remove(route);
            return;
        }
        lengths.remove(route.sourceRest);
        Match there = table.get(route.sourceHigh, route.sourceLow, BySource.rest(route));
        if (there instanceof Tuple tuple && tuple.list.size() > 1) {
            tuple.list.remove(route);
        } else {
            table.remove(route.sourceHigh, route.sourceLow, BySource.rest(route));
        }
        if (size <= LIST_LENGTH / 2) { // not at once: one eroute that comes and goes must not rebuild the table
            bySource = null;
            lengths = new PrefixLengths(family);
            forEach(table, list::add);
        }
    }

    /** The one with this selector, or null. */
    @Nullable
    Route same(Match selector) {
        if (bySource == null) {
            return list.same(selector);
        }
        Match there = bySource.get(selector.sourceHigh, selector.sourceLow, BySource.rest(selector));
        if (there instanceof Tuple tuple) {
            return tuple.list.same(selector);
        }
        return there instanceof Route route && route.isSame(selector) ? route : null;
    }

    void forEach(Consumer<Route> action) {
        if (bySource == null) {
            forEach(list, action);
        } else {
            forEach(bySource, action);
        }
    }

    private static void forEach(BySource table, Consumer<Route> action) {
        table.forEach(each -> {
            if (each instanceof Tuple tuple) {
                forEach(tuple.list, action);
            } else {
                action.accept((Route) each);
            }
        });
    }

    private static void forEach(RouteList routes, Consumer<Route> action) {
        for (int i = 0; i < routes.size(); i++) {
            action.accept(routes.get(i));
        }
    }

    /** Few eroutes, the best first. */
    RouteList list() {
        return list;
    }

    /** Null where {@link #list} has them. */
    @Nullable
    BySource bySource() {
        return bySource;
    }

    /** Of sources in the table, the bits behind them. */
    int[] sourceRests() {
        return lengths.rests();
    }
}
