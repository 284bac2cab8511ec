package org.spigrp.daemon;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Change;
import org.spigrp.command.Event;
import org.spigrp.command.Listing;
import org.spigrp.command.Outcome;
import org.spigrp.command.Stop;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Shunt;

/** A stack that writes down what it is asked. */
class FakeDesk implements Desk {
    final BlockingQueue<List<Change>> applied = new LinkedBlockingQueue<>();
    final BlockingQueue<Stop> stops = new LinkedBlockingQueue<>();
    final BlockingQueue<String> done = new LinkedBlockingQueue<>();
    final List<Consumer<Event>> watchers = new CopyOnWriteArrayList<>();
    volatile Outcome outcome = Outcome.Done.QUIETLY;
    volatile int listed = 3;

    @Override
    public Outcome apply(List<Change> changes) {
        applied.add(new ArrayList<>(changes));
        return outcome;
    }

    @Override
    public void list(Listing listing, boolean json, Consumer<String> line) {
        for (int i = 0; i < listed; i++) {
            line.accept(listing.text() + (json ? " json " : " \"text\" ") + i);
        }
    }

    @Override
    public @Nullable SecurityAssociation sa(Said said) {
        return null;
    }

    @Override
    public Eroute eroute(Selector selector) {
        return new Eroute(selector, Shunt.DROP.said());
    }

    @Override
    public @Nullable Said groupNamed(String name) {
        if (name.equals("broken")) {
            throw new IllegalStateException("a fault of ours");
        }
        return null;
    }

    @Override
    public String status() {
        return "{\"pid\":1}";
    }

    @Override
    public void clearCounters() {
        done.add("clear-counters");
    }

    @Override
    public void stop(Stop how) {
        stops.add(how);
    }

    @Override
    public AutoCloseable watch(boolean debug, Consumer<Event> taker) {
        watchers.add(taker);
        done.add("watch " + debug);
        return () -> {
            watchers.remove(taker);
            done.add("unwatch");
        };
    }
}
