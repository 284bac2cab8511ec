package org.spigrp.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.spigrp.cli.Environment;
import org.spigrp.cli.Host;
import org.spigrp.cli.Ipsec;
import org.spigrp.daemon.TestDaemon;
import org.spigrp.wire.IpAddress;

/**
 * A story of commands, as text: what is typed, what comes back, what it shows.
 *
 * <pre>
 *   # anything                 the story, for the reader
 *   $ ipsec spigrp             a command; what follows until the next one is what must come of it
 *   esp0x100@192.0.2.9         a line of stdout. '...' stands for anything
 *   .                          an empty line of stdout
 *   ! ipsec spi: ...           a line of stderr
 *   ? 1                        the exit code; 0 where none is given
 *   &lt; 0x00                     a line of stdin for the command before
 *   > FILE                     the lines up to the next ">" are put into a file
 *   = A B                      both captures hold the same packets
 *   + 60                       the clock goes on by so many seconds
 *   @ IPSEC_LEGACY=ok          an environment variable from here on
 * </pre>
 *
 * Where a command says nothing, nothing must come. {@code $CAPTURES} is where the sample captures are. {@code $E}, {@code $A5} and {@code $A1} are keys of 192, 128 and 160
 * bits. The host is called west and has the addresses 192.0.2.4 and 2001:db8::4; {@code gw2} is 192.0.2.2; no other
 * name is known. A line that ends with a backslash goes on in the next.
 */
final class Scenario {
    private static final int PCAP_HEADER_OCTETS = 24;

    private static final Map<String, String> KEYS = Map.of(
            "$CAPTURES",
            Path.of("../captures").toAbsolutePath().normalize().toString(),
            "$E",
            "0x" + "0123456789abcdef".repeat(3),
            "$A5",
            "0x" + "00112233445566778899aabbccddeeff",
            "$A1",
            "0x" + "0102030405060708090a0b0c0d0e0f1011121314");

    private final Path file;
    private final Path directory;
    private final Map<String, String> variables = new HashMap<>();
    private final Random random = new Random(7);
    private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

    /** A command and what must come of it. */
    private static final class Step {
        final int line;
        final String command;
        final List<String> out = new ArrayList<>();
        final List<String> err = new ArrayList<>();
        final List<String> in = new ArrayList<>();
        int exit;

        Step(int line, String command) {
            this.line = line;
            this.command = command;
        }
    }

    private Scenario(Path file, Path directory) {
        this.file = file;
        this.directory = directory;
    }

    static void play(Path file, Path directory) throws IOException {
        new Scenario(file, directory).play();
    }

    /** The same story while a daemon holds the state: no command may show that it does. */
    static void playWithDaemon(Path file, Path directory) throws IOException {
        var scenario = new Scenario(file, directory);
        try (var _ = new TestDaemon(directory.resolve("state"), () -> scenario.now)) {
            scenario.play();
        }
    }

    private void play() throws IOException {
        variables.put("IPSEC_STATE", "state");
        variables.put("IPSEC_HOSTS", "hosts");
        Files.writeString(directory.resolve("hosts"), "192.0.2.2 gw2\n");
        play(Files.readAllLines(file));
    }

