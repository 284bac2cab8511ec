package org.spigrp.cli;

import java.io.InputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.function.IntFunction;
import org.spigrp.command.Change;
import org.spigrp.command.Outcome;
import org.spigrp.command.Snapshot;

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

    Snapshot snapshot() {
        session.flush();
        return session.snapshot(this::warn);
    }

    /** What there is, by a command that is about to change it: nobody else changes it in between. */
    Snapshot snapshotForChange() {
        session.flush();
        return session.backend(this::warn).snapshot();
    }

    /**
     * Does the changes as one whole and shows the notices. In a script they are done together with those of other
     * lines, at the latest when somebody asks what there is.
     */
    void apply(List<Change> changes) {
        if (!session.queue(changes, this)) {
            done(session.backend(this::warn).apply(changes), _ -> this);
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
