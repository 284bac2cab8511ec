package org.spigrp.command;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.spigrp.sa.KeyMaterial;
import org.spigrp.wire.NearestName;
import org.spigrp.wire.Parsed;
import org.spigrp.wire.Quote;

/**
 * The members of one object, taken one by one by their names. What is not as it must be ends the reading with a line;
 * {@link #parsed} is the edge that the line does not cross as an exception.
 */
final class JsonFields {
    /** Ends the reading. Never leaves the package. */
    static final class Wrong extends RuntimeException {
        private static final long serialVersionUID = 1;

        Wrong(String say) {
            super(say, null, false, false);
        }

        String say() {
            return String.valueOf(getMessage());
        }
    }

    private final JsonValue.Obj object;
    private final Set<String> taken = new LinkedHashSet<>();

    JsonFields(JsonValue.Obj object) {
        this.object = object;
    }

    static JsonFields of(JsonValue value, String what) {
        if (value instanceof JsonValue.Obj object) {
            return new JsonFields(object);
        }
        throw new Wrong(what + " must be an object, not " + value.kind());
    }

    /** Runs what may end with a complaint. */
    static <T> Parsed<T> parsed(Supplier<T> body) {
        try {
            return Parsed.ok(body.get());
        } catch (Wrong wrong) {
            return Parsed.bad(wrong.say());
        }
    }

    static <T> T good(String name, Parsed<T> parsed) {
        return switch (parsed) {
            case Parsed.Ok<T>(T value) -> value;
            case Parsed.Bad<T>(String why) -> throw new Wrong(Quote.of(name) + ": " + why);
        };
    }

    /** Null also where it stands there as null. */
    @Nullable
    JsonValue optional(String name) {
        taken.add(name);
        JsonValue value = object.members().get(name);
        return value instanceof JsonValue.Null ? null : value;
    }

    JsonValue required(String name) {
        JsonValue value = optional(name);
        if (value == null) {
            throw new Wrong("the member " + Quote.of(name) + " is missing");
        }
        return value;
    }

    @Nullable
    String optionalText(String name) {
        JsonValue value = optional(name);
        return value == null ? null : text(name, value);
    }

    String text(String name) {
        return text(name, required(name));
    }

    private static String text(String name, JsonValue value) {
        if (value instanceof JsonValue.Text(String text)) {
            return text;
        }
        throw new Wrong(Quote.of(name) + " must be a text, not " + value.kind());
    }

    boolean flag(String name) {
        return switch (optional(name)) {
            case null -> false;
            case JsonValue.Flag(boolean value) -> value;
            case JsonValue other -> throw new Wrong(Quote.of(name) + " must be true or false, not " + other.kind());
        };
    }

    /** One of the values, by its word. */
    <T> T oneOf(String name, T[] values, Function<T, String> word, T absent) {
        String text = optionalText(name);
        return text == null ? absent : oneOf(name, text, Arrays.asList(values), word);
    }

    static <T> T oneOf(String name, String text, List<T> values, Function<T, String> word) {
        List<String> known = new ArrayList<>();
        for (T value : values) {
            if (word.apply(value).equals(text)) {
                return value;
            }
            known.add(word.apply(value));
        }
        throw new Wrong(Quote.of(name) + ": " + Quote.of(text) + " is none of " + String.join(", ", known));
    }

    long number(String name, long most, long absent) {
        JsonValue value = optional(name);
        return value == null ? absent : number(name, value, most);
    }

    static long number(String name, JsonValue value, long most) {
        long number = unsigned(name, value);
        if (number < 0 || number > most) {
            throw new Wrong(Quote.of(name) + " must be a whole number from 0 to " + most);
        }
        return number;
    }

    /** 64 bits without a sign. */
    long unsigned(String name) {
        JsonValue value = optional(name);
        return value == null ? 0 : unsigned(name, value);
    }

    private static long unsigned(String name, JsonValue value) {
        if (!(value instanceof JsonValue.Num(String text))) {
            throw new Wrong(Quote.of(name) + " must be a number, not " + value.kind());
        }
        try {
            if (text.charAt(0) != '-') {
                return Long.parseUnsignedLong(text);
            }
        } catch (NumberFormatException e) {
            // a fraction, or more than 64 bits: said below
        }
        throw new Wrong(Quote.of(name) + " must be a whole number from 0 to " + Long.toUnsignedString(-1L));
    }

    /** Hexadecimal digits, without a prefix; absent = no key. Nothing of it is repeated in a complaint. */
    KeyMaterial key(String name) {
        String digits = optionalText(name);
        if (digits == null) {
            return KeyMaterial.NONE;
        }
        byte[] octets = new byte[digits.length() / 2];
        boolean good = digits.length() % 2 == 0;
        for (int i = 0; good && i < digits.length(); i++) {
            char c = digits.charAt(i);
            int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
            good = digit >= 0;
            octets[i / 2] |= (byte) (i % 2 == 0 ? digit << 4 : digit);
        }
        KeyMaterial key = KeyMaterial.copyOf(octets);
        Arrays.fill(octets, (byte) 0);
        if (!good) {
            throw new Wrong(Quote.of(name) + " must be pairs of hexadecimal digits (0-9, a-f), two for an octet");
        }
        return key;
    }

    /** The elements; none where it is absent. */
    List<JsonValue> elements(String name) {
        return switch (optional(name)) {
            case null -> List.of();
            case JsonValue.Arr(List<JsonValue> elements) -> elements;
            case JsonValue other -> throw new Wrong(Quote.of(name) + " must be an array, not " + other.kind());
        };
    }

    List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        for (JsonValue element : elements(name)) {
            texts.add(text(name, element));
        }
        return texts;
    }

    /** What nobody asked for is a slip, and is not passed over in silence. */
    void end() {
        for (String name : object.members().keySet()) {
            if (!taken.contains(name)) {
                throw new Wrong(
                        "there is no member " + Quote.of(name) + " here" + NearestName.suggestion(name, taken, ""));
            }
        }
    }
}
