package org.spigrp.command;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.spigrp.wire.Parsed;

/**
 * Reads JSON (RFC 8259), strictly: UTF-8, one value, every member name once, whole surrogate pairs. Any octets at all
 * give a value or one line that says what is wrong and where; the line repeats nothing of the text, which may hold keys.
 */
public final class JsonReader {
    /** Values within values: no request needs half of it, and a recursion needs an end. */
    public static final int MAX_DEPTH = 16;
    /** Octets of one text. Who reads from a stranger sets a lower limit of his own before. */
    public static final int MAX_LENGTH = 64 << 20;

    /** Ends the reading. Never leaves this class. */
    private static final class Wrong extends RuntimeException {
        private static final long serialVersionUID = 1;

        Wrong(String say) {
            super(say, null, false, false);
        }
    }

    private final String text;
    private int at;

    private JsonReader(String text) {
        this.text = text;
    }

    public static Parsed<JsonValue> parse(byte[] octets) {
        if (octets.length > MAX_LENGTH) {
            return Parsed.bad("the JSON text has " + octets.length + " octets: " + MAX_LENGTH + " is the most");
        }
        try {
            return parse(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets))
                    .toString());
        } catch (CharacterCodingException e) {
            return Parsed.bad("the JSON text is not UTF-8");
        }
    }

    public static Parsed<JsonValue> parse(String text) {
        if (text.length() > MAX_LENGTH) {
            return Parsed.bad("the JSON text has " + text.length() + " characters: " + MAX_LENGTH + " is the most");
        }
        var reader = new JsonReader(text);
        try {
            JsonValue value = reader.value(1);
            reader.blanks();
            if (reader.at < text.length()) {
                throw reader.wrong("something follows the value");
            }
            return Parsed.ok(value);
        } catch (Wrong wrong) {
            return Parsed.bad(String.valueOf(wrong.getMessage()));
        }
    }

    private Wrong wrong(String what) {
        return new Wrong("not JSON: " + what + " at character " + (at + 1));
    }

    private JsonValue value(int depth) {
        if (depth > MAX_DEPTH) {
            throw wrong("values are nested deeper than " + MAX_DEPTH);
        }
        blanks();
        return switch (peek()) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> new JsonValue.Text(string());
            case 't' -> word("true", new JsonValue.Flag(true));
            case 'f' -> word("false", new JsonValue.Flag(false));
            case 'n' -> word("null", new JsonValue.Null());
            default -> number();
        };
    }

    private JsonValue object(int depth) {
        at++;
        Map<String, JsonValue> members = new LinkedHashMap<>();
        blanks();
        if (peek() == '}') {
            at++;
            return new JsonValue.Obj(members);
        }
        while (true) {
            blanks();
            if (peek() != '"') {
                throw wrong("a member's name in quotes is missing");
            }
            int nameAt = at;
            String name = string();
            blanks();
            expect(':', "a colon is missing behind a member's name");
            JsonValue value = value(depth + 1);
            @Nullable JsonValue before = members.putIfAbsent(name, value);
            if (before != null) {
                at = nameAt;
                throw wrong("a member's name stands there twice, the second time");
            }
            blanks();
            if (peek() == '}') {
                at++;
                return new JsonValue.Obj(members);
            }
            expect(',', "a comma or '}' is missing");
        }
    }

    private JsonValue array(int depth) {
        at++;
        List<JsonValue> elements = new ArrayList<>();
        blanks();
        if (peek() == ']') {
            at++;
            return new JsonValue.Arr(elements);
        }
        while (true) {
            elements.add(value(depth + 1));
            blanks();
            if (peek() == ']') {
                at++;
                return new JsonValue.Arr(elements);
            }
            expect(',', "a comma or ']' is missing");
        }
    }

    private JsonValue word(String word, JsonValue value) {
        if (!text.startsWith(word, at)) {
            throw wrong("there is an unknown word");
        }
        at += word.length();
        return value;
    }

    private JsonValue number() {
        int from = at;
        if (peek() == '-') {
            at++;
        }
        if (peek() == '0') {
            at++;
        } else {
            digits();
        }
        if (peek() == '.') {
            at++;
            digits();
        }
        if (peek() == 'e' || peek() == 'E') {
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            digits();
        }
        return new JsonValue.Num(text.substring(from, at));
    }

    private void digits() {
        int from = at;
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
        if (at == from) {
            throw wrong(at == text.length() ? "the text ends too soon" : "a value or digit is missing");
        }
    }

    private String string() {
        at++;
        int from = at;
        while (at < text.length() && isPlain(text.charAt(at))) {
            at++;
        }
        if (peek() == '"') { // nearly always
            String plain = text.substring(from, at);
            at++;
            return whole(plain);
        }
        var built = new StringBuilder(text.substring(from, at));
        while (true) {
            if (at >= text.length()) {
                throw wrong("a text has no end");
            }
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                return whole(built.toString());
            }
            if (c < ' ') {
                throw wrong("a control character stands in a text");
            }
            at++;
            built.append(c == '\\' ? escaped() : c);
        }
    }

    private static boolean isPlain(char c) {
        return c >= ' ' && c != '"' && c != '\\';
    }

    private char escaped() {
        char c = peek();
        at++;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> (char) hex4();
            default -> {
                at--;
                throw wrong("the character behind a backslash is none that JSON knows");
            }
        };
    }

    private int hex4() {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            char c = peek();
            int digit = c >= '0' && c <= '9'
                    ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
            if (digit < 0) {
                throw wrong("four hexadecimal digits are missing behind a backslash and u");
            }
            value = value << 4 | digit;
            at++;
        }
        return value;
    }

    /** RFC 8259 8.2 lets half a surrogate pair stand, and says that nobody knows what comes of it. */
    private String whole(String string) {
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            if (Character.isHighSurrogate(c)
                    && i + 1 < string.length()
                    && Character.isLowSurrogate(string.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw wrong("half of a surrogate pair stands in the text that ends");
            }
        }
        return string;
    }

    private void blanks() {
        while (at < text.length() && isBlank(text.charAt(at))) {
            at++;
        }
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
    }

    /** The next character; at the end one that nothing begins with. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private void expect(char wanted, String complaint) {
        if (peek() != wanted) {
            throw wrong(complaint);
        }
        at++;
    }
}
