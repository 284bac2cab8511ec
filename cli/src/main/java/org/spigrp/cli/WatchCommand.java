package org.spigrp.cli;

import java.util.List;
import java.util.Set;
import org.spigrp.command.Json;
import org.spigrp.command.JsonValue;

/** {@code ipsec watch}: events of the live stack as they happen. */
final class WatchCommand implements Command {
    @Override
    public String name() {
        return "watch";
    }

    @Override
    public String summary() {
        return "tell what happens in the live stack";
    }

    @Override
    public String usage() {
        return """
            Usage: ipsec watch [--json] [--debug]

            One line for each event, until the daemon ends or this command is interrupted: changes, wanted SAs
            (acquire), limits passed, drops (counted), interfaces. --debug adds the decisions that klipsdebug
            asks for. 'ipsec help watch' lists the events.
            """;
    }

    @Override
    public boolean allowedInScripts() {
        return false;
    }

    @Override
    public int run(Call call) {
        Set<String> given = Flags.read(this, call, List.of("--json", "--debug"));
        if (given == null) {
            return 0;
        }
        boolean json = given.contains("--json");
        boolean debug = given.contains("--debug");
        RemoteBackend daemon = call.session().daemon();
        if (daemon == null) {
            throw new Refusal("no daemon runs, so nothing happens: start one with 'ipsec setup start'");
        }
        daemon.watch(debug, event -> {
            call.say(json ? new Json().value(event).toString() : text(event));
            return !call.out().checkError(); // flushes, and tells that the reader has gone
        });
        return 0;
    }

    /** As an event prints itself. */
    private static String text(JsonValue.Obj event) {
        String said = member(event, "said");
        return member(event, "time") + " " + member(event, "event") + (said.isEmpty() ? "" : " " + said) + ": "
                + member(event, "say");
    }

    private static String member(JsonValue.Obj event, String name) {
        return event.members().get(name) instanceof JsonValue.Text(String text) ? text : "";
    }
}
