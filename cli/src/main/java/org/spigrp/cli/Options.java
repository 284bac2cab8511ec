package org.spigrp.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.spigrp.wire.NearestName;
import org.spigrp.wire.Quote;

/**
 * Long options, one after the other as they were typed, by the rules of GNU's getopt_long: {@code --opt value},
 * {@code --opt=value}, any unambiguous beginning of a name, {@code --} ends the options. What every command has,
 * {@code --label}, {@code --debug} and {@code --optionsfrom}, is done in here.
 *
 * <p>Not a general parser on purpose: the classic commands act on options in their order, and their grammar is fixed.
 */
final class Options {
    /** More files than this call each other. */
    static final int MAX_FILES = 99;
    /** A line of a file of options. */
    private static final int MAX_LINE = 1023;

    /** The names a command takes. Several names may mean one option, the first of them. */
    static final class Table {
        private final Map<String, String> meaning = new LinkedHashMap<>();
        private final Set<String> takesValue = new TreeSet<>();
        private boolean singleDash;

        Table() {
            flag("help");
            flag("version");
            flag("debug");
            value("label");
            value("optionsfrom");
        }

        Table flag(String name, String... others) {
            meaning.put(name, name);
            for (String other : others) {
                meaning.put(other, name);
            }
            return this;
        }

        Table value(String name, String... others) {
            takesValue.add(name);
            return flag(name, others);
        }

        /** {@code -attach} is as good as {@code --attach}. */
        Table singleDash() {
            singleDash = true;
            return this;
        }

        /** All names, for suggestions and for the test that reads the manual pages. */
        Set<String> names() {
            return new TreeSet<>(meaning.keySet());
        }
    }

    private final Table table;
    private final Call call;
    private final Deque<String> words;
    private final List<String> others = new ArrayList<>();
    private String option = "";
    private String value = "";
    private int files;
    private boolean debug;

    Options(Table table, Call call) {
        this.table = table;
        this.call = call;
        this.words = new ArrayDeque<>(call.words());
    }

    /** The next option's first name, or null at the end. */
    @Nullable
    String next() {
        while (!words.isEmpty()) {
            String word = words.removeFirst();
            if (word.equals("--")) {
                others.addAll(words);
                words.clear();
                break;
            }
            if (!isOption(word)) {
                others.add(word);
                continue;
            }
            read(word);
            switch (option) {
                case "label" -> call.label(value);
                case "debug" -> debug = true;
                case "optionsfrom" -> insert(value);
                default -> {
                    return option;
                }
            }
        }
        return null;
    }

    private boolean isOption(String word) {
        return word.startsWith("--") || (table.singleDash && word.startsWith("-") && word.length() > 1);
    }

    private void read(String word) {
        int begin = word.startsWith("--") ? 2 : 1;
        int equals = word.indexOf('=');
        String given = equals < 0 ? word.substring(begin) : word.substring(begin, equals);
        option = find(word, given);
        if (!table.takesValue.contains(option)) {
            if (equals >= 0) {
                throw new Refusal("option --" + option + " takes no value, but one is given");
            }
            value = "";
        } else if (equals >= 0) {
            value = word.substring(equals + 1);
        } else if (words.isEmpty()) {
            throw new Refusal("option --" + given + " needs a value, and nothing follows it");
        } else {
            value = words.removeFirst();
        }
    }

    private String find(String word, String given) {
        String exact = table.meaning.get(given);
        if (exact != null) {
            return exact;
        }
        var meant = new TreeSet<String>();
        var names = new ArrayList<String>();
        for (var entry : table.meaning.entrySet()) {
            if (entry.getKey().startsWith(given)) {
                meant.add(entry.getValue());
                names.add("--" + entry.getKey());
            }
        }
        if (meant.size() == 1) {
            return meant.first();
        }
        if (meant.isEmpty() || given.isEmpty()) {
            throw unknown(word, given);
        }
        throw new Refusal(
                "option " + Quote.of("--" + given) + " could be " + String.join(" or ", names) + "; give more of it");
    }

    private Refusal unknown(String word, String given) {
        var candidates = new ArrayList<String>();
        for (String name : table.meaning.keySet()) {
            candidates.add("--" + name);
        }
        return new Refusal("no option " + Quote.of(word.substring(0, word.indexOf(given) + given.length()))
                + NearestName.suggestion("--" + given, candidates, "; --help lists the options"));
    }

    /** Answers {@code --help} and {@code --version}: true if that was what {@link #next} gave last, and the command ends. */
    boolean answered(Command command) {
        switch (option) {
            case "help" -> call.out().print(command.usage());
            case "version" -> call.say(Version.of(command));
            default -> {
                return false;
            }
        }
        return true;
    }

    /** The value of the option that {@link #next} gave last. */
    String value() {
        return value;
    }

    boolean debug() {
        return debug;
    }

    /** Words that are no options. */
    List<String> others() {
        return others;
    }

    /** For commands that take options only. */
    void noOthers() {
        if (!others.isEmpty()) {
            throw new Refusal("does not know what to do with " + shown(others.getFirst())
                    + ", which belongs to no option (--help shows the grammar)");
        }
    }

    /** A word for a message. What may be a key that lost its option is not shown. */
    private static String shown(String word) {
        boolean likeKey = word.length() > 18 && word.charAt(0) == '0' && "xst".indexOf(word.charAt(1)) >= 0;
        return likeKey ? "a word of " + word.length() + " characters that looks like a key" : Quote.of(word);
    }

    /** Puts the options that a file holds in this place. */
    private void insert(String file) {
        files++;
        if (files > MAX_FILES) {
            throw new Refusal(
                    "--optionsfrom was used " + files + " times; does " + file + " call itself?", Refusal.FAILED);
        }
        List<String> lines;
        try {
            Path path = call.environment().workingDirectory().resolve(file);
            lines = Files.readAllLines(path);
        } catch (IOException | InvalidPathException e) {
            throw new Refusal("--optionsfrom cannot read " + file + ": " + Trouble.why(e), Refusal.FAILED);
        }
        var found = new ArrayList<String>();
        for (String line : lines) {
            if (line.length() > MAX_LINE) {
                throw new Refusal(
                        "--optionsfrom: a line of " + file + " is longer than " + MAX_LINE + " characters",
                        Refusal.FAILED);
            }
            split(line, found);
        }
        for (int i = found.size() - 1; i >= 0; i--) {
            words.addFirst(found.get(i));
        }
    }

    /** A line that begins with {@code -} is words between blanks, any other line is one word, perhaps in quotes. */
    private static void split(String line, List<String> found) {
        if (line.isBlank() || line.startsWith("#")) {
            return;
        }
        if (!line.startsWith("-")) {
            boolean quoted = line.length() > 1 && line.startsWith("\"") && line.endsWith("\"");
            found.add(quoted ? line.substring(1, line.length() - 1) : line);
            return;
        }
        int at = 0;
        while (at < line.length()) {
            int end = at;
            while (end < line.length() && line.charAt(end) != ' ' && line.charAt(end) != '\t') {
                end++;
            }
            if (end > at) {
                found.add(line.substring(at, end));
            }
            at = end + 1;
        }
    }
}
