package org.spigrp.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.spigrp.wire.NumberText;
import org.spigrp.wire.Parsed;
import org.spigrp.wire.Quote;

/** The options that were given, each at most once, and their values as text. */
final class Given {
    private final Map<String, String> values = new LinkedHashMap<>();

    void put(String option, String value) {
        String before = values.putIfAbsent(option, value);
        if (before != null) {
            boolean same = before.equals(value);
            throw new Refusal("--" + option + " is given twice"
                    + (same || option.endsWith("key") ? "" : ": " + Quote.of(before) + ", then " + Quote.of(value)));
        }
    }

    boolean has(String option) {
        return values.containsKey(option);
    }

    @Nullable
    String text(String option) {
        return values.get(option);
    }

    boolean isEmpty() {
        return values.isEmpty();
    }

    /** In the order they were typed. */
    Iterable<String> options() {
        return values.keySet();
    }

    /** The number that {@code option} gives, or {@code otherwise}. */
    long number(String option, long least, long most, long otherwise) {
        String text = values.get(option);
        return text == null ? otherwise : number("--" + option, text, least, most);
    }

    /** A number in decimal, octal (0...) or hexadecimal (0x...). */
    static long number(String what, String text, long least, long most) {
        return switch (NumberText.parse(text)) {
            case Parsed.Bad<Long>(String why) -> throw new Refusal(what + ": " + why);
            case Parsed.Ok<Long>(Long number) -> {
                if (number < least || number > most) { // the parser gives no negative numbers but those above 2^63
                    throw new Refusal(what + " " + Quote.of(text) + " does not fit: it must be " + least + ".." + most);
                }
                yield number;
            }
        };
    }
}
