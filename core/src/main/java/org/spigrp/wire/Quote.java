package org.spigrp.wire;

/**
 * What a user typed, as it is repeated in a message: in single quotes, cut off after {@value #MAX_SHOWN} characters,
 * and without anything that could move the cursor or forge another line.
 */
public final class Quote {
    public static final int MAX_SHOWN = 80;

    private Quote() {}

    public static String of(String text) {
        var shown = new StringBuilder(text.length() + 2).append('\'');
        int count = 0;
        for (int i = 0; i < text.length() && count < MAX_SHOWN; count++) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (isHarmless(c)) {
                shown.appendCodePoint(c);
            } else {
                shown.append("\\u{").append(Integer.toHexString(c)).append('}');
            }
        }
        return shown.append(text.codePointCount(0, text.length()) > MAX_SHOWN ? "...'" : "'")
                .toString();
    }

    private static boolean isHarmless(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.PRIVATE_USE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
