package org.spigrp.cli;

import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Set;
import org.spigrp.command.Listing;

/** {@code ipsec look}: everything at one glance. */
final class LookCommand implements Command {
    private static final List<String> DAYS = List.of("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun");
    private static final List<String> MONTHS =
            List.of("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec");

    @Override
    public String name() {
        return "look";
    }

    @Override
    public String summary() {
        return "show everything at one glance";
    }

    @Override
    public String usage() {
        return """
            Usage: ipsec look [--json]
                   ipsec look --clear-counters

            Host and date; eroutes with the whole group that each leads to, and packets in parentheses; attached
            interfaces; SAs; then what is wrong: eroutes without SA, and how packets ended that did not get through.
            --clear-counters forgets these counts in a running daemon.
            """;
    }

    @Override
    public int run(Call call) {
        Set<String> given = Flags.read(this, call, List.of("--json", "--clear-counters"));
        if (given == null) {
            return 0;
        }
        boolean json = given.contains("--json");
        boolean clear = given.contains("--clear-counters");
        if (clear) {
            if (json) {
                throw new Refusal("--json is for the listing, not for --clear-counters");
            }
            clearCounters(call);
            return 0;
        }
        if (call.session().waitsForDaemon()) {
            call.session().later(true, () -> print(call, json));
        } else {
            print(call, json);
        }
        return 0;
    }

    private static void print(Call call, boolean json) {
        if (!json) {
            var now = call.environment().clock().instant();
            call.say(call.environment().host().name() + " " + date(now.atZone(ZoneOffset.UTC)));
        }
        call.list(Listing.LOOK, json);
    }

    private static void clearCounters(Call call) {
        call.session().flush();
        RemoteBackend daemon = call.session().daemon();
        if (daemon == null) {
            throw new Refusal("--clear-counters is for the counters of a daemon, and none runs: what captures have"
                    + " counted goes when its SA goes");
        }
        daemon.clearCounters();
    }

    /** As date(1) in the C locale; always UTC, so that reports from two machines can be laid side by side. */
    static String date(ZonedDateTime time) {
        String day = Integer.toString(time.getDayOfMonth());
        return DAYS.get(time.getDayOfWeek().getValue() - 1) + " " + MONTHS.get(time.getMonthValue() - 1) + " "
                + (day.length() < 2 ? " " : "") + day + " " + two(time.getHour()) + ":" + two(time.getMinute()) + ":"
                + two(time.getSecond()) + " UTC " + time.getYear();
    }

    private static String two(int number) {
        return (number < 10 ? "0" : "") + number;
    }
}
