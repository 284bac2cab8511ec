package org.spigrp.cli;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Json;
import org.spigrp.command.JsonValue;
import org.spigrp.command.Stop;
import org.spigrp.wire.NearestName;
import org.spigrp.wire.Quote;

/** {@code ipsec setup}: starts and ends the daemon in the background, and tells how it is. */
final class SetupCommand implements Command {
    /** What the Linux Standard Base wants of a status where nothing runs. */
    static final int NOT_RUNNING = 3;

    private static final List<String> ACTIONS = List.of("start", "stop", "restart", "status");

    @Override
    public String name() {
        return "setup";
    }

    @Override
    public String summary() {
        return "start and stop the live stack";
    }

    @Override
    public String usage() {
        return """
            Usage: ipsec setup start             starts the daemon, and returns when traffic flows
                   ipsec setup stop [--open]     ends it; --open lets traffic leave in clear from then on
                   ipsec setup restart           ends it and starts it again; what is protected stays protected
                   ipsec setup status [--json]   exit code 3 if it does not run

            What the daemon says goes to the file 'log' in the run directory. Options of
            'ipsec run' stand behind 'start --', names of files among them absolute.
            """;
    }

    @Override
    public boolean allowedInScripts() {
        return false;
    }

    @Override
    public int run(Call call) {
        String action = null;
        boolean open = false;
        boolean json = false;
        List<String> words = call.words();
        int end = words.indexOf("--");
        List<String> options = end < 0 ? List.of() : words.subList(end + 1, words.size());
        for (String word : end < 0 ? words : words.subList(0, end)) {
            switch (word) {
                case "--help" -> {
                    call.out().print(usage());
                    return 0;
                }
                case "--version" -> {
                    call.say(Version.of(this));
                    return 0;
                }
                case "--open" -> open = true;
                case "--json" -> json = true;
                default -> action = only(action, word);
            }
        }
        if (action == null) {
            throw new Refusal("is not told what to do: start, stop, restart or status");
        }
        if (open && !action.equals("stop")) {
            throw new Refusal("--open is for stop, not for " + action);
        }
        if (json && !action.equals("status")) {
            throw new Refusal("--json is for status, not for " + action);
        }
        if (!options.isEmpty() && !action.equals("start")) {
            throw new Refusal("takes options of 'ipsec run' behind 'start --' only, not with " + action);
        }
        return switch (action) {
            case "start" -> start(call, options);
            case "stop" -> stop(call, open ? Stop.OPEN : Stop.CLOSED);
            case "restart" -> restart(call);
            default -> status(call, json);
        };
    }

    private static String only(@Nullable String before, String word) {
        if (!ACTIONS.contains(word)) {
            throw new Refusal("does not know " + Quote.of(word)
                    + NearestName.suggestion(word, ACTIONS, ": there are start, stop, restart and status"));
        }
        if (before != null) {
            throw new Refusal("does one thing at a time, but " + before + " and " + word + " are given");
        }
        return word;
    }

    private static int start(Call call, List<String> options) {
        RemoteBackend daemon = call.session().daemon();
        if (daemon != null) {
            if (!options.isEmpty()) {
                throw new Refusal("cannot give options to a daemon that runs already (process " + daemon.pid()
                        + "): stop it first");
            }
            call.say("already running (process " + daemon.pid() + ")");
            return 0;
        }
        new DaemonStart(call.environment()).run(options);
        return 0;
    }

    private static int stop(Call call, Stop how) {
        RemoteBackend daemon = call.session().daemon();
        if (daemon == null) {
            call.say("not running");
            return 0;
        }
        daemon.stop(how);
        return 0;
    }

    private static int restart(Call call) {
        RemoteBackend daemon = call.session().daemon();
        if (daemon != null) {
            daemon.stop(Stop.RESTART);
        }
        new DaemonStart(call.environment()).run(List.of());
        return 0;
    }

    private static int status(Call call, boolean json) {
        RemoteBackend daemon = call.session().daemon();
        if (daemon == null) {
            call.say(json ? new Json().object().member("running", false).end().toString() : "not running");
            return NOT_RUNNING;
        }
        JsonValue.Obj status = daemon.statusObject();
        if (json) {
            var all = new Json().object().member("running", true);
            status.members().forEach(all::member);
            call.say(all.end().toString());
        } else {
            call.say("running");
            print(call, status);
        }
        return 0;
    }

    /** A line for each member; lists have a line for each element. */
    private static void print(Call call, JsonValue.Obj status) {
        for (Map.Entry<String, JsonValue> member : status.members().entrySet()) {
            if (member.getValue() instanceof JsonValue.Arr(List<JsonValue> elements)) {
                for (JsonValue element : elements) {
                    call.say(member.getKey() + ": " + text(element));
                }
            } else {
                call.say(member.getKey() + ": " + text(member.getValue()));
            }
        }
    }

    private static String text(JsonValue value) {
        return switch (value) {
            case JsonValue.Obj(Map<String, JsonValue> members) ->
                members.entrySet().stream()
                        .map(member -> member.getKey() + "=" + text(member.getValue()))
                        .collect(Collectors.joining(" "));
            case JsonValue.Arr(List<JsonValue> elements) ->
                elements.stream().map(SetupCommand::text).collect(Collectors.joining(","));
            case JsonValue.Text(String text) -> text;
            case JsonValue.Num(String text) -> text;
            case JsonValue.Flag(boolean flag) -> flag ? "yes" : "no";
            case JsonValue.Null _ -> "none";
        };
    }
}
