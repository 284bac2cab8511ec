package org.spigrp.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Those of many things that have done something since it was told last, so that telling costs nothing for the others.
 * What was told is remembered until it is known to be kept; was it lost, it is told again.
 */
final class Changes<T extends Changes.Item> {
    private final List<T> noted = new ArrayList<>();
    private final List<T> told = new ArrayList<>();

    /** Something that may change. */
    static class Item {
        private boolean isNoted;
        private boolean isTold;
    }

    /** On the packet path. */
    void note(T item) {
        Item flags = item;
        if (!flags.isNoted) {
            flags.isNoted = true;
            noted.add(item);
        }
    }

    void tell(Consumer<? super T> action) {
        for (T item : noted) {
            Item flags = item;
            flags.isNoted = false;
            if (!flags.isTold) {
                flags.isTold = true;
                told.add(item);
            }
            action.accept(item);
        }
        noted.clear();
    }

    /** What was told will not be lost any more. */
    void kept() {
        for (Item item : told) {
            item.isTold = false;
        }
        told.clear();
    }

    /** What was told since {@link #kept} was lost. */
    void lost() {
        for (T item : told) {
            ((Item) item).isTold = false;
            note(item);
        }
        told.clear();
    }
}
