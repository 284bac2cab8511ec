package org.spigrp.command;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An array whose elements are lines of their own: a listing of a million is never held, and grep finds its way in it. */
final class JsonLines {
    private final Consumer<String> line;
    private final String before;
    private final String after;
    private boolean begun;
    private @Nullable String held;

    JsonLines(Consumer<String> line) {
        this(line, "", "");
    }

    /**
     * @param before what stands on the line in front of the array, as {@code "sas":}
     * @param after what follows it, as a comma
     */
    JsonLines(Consumer<String> line, String before, String after) {
        this.line = line;
        this.before = before;
        this.after = after;
    }

    void add(Json element) {
        if (held != null) {
            line.accept((begun ? "" : before + "[") + held + ",");
            begun = true;
        }
        held = element.toString();
    }

    void end() {
        line.accept((begun ? "" : before + "[") + (held == null ? "" : held) + "]" + after);
    }
}
