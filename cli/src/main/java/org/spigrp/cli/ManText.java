package org.spigrp.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * Manual pages as text: the part of man(7) that ours are written in. Headings, paragraphs, tagged paragraphs, indented
 * parts, examples, bold and italic. A request that is not known is an error of the page, and its text is shown as it is.
 */
final class ManText {
    private static final int INDENT = 7;
    private static final int MIN_WIDTH = 40;
    private static final String BOLD = "\u001b[1m";
    private static final String UNDERLINE = "\u001b[4m";
    private static final String PLAIN = "\u001b[0m";

    private final int width;
    private final boolean styled;
    private final StringBuilder page = new StringBuilder();
    /** Words of the paragraph that is being filled; what is joined without a blank is one word. */
    private final List<String> words = new ArrayList<>();

    private final List<Integer> outerIndents = new ArrayList<>();
    private int base = INDENT;
    private int indent = INDENT;
    private boolean example;
    private boolean tagNext;
    private String tag = "";
    private boolean blankBefore;
    private boolean afterHeading;

    /**
     * @param width columns
     * @param styled bold and underlined by the terminal's codes
     */
    ManText(int width, boolean styled) {
        this.width = Math.max(MIN_WIDTH, width);
        this.styled = styled;
    }

    String render(String source) {
        for (String line : source.lines().toList()) {
            if (line.startsWith(".\\\"")) {
                continue;
            }
            if (line.startsWith(".") && line.length() > 1) {
                request(line);
            } else {
                text(styles(line));
            }
        }
        endParagraph();
        return page.toString();
    }

    private void request(String line) {
        List<String> arguments = arguments(line.substring(1));
        String name = arguments.getFirst();
        List<String> rest = arguments.subList(1, arguments.size());
        switch (name) {
            case "TH" -> heading(rest);
            case "SH" -> {
                endParagraph();
                outerIndents.clear();
                base = INDENT;
                indent = INDENT;
                blank();
                emit(0, bold(String.join(" ", rest)));
                blankBefore = false;
                afterHeading = true;
            }
            case "SS" -> {
                endParagraph();
                indent = base;
                blank();
                emit(3, bold(String.join(" ", rest)));
                blankBefore = false;
                afterHeading = true;
            }
            case "PP", "P", "LP" -> {
                endParagraph();
                indent = base;
                blankBefore = true;
            }
            case "TP" -> {
                endParagraph();
                indent = base;
                blankBefore = true;
                tagNext = true;
            }
            case "TQ" -> {
                flushTag();
                indent = base;
                tagNext = true;
            }
            case "RS" -> {
                endParagraph();
                outerIndents.add(base);
                base += INDENT;
                indent = base;
            }
            case "RE" -> {
                endParagraph();
                base = outerIndents.isEmpty() ? INDENT : outerIndents.removeLast();
                indent = base;
            }
            case "EX" -> {
                endParagraph();
                example = true;
            }
            case "EE" -> example = false;
            case "br" -> flushWords();
            case "B" -> text(bold(styles(String.join(" ", rest))));
            case "I" -> text(italic(styles(String.join(" ", rest))));
            case "BR", "RB", "IR", "RI", "BI", "IB" -> text(alternate(name, rest));
            default -> text(styles(line));
        }
    }

    private void heading(List<String> words) {
        if (words.size() < 2) {
            return;
        }
        String name = words.get(0) + "(" + words.get(1) + ")";
        String middle = words.size() > 4 ? words.get(4) : "";
        int gap = Math.max(1, (width - 2 * name.length() - middle.length()) / 2);
        page.append(name)
                .append(" ".repeat(gap))
                .append(middle)
                .append(" ".repeat(Math.max(1, width - 2 * name.length() - middle.length() - gap)))
                .append(name)
                .append('\n');
    }

    private String alternate(String fonts, List<String> parts) {
        var text = new StringBuilder();
        for (int i = 0; i < parts.size(); i++) {
            String part = styles(parts.get(i));
            text.append(
                    switch (fonts.charAt(i % 2)) {
                        case 'B' -> bold(part);
                        case 'I' -> italic(part);
                        default -> part;
                    });
        }
        return text.toString();
    }

    /** A line of text, in an example as it stands, else filled into the paragraph; or the tag of one. */
    private void text(String line) {
        if (tagNext) {
            tagNext = false;
            tag = line;
            indent = base + INDENT;
            return;
        }
        if (example) {
            flushTag();
            blankIfWanted();
            emit(indent, line);
            return;
        }
        for (String word : line.split(" ", -1)) {
            if (!word.isEmpty()) {
                words.add(word);
            }
        }
    }

