package org.spigrp.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * A line of a script in words, as a shell would read it: blanks separate, {@code '...'} and {@code "..."} and backslash
 * protect, {@code #} at the beginning of a word begins a comment, a backslash at the end joins the next line. What
 * would mean something else to a shell - variables, pipes, several commands in a line - is refused, not misread.
 */
final class ScriptLexer {
    private static final String SHELL_ONLY = "$`;&|<>()";

    private final List<String> words = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private boolean inWord;

    /** What a line turned out to be. */
    enum End {
        /** The words are a command, or nothing. */
        COMPLETE,
        /** The next line belongs to it. */
        CONTINUED
    }

    /** The words so far; empty for a line of blanks or comment. The lexer begins anew. */
    List<String> take() {
        List<String> taken = List.copyOf(words);
        words.clear();
        return taken;
    }

    /** Reads one line, without its end. */
    End line(String line) {
        int length = line.endsWith("\r") ? line.length() - 1 : line.length();
        int at = 0;
        while (at < length) {
            char c = line.charAt(at);
            switch (c) {
                case ' ', '\t' -> {
                    endWord();
                    at++;
                }
                case '#' -> {
                    if (!inWord) {
                        return End.COMPLETE;
                    }
                    word.append(c);
                    at++;
                }
                case '\'' -> at = single(line, at + 1, length);
                case '"' -> at = quoted(line, at + 1, length);
                case '\\' -> {
                    if (at + 1 == length) {
                        return End.CONTINUED; // the word goes on too, as in a shell
                    }
                    add(line.charAt(at + 1));
                    at += 2;
                }
                default -> {
                    if (SHELL_ONLY.indexOf(c) >= 0) {
                        throw new Refusal(
                                "'" + c + "' means something to a shell, but a script of ipsec is none: put it"
                                        + " in quotes, or feed what a shell makes of it to ipsec -f -");
                    }
                    add(c);
                    at++;
                }
            }
        }
        endWord();
        return End.COMPLETE;
    }

    /** Forgets a line that was no good. */
    void reset() {
        words.clear();
        word.setLength(0);
        inWord = false;
    }

    /** The end of the file. */
    void end() {
        endWord();
    }

    private void add(char c) {
        inWord = true;
        word.append(c);
    }

    private void endWord() {
        if (inWord) {
            words.add(word.toString());
            word.setLength(0);
            inWord = false;
        }
    }

    private int single(String line, int from, int length) {
        int end = line.indexOf('\'', from);
        if (end < 0 || end >= length) {
            throw new Refusal("a ' is not closed in its line");
        }
        inWord = true;
        word.append(line, from, end);
        return end + 1;
    }

    private int quoted(String line, int from, int length) {
        inWord = true;
        int at = from;
        while (at < length) {
            char c = line.charAt(at);
            if (c == '"') {
                return at + 1;
            }
            if (c == '$' || c == '`') {
                throw new Refusal("'" + c + "' means something to a shell even in \"...\", but a script of ipsec has no"
                        + " variables: put it in '...'");
            }
            if (c == '\\' && at + 1 < length && "\"\\$`".indexOf(line.charAt(at + 1)) >= 0) {
                at++;
                c = line.charAt(at);
            }
            word.append(c);
            at++;
        }
        throw new Refusal("a \" is not closed in its line");
    }
}
