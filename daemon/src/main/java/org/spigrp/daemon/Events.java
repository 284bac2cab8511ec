package org.spigrp.daemon;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Event;
import org.spigrp.sa.Said;

/**
 * Tells what happens to whoever watches. Told by the stack's thread; watchers come and go by any. A watcher is never
 * waited for: it has a queue of its own, and counts what did not fit.
 */
final class Events {
    private record Watcher(boolean debug, Consumer<Event> taker) {}

    private final InstantSource clock;
    private final Consumer<String> log;
    private final List<Watcher> watchers = new CopyOnWriteArrayList<>();

    /** @param log hears everything but debugging, a line each */
    Events(InstantSource clock, Consumer<String> log) {
        this.clock = clock;
        this.log = log;
    }

    AutoCloseable watch(boolean debug, Consumer<Event> taker) {
        var watcher = new Watcher(debug, taker);
        watchers.add(watcher);
        return () -> watchers.remove(watcher);
    }

    /** @param details name, value, name, value, ... */
    void tell(Event.Kind kind, @Nullable Said said, String say, String... details) {
        var list = new ArrayList<Event.Detail>(details.length / 2);
        for (int i = 0; i + 1 < details.length; i += 2) {
            list.add(new Event.Detail(details[i], details[i + 1]));
        }
        var event = new Event(clock.instant(), kind, said, say, list);
        for (Watcher watcher : watchers) {
            watcher.taker().accept(event);
        }
        log.accept(event.toString());
    }

    /** Tells of a decision those who asked for such, and returns it; it is not logged. */
    Event debug(@Nullable Said said, String say, String flag) {
        var event = new Event(clock.instant(), Event.Kind.DEBUG, said, say, List.of(new Event.Detail("flag", flag)));
        for (Watcher watcher : watchers) {
            if (watcher.debug()) {
                watcher.taker().accept(event);
            }
        }
        return event;
    }
}
