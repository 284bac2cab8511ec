package org.spigrp.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.util.List;
import org.spigrp.wire.Quote;

/**
 * {@code ipsec -f FILE}: many commands in one process, and one transaction: all of them, or none. Each is checked
 * against what those before it made. With {@code --keep-going} each is a transaction of its own.
 */
final class Script {
    /** Lines between two looks at the clock. */
    private static final int PROGRESS_LINES = 1024;

    private static final long PROGRESS_MILLIS = 250;

    private final Call call;
    private final String file;
    private final boolean keepGoing;
    private final ScriptLexer lexer = new ScriptLexer();
    private int exit;
    private long shownAt;

    private Script(Call call, String file, boolean keepGoing) {
        this.call = call;
        this.file = file;
        this.keepGoing = keepGoing;
    }

    /** {@code call} has the words {@code -f FILE} and {@code --keep-going}, in any order. */
    static int run(Call call) {
        String file = null;
        boolean keepGoing = false;
        List<String> words = call.words();
        for (int i = 0; i < words.size(); i++) {
            switch (words.get(i)) {
                case "--keep-going" -> keepGoing = true;
                case "-f" -> {
                    if (file != null) {
                        throw new Refusal("-f is given twice: one script at a time");
                    }
                    if (i + 1 == words.size()) {
                        throw new Refusal("-f needs the name of a script behind it, or - for stdin");
                    }
                    i++;
                    file = words.get(i);
                }
                default ->
                    throw new Refusal("does not know what to do with " + Quote.of(words.get(i)) + " beside -f SCRIPT");
            }
        }
        if (file == null) {
            throw new Refusal("--keep-going is for scripts: ipsec -f SCRIPT --keep-going");
        }
        return new Script(call, file, keepGoing).run();
    }

    private int run() {
        Call whole = call.named("ipsec: " + shownName());
        try (BufferedReader lines = new BufferedReader(open(), 1 << 16)) {
            if (!keepGoing) {
                call.session().holdBack(whole);
            }
            boolean good = all(lines);
            if (good) {
                int code = Ipsec.guarded(whole, _ -> {
                    call.session().commit();
                    return 0;
                });
                exit = Math.max(exit, code);
                good = code == 0;
            }
            if (good) { // it is done, whatever becomes of what it prints
                exit = Math.max(exit, Ipsec.guarded(whole, _ -> {
                    call.session().printLater();
                    return 0;
                }));
            } else {
                call.session().rollback();
                whole.complain("nothing of this script was done");
            }
        } catch (IOException | InvalidPathException e) {
            call.session().rollback();
            throw new Refusal("cannot read the script " + file + ": " + Trouble.why(e));
        } finally {
            call.session().clearProgress();
        }
        return exit;
    }

    private String shownName() {
        return file.equals("-") ? "stdin" : file;
    }

    private Reader open() throws IOException {
        InputStream in = file.equals("-")
                ? call.in()
                : Files.newInputStream(call.environment().workingDirectory().resolve(file));
        return new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder());
    }

    /** False if one failed and so nothing of the others counts. */
    private boolean all(BufferedReader lines) throws IOException {
        int number = 0;
        int first = 1;
        boolean continued = false;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            number++;
            first = continued ? first : number;
            try {
                continued = lexer.line(line) == ScriptLexer.End.CONTINUED;
            } catch (Refusal refusal) {
                exit = Math.max(exit, Ipsec.end(at(first, "script", List.of()), refusal.say(), refusal.exit()));
                lexer.reset();
                continued = false;
                if (!keepGoing) {
                    return false;
                }
            }
            if (!continued && !command(first)) {
                return false;
            }
            progress(number);
        }
        lexer.end();
        return command(first);
    }

    /** Runs what the lexer has read. */
    private boolean command(int line) {
        List<String> words = lexer.take();
        if (!words.isEmpty() && words.getFirst().equals("ipsec")) {
            words = words.subList(1, words.size());
        }
        if (words.isEmpty()) {
            return true;
        }
        String name = words.getFirst();
        Call at = at(line, name, words.subList(1, words.size()));
        int code = Ipsec.guarded(at, _ -> run(at, name));
        exit = Math.max(exit, code);
        return code == 0 || keepGoing;
    }

    private static int run(Call at, String name) {
        Command command = CommandTable.find(name);
        if (command == null) {
            throw name.startsWith("-")
                    ? new Refusal("a line of a script is a command, and options of ipsec itself are none")
                    : Ipsec.noCommand(name);
        }
        if (!command.allowedInScripts()) {
            throw new Refusal("cannot be part of a script: run it by itself");
        }
        return command.run(at);
    }

    private Call at(int line, String name, List<String> words) {
        String shown = Quote.of(name);
        return new Call(
                "ipsec: " + shownName() + ":" + line + ": " + shown.substring(1, shown.length() - 1),
                words,
                file.equals("-") ? InputStream.nullInputStream() : call.in(),
                call.out(),
                call.err(),
                call.session());
    }

    private void progress(int lines) {
        if (lines % PROGRESS_LINES != 0 || !call.environment().host().isWatched(2)) {
            return;
        }
        long now = call.environment().clock().millis();
        if (now - shownAt >= PROGRESS_MILLIS) {
            shownAt = now;
            call.err().print("\r\u001b[Kipsec: " + shownName() + ": " + lines + " lines");
            call.session().progress(() -> call.err().print("\r\u001b[K"));
            call.err().flush();
        }
    }
}
