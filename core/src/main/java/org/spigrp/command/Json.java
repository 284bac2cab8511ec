package org.spigrp.command;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes JSON (RFC 8259), on one line and in the order of the calls. It puts commas and escapes; that a member stands in
 * an object is the caller's affair.
 *
 * <pre>
 *   new Json().object().member("spi", 4660).array("marks").value("esn").end().end().toString()
 *   {"spi":4660,"marks":["esn"]}
 * </pre>
 */
public final class Json {
    private final StringBuilder text = new StringBuilder();
    /** The closing brackets that are due, the last first. */
    private final StringBuilder open = new StringBuilder();

    private boolean comma;

    /** Begins an object as a value of its own, or within an array. */
    public Json object() {
        return open("{", '}');
    }

    /** Begins an object as a member. */
    public Json object(String name) {
        return name(name).open("{", '}');
    }

    public Json array() {
        return open("[", ']');
    }

    public Json array(String name) {
        return name(name).open("[", ']');
    }

    private Json open(String bracket, char closing) {
        separate();
        text.append(bracket);
        open.append(closing);
        comma = false;
        return this;
    }

    /** Ends what was begun last. */
    public Json end() {
        if (open.isEmpty()) {
            throw new IllegalStateException("nothing is open");
        }
        text.append(open.charAt(open.length() - 1));
        open.setLength(open.length() - 1);
        comma = true;
        return this;
    }

    public Json member(String name, @Nullable String value) {
        return name(name).value(value);
    }

    public Json member(String name, long value) {
        return name(name).value(value);
    }

    public Json member(String name, double value) {
        return name(name).value(value);
    }

    public Json member(String name, boolean value) {
        return name(name).value(value);
    }

    /** An unsigned number of 64 bits: sequence numbers. */
    public Json unsigned(String name, long value) {
        return name(name).raw(Long.toUnsignedString(value));
    }

    public Json value(@Nullable String value) {
        if (value == null) {
            return raw("null");
        }
        separate();
        quote(value);
        comma = true;
        return this;
    }

    public Json value(long value) {
        return raw(Long.toString(value));
    }

    /** JSON has no NaN and no infinity: they become null. */
    public Json value(double value) {
        return raw(Double.isFinite(value) ? Double.toString(value) : "null");
    }

    public Json value(boolean value) {
        return raw(value ? "true" : "false");
    }

    /** A value that is JSON already. */
    public Json raw(String json) {
        separate();
        text.append(json);
        comma = true;
        return this;
    }

    /** What was read, again. */
    public Json value(JsonValue value) {
        switch (value) {
            case JsonValue.Obj(Map<String, JsonValue> members) -> {
                object();
                members.forEach(this::member);
                end();
            }
            case JsonValue.Arr(List<JsonValue> elements) -> {
                array();
                elements.forEach(this::value);
                end();
            }
            case JsonValue.Text(String string) -> value(string);
            case JsonValue.Num(String number) -> raw(number);
            case JsonValue.Flag(boolean flag) -> value(flag);
            case JsonValue.Null _ -> raw("null");
        }
        return this;
    }

    public Json member(String name, JsonValue value) {
        return name(name).value(value);
    }

    /** A member whose value is JSON already. */
    public Json raw(String name, String json) {
        return name(name).raw(json);
    }

    private Json name(String name) {
        separate();
        quote(name);
        text.append(':');
        comma = false;
        return this;
    }

    private void separate() {
        if (comma) {
            text.append(',');
        }
    }

    private void quote(String string) {
        text.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < ' ' || c == 0x7f || isAlone(string, i)) {
                escape(c);
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }

    private void escape(char c) {
        String digits = Integer.toHexString(c);
        text.append("\\u").append("0".repeat(4 - digits.length())).append(digits);
    }

    /** Half of a surrogate pair without the other half cannot be written as UTF-8. */
    private static boolean isAlone(String string, int at) {
        char c = string.charAt(at);
        if (Character.isHighSurrogate(c)) {
            return at + 1 == string.length() || !Character.isLowSurrogate(string.charAt(at + 1));
        }
        return Character.isLowSurrogate(c) && (at == 0 || !Character.isHighSurrogate(string.charAt(at - 1)));
    }

    /** What was written so far; complete when everything is ended. */
    @Override
    public String toString() {
        return text.toString();
    }
}