    private void endParagraph() {
        flushTag();
        flushWords();
        tagNext = false;
    }

    /** The tag stands in the line of its paragraph if it is short enough, else in a line before. */
    private void flushTag() {
        if (tag.isEmpty()) {
            return;
        }
        blankIfWanted();
        if (words.isEmpty() || visible(tag) >= INDENT) {
            emit(base, tag);
            tag = "";
        } else {
            flushWords();
        }
    }

    private void flushWords() {
        if (words.isEmpty()) {
            return;
        }
        blankIfWanted();
        var line = new StringBuilder(tag);
        int column = base + visible(tag);
        int start = indent;
        if (tag.isEmpty()) {
            line.append(" ".repeat(indent));
        } else {
            line.insert(0, " ".repeat(base)).append(" ".repeat(indent - column));
            tag = "";
        }
        column = start;
        boolean empty = true;
        for (String word : words) {
            int length = visible(word);
            if (!empty && column + 1 + length > width) {
                page.append(line).append('\n');
                line.setLength(0);
                line.append(" ".repeat(indent));
                column = indent;
                empty = true;
            }
            if (!empty) {
                line.append(' ');
                column++;
            }
            line.append(word);
            column += length;
            empty = false;
        }
        page.append(line).append('\n');
        words.clear();
    }

    private void blankIfWanted() {
        if (blankBefore && !afterHeading) {
            blank();
        }
        blankBefore = false;
        afterHeading = false;
    }

    private void blank() {
        int length = page.length();
        if (length > 1 && !(page.charAt(length - 1) == '\n' && page.charAt(length - 2) == '\n')) {
            page.append('\n');
        }
    }

    private void emit(int column, String line) {
        page.append(" ".repeat(column)).append(line).append('\n');
    }

    /** Words of a request: {@code "two words"} is one. */
    private static List<String> arguments(String line) {
        var found = new ArrayList<String>();
        int at = 0;
        while (at < line.length()) {
            if (line.charAt(at) == ' ') {
                at++;
                continue;
            }
            boolean quoted = line.charAt(at) == '"';
            int from = quoted ? at + 1 : at;
            int end = line.indexOf(quoted ? '"' : ' ', from);
            if (end < 0) {
                end = line.length();
            }
            found.add(line.substring(from, end));
            at = end + 1;
        }
        return found;
    }

    /** Escapes: {@code \-}, {@code \e}, {@code \&}, {@code \(aq}, {@code \fB}, {@code \fI}, {@code \fR}, {@code \fP}. */
    private String styles(String text) {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        var plain = new StringBuilder();
        boolean open = false;
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            char escape = c == '\\' && at + 1 < text.length() ? text.charAt(at + 1) : 0;
            at += escape == 0 ? 1 : 2;
            switch (escape) {
                case 0 -> plain.append(c);
                case 'e' -> plain.append('\\');
                case '&' -> {}
                case '(' -> {
                    plain.append(special(text, at));
                    at += 2;
                }
                case 'f' -> {
                    char font = at < text.length() ? text.charAt(at) : 'R';
                    at++;
                    if (styled) {
                        plain.append(open ? PLAIN : "").append(font == 'B' ? BOLD : font == 'I' ? UNDERLINE : "");
                    }
                    open = font == 'B' || font == 'I';
                }
                default -> plain.append(escape);
            }
        }
        return plain.append(open && styled ? PLAIN : "").toString();
    }

    private static String special(String text, int at) {
        String name = text.substring(Math.min(at, text.length()), Math.min(at + 2, text.length()));
        return switch (name) {
            case "aq" -> "'";
            case "dq" -> "\"";
            case "bu" -> "*";
            case "em" -> "-";
            default -> name;
        };
    }

    private String bold(String text) {
        return styled && !text.isEmpty() ? each(BOLD, text) : text;
    }

    private String italic(String text) {
        return styled && !text.isEmpty() ? each(UNDERLINE, text) : text;
    }

    /** Word by word, so that a style never runs over the margin of the next line. */
    private static String each(String style, String text) {
        return style + text.replace(" ", PLAIN + " " + style) + PLAIN;
    }

    /** Columns that it takes. */
    private static int visible(String text) {
        int columns = 0;
        boolean code = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            code |= c == '\u001b';
            columns += code ? 0 : 1;
            code &= c != 'm';
        }
        return columns;
    }
}
