package org.spigrp.command;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as it was read by {@link JsonReader} (RFC 8259). */
public sealed interface JsonValue {
    /** Members in the order in which they stood. */
    record Obj(Map<String, JsonValue> members) implements JsonValue {
        public Obj {
            members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
        }
    }

    record Arr(List<JsonValue> elements) implements JsonValue {
        public Arr {
            elements = List.copyOf(elements);
        }
    }

    record Text(String value) implements JsonValue {
        /** It may be a key. */
        @Override
        public String toString() {
            return "text of " + value.length() + " characters";
        }
    }

    /** A number as it was written, so that 64 bits are not squeezed into the 53 of a double. */
    record Num(String text) implements JsonValue {}

    record Flag(boolean value) implements JsonValue {}

    record Null() implements JsonValue {}

    /** What it is, in words for a message. */
    default String kind() {
        return switch (this) {
            case Obj _ -> "an object";
            case Arr _ -> "an array";
            case Text _ -> "a text";
            case Num _ -> "a number";
            case Flag(boolean value) -> value ? "true" : "false";
            case Null _ -> "null";
        };
    }
}
