package org.spigrp.daemon;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Event;

/**
 * Events on their way to one watcher. The stack's thread puts them in and never waits: what finds no room is counted, and
 * told as one event of kind LOST where it would have stood. Any thread.
 */
final class EventQueue {
    private final int room;
    private final Deque<Event> events = new ArrayDeque<>();
    private @Nullable Event lastLost;
    private long lost;
    private boolean ended;

    EventQueue(int room) {
        this.room = room;
    }

    synchronized void put(Event event) {
        if (ended) {
            return;
        }
        if (events.size() >= room) {
            lost++;
            lastLost = event;
            return;
        }
        events.addLast(event);
        notifyAll();
    }

    private void addLost() {
        Event last = lastLost;
        if (last != null) {
            events.addLast(new Event(
                    last.time(),
                    Event.Kind.LOST,
                    null,
                    lost + " events were lost: this watcher is too slow",
                    List.of(new Event.Detail("count", Long.toString(lost)))));
            lastLost = null;
            lost = 0;
        }
    }

    /** All that there is, at least one; null at the end. */
    synchronized @Nullable List<Event> take() throws InterruptedException {
        while (events.isEmpty() && lost == 0) {
            if (ended) {
                return null;
            }
            wait();
        }
        addLost(); // there is room only now, so they came behind all that are here
        List<Event> taken = new ArrayList<>(events);
        events.clear();
        return taken;
    }

    /** No more will come; those that are there can still be taken. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }
}