    private void play(List<String> lines) throws IOException {
        Step step = null;
        int steps = 0;
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            char mark = line.isBlank() ? '#' : line.charAt(0);
            String rest = line.length() > 2 ? line.substring(2) : "";
            switch (mark) {
                case '#' -> {}
                case '$' -> {
                    finish(step);
                    int at = i + 1;
                    var command = new StringBuilder(rest);
                    while (command.toString().endsWith("\\")) {
                        i++;
                        command.setLength(command.length() - 1);
                        command.append(lines.get(i).strip());
                    }
                    step = new Step(at, command.toString());
                    steps++;
                }
                case '+' -> {
                    finish(step);
                    step = null;
                    now = now.plusSeconds(Long.parseLong(rest.strip()));
                }
                case '=' -> {
                    finish(step);
                    step = null;
                    List<String> names = words(rest);
                    assertThat(packets(names.getLast()))
                            .as("%s:%d: packets of %s", file, i + 1, names.getLast())
                            .isEqualTo(packets(names.getFirst()));
                }
                case '@' -> {
                    finish(step);
                    step = null;
                    String[] variable = rest.split("=", 2);
                    variables.put(variable[0].strip(), variable[1].strip());
                }
                case '>' -> {
                    finish(step);
                    step = null;
                    i = file(rest, lines, i);
                }
                case '!', '?', '<' -> {
                    assertThat(step)
                            .as("%s:%d: nothing was typed yet", file, i + 1)
                            .isNotNull();
                    switch (mark) {
                        case '!' -> step.err.add(rest);
                        case '?' -> step.exit = Integer.parseInt(rest.strip());
                        default -> step.in.add(rest);
                    }
                }
                default -> {
                    assertThat(step)
                            .as("%s:%d: nothing was typed yet", file, i + 1)
                            .isNotNull();
                    step.out.add(line.equals(".") ? "" : line);
                }
            }
        }
        finish(step);
        assertThat(steps).as("commands in " + file).isPositive();
    }

    /** {@code > NAME} and, up to a line {@code >}, what shall be in the file; only its owner may read it. */
    private int file(String name, List<String> lines, int at) throws IOException {
        var content = new StringBuilder();
        int line = at + 1;
        while (!lines.get(line).equals(">")) {
            content.append(withKeys(lines.get(line))).append('\n');
            line++;
        }
        Path path = directory.resolve(name.strip());
        Files.writeString(path, content);
        if (!System.getProperty("os.name").startsWith("Windows")) {
            Files.setPosixFilePermissions(path, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        }
        return line;
    }

    /** All records of a classic pcap file, without the header of the file. */
    private byte[] packets(String name) throws IOException {
        byte[] all = Files.readAllBytes(directory.resolve(name));
        assertThat(all.length).as(name).isGreaterThan(PCAP_HEADER_OCTETS);
        return Arrays.copyOfRange(all, PCAP_HEADER_OCTETS, all.length);
    }

    private void finish(Step step) {
        if (step == null) {
            return;
        }
        String where = file.getFileName() + ":" + step.line + ": " + step.command;
        List<String> words = words(step.command);
        assertThat(words.getFirst()).as(where).isEqualTo("ipsec");
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var in = withKeys(String.join("\n", step.in) + (step.in.isEmpty() ? "" : "\n"));
        int exit = Ipsec.run(
                words.subList(1, words.size()).toArray(String[]::new),
                new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)),
                new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, false, StandardCharsets.UTF_8),
                environment());
        String said =
                "\nexit " + exit + "\n" + err.toString(StandardCharsets.UTF_8) + out.toString(StandardCharsets.UTF_8);
        compare(where + ": stderr" + said, step.err, err);
        compare(where + ": stdout" + said, step.out, out);
        assertThat(exit).as(where + ": exit code" + said).isEqualTo(step.exit);
    }

    private static void compare(String where, List<String> wanted, ByteArrayOutputStream got) {
        List<String> lines = got.toString(StandardCharsets.UTF_8).lines().toList();
        for (int i = 0; i < Math.min(wanted.size(), lines.size()); i++) {
            assertThat(lines.get(i)).as(where).matches(pattern(wanted.get(i)));
        }
        assertThat(lines).as(where).hasSameSizeAs(wanted);
    }

    /** Blanks at the end do not show in a story, so they do not count in it. */
    private static Pattern pattern(String wanted) {
        var pattern = new StringBuilder();
        for (String part : wanted.stripTrailing().split(Pattern.quote("..."), -1)) {
            pattern.append(pattern.isEmpty() ? "" : ".*").append(Pattern.quote(part));
        }
        return Pattern.compile(pattern + " *");
    }

    private static String withKeys(String text) {
        String all = text;
        for (var key : KEYS.entrySet()) {
            all = all.replaceAll(Pattern.quote(key.getKey()) + "(?![0-9A-Za-z])", key.getValue());
        }
        return all;
    }

    /** Words between blanks; {@code '...'} keeps blanks. */
    private static List<String> words(String command) {
        var words = new ArrayList<String>();
        var matcher = Pattern.compile("'([^']*)'|(\\S+)").matcher(withKeys(command));
        while (matcher.find()) {
            words.add(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
        }
        return words;
    }

    private Environment environment() {
        return new Environment(
                variables, InstantSource.fixed(now), random, directory, null, new West(), Duration.ofSeconds(5));
    }

    /** The machine of all stories. */
    private final class West implements Host {
        @Override
        public boolean isSuperuser() {
            return false;
        }

        @Override
        public boolean isWatched(int descriptor) {
            return false;
        }

        @Override
        public String name() {
            return "west";
        }

        @Override
        public List<IpAddress> addressesOf(String name) {
            return List.of();
        }

        @Override
        public List<IpAddress> localAddresses() {
            return List.of(IpAddress.v4(0xc0000204), IpAddress.v6(0x20010db8_00000000L, 4));
        }

        @Override
        public int mtuOf(String networkInterface) {
            return networkInterface.equals("eth1") ? 1500 : 0;
        }

        @Override
        public Path files() {
            return directory;
        }
    }
}
