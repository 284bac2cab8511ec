package org.spigrp.cli;

import java.io.InputStream;
import java.io.PrintStream;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.NotDurable;
import org.spigrp.command.Release;
import org.spigrp.store.StoreTrouble;
import org.spigrp.wire.NearestName;
import org.spigrp.wire.Quote;

/** {@code ipsec}: the first word is the command, the rest is its. May be run many times in one process. */
public final class Ipsec {
    /** What sysexits.h calls a fault of the program itself. */
    static final int INTERNAL = 70;

    private static final List<String> OPTIONS = List.of(
            "-f", "--keep-going", "--help", "--version", "--versioncode", "--directory", "--confdir", "--copyright");

    private final InputStream in;
    private final PrintStream out;
    private final PrintStream err;
    private final Session session;

    private Ipsec(InputStream in, PrintStream out, PrintStream err, Session session) {
        this.in = in;
        this.out = out;
        this.err = err;
        this.session = session;
    }

    /**
     * Runs one command, or a script of them.
     *
     * @return the exit code: 0 done, 1 refused, 2 failed, 70 for a fault of ours
     */
    public static int run(String[] args, InputStream in, PrintStream out, PrintStream err, Environment environment) {
        String who = args.length == 0 || args[0].startsWith("-") ? "ipsec" : "ipsec " + args[0];
        int exit;
        try (Session session = new Session(environment)) {
            exit = new Ipsec(in, out, err, session).run(List.of(args));
        } catch (StoreTrouble trouble) { // from the end of the session: what was acknowledged is done all the same
            err.println(who + ": " + trouble.say());
            exit = Refusal.FAILED;
        }
        out.flush();
        if (out.checkError()) {
            if (!(out instanceof Output output && output.readerHasGone())) {
                err.println(who + ": could not write all of the output: is the disk full?");
            }
            exit = Math.max(exit, Refusal.FAILED);
        }
        err.flush();
        return exit;
    }

    private int run(List<String> words) {
        Call call = call("ipsec", words);
        if (words.isEmpty()) {
            return guarded(call, _ -> HelpCommand.hint(call));
        }
        String first = words.getFirst();
        if (first.startsWith("-")) {
            return guarded(call, this::option);
        }
        Command command = CommandTable.find(first);
        if (command == null) {
            return guarded(call, _ -> {
                throw noCommand(first);
            });
        }
        return run(command, call("ipsec " + first, words.subList(1, words.size())));
    }

    static Refusal noCommand(String name) {
        return new Refusal("there is no command " + Quote.of(name)
                + NearestName.suggestion(name, CommandTable.names(), "; 'ipsec --help' lists them"));
    }

    private Call call(String name, List<String> words) {
        return new Call(name, words, in, out, err, session);
    }

    private int option(Call call) {
        List<String> words = call.words();
        String option = words.getFirst();
        if (option.equals("-f") || option.equals("--keep-going")) {
            return Script.run(call);
        }
        if (words.size() > 1 && OPTIONS.contains(option)) {
            throw new Refusal(option + " stands alone, but " + Quote.of(words.get(1)) + " follows it");
        }
        switch (option) {
            case "--help" -> HelpCommand.list(call);
            case "--version" -> call.say(Release.line());
            case "--versioncode" -> call.say(Release.CODE);
            case "--directory" -> call.say(directory(call.environment()));
            case "--confdir" -> call.say(call.session().stateDirectory().toString());
            case "--copyright" ->
                call.say(Release.line() + ": free software under the Apache License, Version 2.0; see LICENSE and"
                        + " NOTICE");
            default ->
                throw new Refusal("there is no option " + Quote.of(option)
                        + NearestName.suggestion(option, OPTIONS, "; was the command's name left out?"));
        }
        return 0;
    }

    private static String directory(Environment environment) {
        if (environment.home() == null) {
            throw new Refusal("does not know where it is installed: it was not started by the launcher");
        }
        return environment.home().toString();
    }

    /** What can be done under a guard. */
    interface Body {
        int run(Call call);
    }

    static int run(Command command, Call call) {
        return guarded(call, command::run);
    }

    /** Every end of a command becomes an exit code, and where it is no good end, one line on stderr. */
    static int guarded(Call call, Body body) {
        try {
            return body.run(call);
        } catch (Refusal refusal) {
            return end(refusal.culpritOr(call), refusal.say(), refusal.exit());
        } catch (StoreTrouble trouble) {
            return end(call, trouble.say(), Refusal.FAILED);
        } catch (NotDurable trouble) {
            return end(call, String.valueOf(trouble.getMessage()), Refusal.FAILED);
        } catch (OutOfMemoryError e) {
            return end(call, "needs more memory: give it some, as in IPSEC_JAVA_OPTS=-Xmx2g", Refusal.FAILED);
        } catch (RuntimeException | Error e) { // the last resort: a user never sees a trace he did not ask for
            if (call.environment().variable("IPSEC_DEBUG") != null) {
                e.printStackTrace(call.err());
            }
            return end(
                    call,
                    "internal error: " + e.getClass().getName() + " at " + place(e)
                            + " - please report it; IPSEC_DEBUG=1 shows more",
                    INTERNAL);
        }
    }

    static int end(Call call, String say, int exit) {
        call.complain(say);
        return exit;
    }

    private static @Nullable String place(Throwable e) {
        StackTraceElement[] trace = e.getStackTrace();
        return trace.length == 0 ? "an unknown place" : trace[0].toString();
    }
}
