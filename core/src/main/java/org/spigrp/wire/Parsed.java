package org.spigrp.wire;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What came of reading text: a value, or one line that says what is wrong. Parsers never throw, and their lines name
 * the value given (but never a key).
 */
public sealed interface Parsed<T> {
    /** It was understood. */
    record Ok<T>(T value) implements Parsed<T> {}

    /**
     * It was not.
     *
     * @param why one line, to be put behind "ipsec COMMAND: "
     */
    record Bad<T>(String why) implements Parsed<T> {}

    static <T> Parsed<T> ok(T value) {
        return new Ok<>(value);
    }

    static <T> Parsed<T> bad(String why) {
        return new Bad<>(why);
    }

    /** The value put through {@code step}, or the same complaint. */
    default <U> Parsed<U> map(Function<? super T, ? extends U> step) {
        return switch (this) {
            case Ok<T>(T value) -> new Ok<>(step.apply(value));
            case Bad<T>(String why) -> new Bad<>(why);
        };
    }

    /** The value put through another parser, or the same complaint. */
    default <U> Parsed<U> then(Function<? super T, Parsed<U>> step) {
        return switch (this) {
            case Ok<T>(T value) -> step.apply(value);
            case Bad<T>(String why) -> new Bad<>(why);
        };
    }

    /** The value, or null. */
    default @Nullable T orNull() {
        return switch (this) {
            case Ok<T>(T value) -> value;
            case Bad<T> _ -> null;
        };
    }
}
