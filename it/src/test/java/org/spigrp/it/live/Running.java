package org.spigrp.it.live;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A program under way: its lines come as they are printed, and nobody waits for it longer than a limit. */
final class Running implements AutoCloseable {
    /** No step of a scenario needs a tenth of this, so what takes longer hangs. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Stands in the queue for the end of the output. */
    private static final String END = new String("end");

    private final String command;
    private final Process process;
    private final Thread reader;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final StringBuilder out = new StringBuilder();

    private Running(String command, Process process) {
        this.command = command;
        this.process = process;
        this.reader = Thread.ofPlatform().daemon().name("output of " + command).start(this::read);
    }

    static Running start(Map<String, String> environment, Path directory, List<String> words) {
        var builder = new ProcessBuilder(words).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().putAll(environment);
        try {
            return new Running(String.join(" ", words), builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read() {
        try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
            String line;
            while ((line = in.readLine()) != null) {
                synchronized (out) {
                    out.append(line).append('\n');
                }
                lines.add(line);
            }
        } catch (IOException e) {
            lines.add("(output lost: " + e.getMessage() + ")");
        }
        lines.add(END);
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** All it printed so far. */
    String out() {
        synchronized (out) {
            return out.toString();
        }
    }

    /** The next line that has this in it; lines before it are passed over. */
    String awaitLine(String regex) {
        Pattern wanted = Pattern.compile(regex);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (true) {
                String line = lines.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
                if (line == null || isEnd(line)) {
                    throw new AssertionError(
                            command + (line == null ? " has not printed " : " ended without ") + regex + "\n" + out());
                }
                if (wanted.matcher(line).find()) {
                    return line;
                }
            }
        } catch (InterruptedException e) {
            throw new AssertionError(command, e);
        }
    }

    @SuppressWarnings("ReferenceEquality") // a program may print the same word
    private static boolean isEnd(String line) {
        return line == END;
    }

    /** Writes to its standard input. */
    void type(String text) {
        try {
            Writer to = process.outputWriter(StandardCharsets.UTF_8);
            to.write(text);
            to.flush();
        } catch (IOException e) {
            throw new AssertionError(command + " takes no more input\n" + out(), e);
        }
    }

    /** Its input ends; waits until it has ended by itself. */
    Ran end() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new AssertionError(command + " did not end\n" + out());
            }
            reader.join(PATIENCE);
            return new Ran(command, process.exitValue(), out());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(command, e);
        }
    }

    /** Sends a signal, such as INT. */
    void signal(String name) {
        var ran = start(Map.of(), Path.of("/"), List.of("kill", "-" + name, Long.toString(pid())));
        ran.end().succeeds();
    }

    /** Ends it now, whatever it does. */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            throw new AssertionError(command, e);
        }
    }
}
