package org.spigrp.bench;

import java.util.List;
import java.util.Locale;
import org.spigrp.command.Json;

/**
 * A line of the table of {@code bench/compare}; the script judges it.
 *
 * @param name by which the script is asked for it
 * @param unit of ours and yardstick
 * @param figure what the limit is for: a ratio, or a value of its own
 * @param note what a reader must know about it, or empty
 * @param detail lines of a table below the table
 */
record Row(
        String name,
        String what,
        String against,
        String unit,
        double ours,
        double yardstick,
        double figure,
        Limit limit,
        double target,
        String note,
        List<String> detail) {
    enum Limit {
        LEAST,
        MOST,
        /** Nobody has said what it should be. */
        NONE
    }

    static final double NO_TARGET = 0;

    /** How many times faster than the yardstick; {@link #NO_TARGET} is one too. */
    static Row atLeast(String name, String what, String against, Duel.Outcome outcome, double target, String note) {
        Limit limit = target == NO_TARGET ? Limit.NONE : Limit.LEAST;
        return duel(name, what, against, outcome, outcome.ratio(), limit, target, note);
    }

    /** How many times the cost of the yardstick. */
    static Row atMost(String name, String what, String against, Duel.Outcome outcome, double target, String note) {
        return duel(name, what, against, outcome, 1 / outcome.ratio(), Limit.MOST, target, note);
    }

    private static Row duel(
            String name,
            String what,
            String against,
            Duel.Outcome outcome,
            double figure,
            Limit limit,
            double target,
            String note) {
        return new Row(
                name,
                what,
                against,
                "ns/packet",
                outcome.ours(),
                outcome.yardstick(),
                figure,
                limit,
                target,
                note,
                List.of());
    }

    /** A value with a limit of its own. */
    static Row value(
            String name, String what, String unit, double value, double most, String note, List<String> detail) {
        return new Row(name, what, "", unit, value, 0, value, Limit.MOST, most, note, detail);
    }

    Row with(String newNote) {
        return new Row(name, what, against, unit, ours, yardstick, figure, limit, target, newNote, detail);
    }

    String json() {
        var json = new Json()
                .object()
                .member("row", name)
                .member("what", what)
                .member("against", against)
                .member("unit", unit)
                .member("ours", number(ours))
                .member("yardstick", number(yardstick))
                .member("figure", number(figure))
                .member("note", note);
        if (limit != Limit.NONE) {
            json.member("limit", limit.name().toLowerCase(Locale.ROOT)).member("target", number(target));
        }
        json.array("detail");
        detail.forEach(json::value);
        return json.end().end().toString();
    }

    /** As text: the script makes numbers of them. */
    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }
}
