package org.spigrp.cli;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The start of {@code ipsec run} in the background: in a session of its own, with its stderr in a file. It is up when it
 * has written {@code ready}; whoever waits reads its stdout, and so also learns of its early end.
 */
final class DaemonStart {
    static final String READY = "ready";
    private static final int LONGEST_TAIL = 1 << 13;
    private static final List<String> NAMES_OF_FILES = List.of("IPSEC_STATE", "IPSEC_RUN", "IPSEC_HOSTS");

    private final Environment environment;

    DaemonStart(Environment environment) {
        this.environment = environment;
    }

    /**
     * Returns when traffic flows.
     *
     * @param options of {@code ipsec run}
     */
    void run(List<String> options) {
        Path home = environment.home();
        if (home == null) {
            throw new Refusal("does not know where it is installed: it was not started by the launcher");
        }
        Path log = environment.runDirectory().toAbsolutePath().resolve("log");
        try {
            if (!Files.exists(log)) {
                Files.createDirectories(log.getParent(), OwnerOnly.DIRECTORY);
                Files.createFile(log, OwnerOnly.FILE);
            }
            start(home, options, log);
        } catch (IOException e) {
            throw new Refusal("cannot start the daemon: " + Trouble.why(e) + " (" + log + ")", Refusal.FAILED);
        }
    }

    private void start(Path home, List<String> options, Path log) throws IOException {
        long before = Files.size(log);
        var builder = new ProcessBuilder(command(home, options))
                .directory(new File("/"))
                .redirectInput(new File("/dev/null"))
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().clear();
        builder.environment().putAll(variables());
        Process daemon = builder.start();
        try (BufferedReader out = daemon.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.equals(READY)) {
                    return;
                }
            }
        }
        String last = lastLine(log, before);
        throw new Refusal(
                "the daemon did not start: " + (last == null ? "it did not say why" : last) + " (" + log + ")",
                Refusal.FAILED);
    }

    /** Without setsid the daemon would end with the terminal that it was started from. */
    private List<String> command(Path home, List<String> options) {
        List<String> command = new ArrayList<>();
        for (String place : List.of("/usr/bin/setsid", "/bin/setsid")) {
            if (command.isEmpty() && Files.isExecutable(Path.of(place))) {
                command.add(place);
            }
        }
        command.add(home.resolve("ipsec").toAbsolutePath().toString());
        command.add("run");
        command.addAll(options);
        return command;
    }

    /** It works in another directory than we: names of files must not depend on it. */
    private Map<String, String> variables() {
        Environment all = environment;
        for (String name : NAMES_OF_FILES) {
            String value = environment.variable(name);
            if (value != null) {
                all = all.with(
                        name,
                        environment
                                .workingDirectory()
                                .resolve(value)
                                .toAbsolutePath()
                                .toString());
            }
        }
        return all.variables();
    }

    private static @Nullable String lastLine(Path log, long from) throws IOException {
        try (SeekableByteChannel file = Files.newByteChannel(log)) {
            file.position(Math.max(from, file.size() - LONGEST_TAIL));
            ByteBuffer tail = ByteBuffer.allocate(LONGEST_TAIL);
            while (tail.hasRemaining() && file.read(tail) >= 0) {}
            String text = new String(tail.array(), 0, tail.position(), StandardCharsets.UTF_8);
            String[] lines = text.strip().split("\n", -1);
            String last = lines[lines.length - 1].strip();
            return last.isEmpty() ? null : last;
        }
    }
}
