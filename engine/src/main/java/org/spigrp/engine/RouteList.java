package org.spigrp.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A few routes, the best first. */
final class RouteList {
    private @Nullable Route[] routes = new @Nullable Route[2];
    private int size;

    void add(Route route) {
        if (size == routes.length) {
            routes = Arrays.copyOf(routes, 2 * size);
        }
        int at = size++;
        while (at > 0 && Route.BEST_FIRST.compare(route, get(at - 1)) < 0) {
            routes[at] = routes[at - 1];
            at--;
        }
        routes[at] = route;
    }

    void remove(Route route) {
        int at = 0;
        while (routes[at] != route) {
            at++;
        }
        System.arraycopy(routes, at + 1, routes, at, size - at - 1);
        routes[--size] = null;
    }

    int size() {
        return size;
    }

    @SuppressWarnings("NullAway") // below size there is one
    Route get(int at) {
        return routes[at];
    }

    /** The one with this selector, or null. */
    @Nullable
    Route same(Match selector) {
        for (int i = 0; i < size; i++) {
            if (get(i).isSame(selector)) {
                return get(i);
            }
        }
        return null;
    }
}
