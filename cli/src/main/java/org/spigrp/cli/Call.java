package org.spigrp.cli;

import java.io.InputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Change;
import org.spigrp.command.Listing;
import org.spigrp.command.Outcome;
import org.spigrp.command.Snapshot;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.Group;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;

/** One use of one command: its words, its streams, and the state it works on. */
final class Call {
    private final String name;
    private final List<String> words;
    private final InputStream in;
    private final PrintStream out;
    private final PrintStream err;
    private final Session session;
    private String label = "";

    /**
     * @param name what messages begin with, as {@code ipsec spi}
     * @param words behind the command's name
     */
    Call(String name, List<String> words, InputStream in, PrintStream out, PrintStream err, Session session) {
        this.name = name;
        this.words = List.copyOf(words);
        this.in = in;
        this.out = out;
        this.err = err;
        this.session = session;
    }

    /** The same streams and state, under another name and without words. */
    Call named(String other) {
        return new Call(other, List.of(), in, out, err, session);
    }

    List<String> words() {
        return words;
    }

    InputStream in() {
        return in;
    }

    PrintStream out() {
        return out;
    }

    PrintStream err() {
        return err;
    }

    Session session() {
        return session;
    }

    Environment environment() {
        return session.environment();
    }

    Names names() {
        return session.names();
    }

    /** {@code --label}: from here on all messages carry it. */
    void label(String text) {
        label = " --label " + text;
    }

    /** What every message begins with. */
    String who() {
        return name + label;
    }

    void say(String line) {
        session.clearProgress();
        out.println(line);
    }

    void warn(String line) {
        complain("warning: " + line);
    }

    /** A line on stderr, behind the name of the command. */
    void complain(String line) {
        session.clearProgress();
        out.flush(); // what was printed before comes before
        err.println(who() + ": " + line);
    }

    /** Prints what there is, from here or from the daemon. */
    void list(Listing listing, boolean json) {
        if (session.waitsForDaemon()) {
            session.later(true, () -> list(listing, json));
            return;
        }
        session.flush();
        RemoteBackend daemon = session.daemon();
        if (daemon != null) {
            daemon.list(listing, json, this::say);
        } else {
            listing.print(session.snapshot(this::warn), environment().clock().instant(), json, this::say);
        }
    }

    /** Says the SAref of an SA (0 if there is none) in the form of {@code --dumpsaref}. */
    void saySaref(Said said, int refhim) {
        if (session.waitsForDaemon()) {
            session.later(false, () -> saySaref(said, refhim));
        } else {
            say(who() + ": saref=" + saref(said) + "/" + refhim);
        }
    }

    private int saref(Said said) {
        session.flush();
        RemoteBackend daemon = session.daemon();
        if (daemon != null) {
            return daemon.saref(said);
        }
        SecurityAssociation sa = snapshotForChange().sa(said);
        return sa == null ? 0 : sa.ref();
    }

    /** Where the eroute of exactly this selector goes, or null. */
    @Nullable
    Said erouteGoal(Selector selector) {
        session.flush();
        RemoteBackend daemon = session.daemon();
        if (daemon != null) {
            return daemon.erouteGoal(selector);
        }
        Eroute eroute = snapshotForChange().eroute(selector);
        return eroute == null ? null : eroute.said();
    }

    /** The first SA of the group with that name, or null. */
    @Nullable
    Said firstOf(String group) {
        session.flush();
        RemoteBackend daemon = session.daemon();
        if (daemon != null) {
            return daemon.firstOf(group);
        }
        Group found = snapshotForChange().groupNamed(group);
        return found == null ? null : found.first();
    }

    /** By a command that is about to change something: nobody else changes it in between. */
    private Snapshot snapshotForChange() {
        return session.backend(this::warn).snapshot();
    }

    /**
     * Does the changes as one whole and shows the notices. In a script they are done together with those of other
     * lines, at the latest when somebody asks what there is.
     */
    void apply(List<Change> changes) {
        if (!session.queue(changes, this)) {
            done(session.apply(changes, this::warn), _ -> this);
        }
    }

    void apply(Change change) {
        apply(List.of(change));
    }

    /**
     * Shows the notices of what was done, or ends the command with what was not.
     *
     * @param culprit whose change the one of that number was
     */
    void done(Outcome outcome, IntFunction<Call> culprit) {
        switch (outcome) {
            case Outcome.Done done -> {
                for (String notice : done.notices()) {
                    warn(notice);
                }
            }
            case Outcome.Refused refused ->
                throw new Refusal(
                        refused.say() + " (errno=" + refused.reason().errno() + ")",
                        Refusal.REFUSED,
                        culprit.apply(refused.at()));
            case Outcome.Failed failed -> throw new Refusal(failed.say(), Refusal.FAILED);
        }
    }
}
