package org.spigrp.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A packet drawn as a row of boxes, with the octets of each part below and what covers which parts below that.
 *
 * <pre>
 *   +-----------+---------+------+-----+
 *   | IPv4      | ESP     | data | ICV |
 *   | 192.0.2.1 | seq 1   |      |     |
 *   +-----------+---------+------+-----+
 *     20          8         64     16    = 108 octets
 *                         '------'         encrypted
 * </pre>
 */
final class PacketPicture {
    private record Part(int octets, List<String> text) {}

    private record Cover(int first, int last, String what) {}

    private final List<Part> parts = new ArrayList<>();
    private final List<Cover> covers = new ArrayList<>();

    /** Adds a part; the number of it is what {@link #cover} takes. */
    int add(int octets, String... text) {
        parts.add(new Part(octets, List.of(text)));
        return parts.size() - 1;
    }

    void cover(int first, int last, String what) {
        covers.add(new Cover(first, last, what));
    }

    void print(Consumer<String> line) {
        int rows = 0;
        int[] width = new int[parts.size()];
        for (int i = 0; i < width.length; i++) {
            Part part = parts.get(i);
            rows = Math.max(rows, part.text.size());
            width[i] = Integer.toString(part.octets).length();
            for (String text : part.text) {
                width[i] = Math.max(width[i], text.length());
            }
        }
        line.accept(rule(width));
        for (int row = 0; row < rows; row++) {
            var text = new StringBuilder("  |");
            for (int i = 0; i < width.length; i++) {
                List<String> words = parts.get(i).text;
                text.append(' ')
                        .append(padded(row < words.size() ? words.get(row) : "", width[i]))
                        .append(" |");
            }
            line.accept(text.toString());
        }
        line.accept(rule(width));
        line.accept(sizes(width));
        for (Cover cover : covers) {
            line.accept(bracket(width, cover));
        }
    }

    private static String rule(int[] width) {
        var text = new StringBuilder("  +");
        for (int columns : width) {
            text.append("-".repeat(columns + 2)).append('+');
        }
        return text.toString();
    }

    private String sizes(int[] width) {
        var text = new StringBuilder("   ");
        int sum = 0;
        for (int i = 0; i < width.length; i++) {
            int octets = parts.get(i).octets;
            sum += octets;
            text.append(' ').append(padded(Integer.toString(octets), width[i])).append("  ");
        }
        return text.toString().stripTrailing() + "  = " + sum + " octets";
    }

    private static String bracket(int[] width, Cover cover) {
        int from = 2;
        for (int i = 0; i < cover.first; i++) {
            from += width[i] + 3;
        }
        int length = 1;
        for (int i = cover.first; i <= cover.last; i++) {
            length += width[i] + 3;
        }
        return " ".repeat(from) + "'" + "-".repeat(length - 2) + "'  " + cover.what;
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(width - text.length());
    }
}
