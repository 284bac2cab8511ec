package org.spigrp.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.spigrp.cli.Environment;
import org.spigrp.cli.Ipsec;

/**
 * A sender, a receiver, and an attacker between them who records everything.
 *
 * <p>The sender protects streams of packets, and is changed by commands; both are killed at random points. Its SAs are
 * cleared and made again with the same keys, under the same SPIs or others, and its state directory is set back to an older
 * copy. The receiver peels what came, and everything that was ever recorded once more; it is killed, cleared and made
 * again as well. Judged on the octets of the captures that came out, those of killed runs too: no explicit IV twice under
 * one cipher key, no inner packet accepted twice. And a change that a command acknowledged is there afterwards; one that
 * it did not is there whole or not at all.
 */
final class KillWorld {
    private static final String[][] SUITES = {
        // --said word, options, octets of each key
        {"esp", "--esp aes128gcm16 --enckey", "20", ""},
        {"esp", "--esp chacha20poly1305 --enckey", "36", ""},
        {"esp", "--esp aes128ctr-sha256 --enckey", "20", "32"},
        {"ah", "--ah aes128gmac --authkey", "20", ""},
    };

    private static final int LARGEST_STREAM = 600;
    /** The attacker's memory, so that a thousand kills end some day. The oldest packets go first. */
    private static final int RECORDED = 12_000;

    private final String name;
    private final Random random;
    private final Path directory;
    private final Path sender;
    private final Path receiver;
    private final Path copy;
    private final Path trial;
    private final KillProcess processes;

    private String[][] keys = new String[0][];
    private int[] spis = new int[0];
    private int nextSpi = 0x1000;
    private long nextId;
    private boolean hasCopy;
    private int roundsSinceRestore = -1;

    private final List<byte[]> fresh = new ArrayList<>();
    private final List<byte[]> recorded = new ArrayList<>();
    private final Map<Integer, String> cipherKeyOfSpi = new HashMap<>();
    private final Map<String, Set<String>> ivsOfKey = new HashMap<>();
    private final Set<Long> accepted = new HashSet<>();

    /** What happened. */
    final Map<String, Integer> counts = new TreeMap<>();

    KillWorld(String name, long seed, Path directory, Path cache) throws IOException {
        this.name = name + ", seed " + seed;
        this.random = new Random(seed);
        this.directory = directory;
        this.sender = directory.resolve("sender");
        this.receiver = directory.resolve("receiver");
        this.copy = directory.resolve("copy");
        this.trial = directory.resolve("trial");
        this.processes = new KillProcess(directory, cache, random);
        rekey();
    }

    private void count(String what) {
        counts.merge(what, 1, Integer::sum);
    }

    private void count(String what, int more) {
        counts.merge(what, more, Integer::sum);
    }

    /** Makes later starts faster, here and in other worlds with this cache. */
    void train() throws IOException, InterruptedException {
        processes.record(
                sender,
                List.of(
                        "pcap",
                        stream().toString(),
                        directory.resolve("trained").toString()));
    }

    /** @param more whether kills are still wanted; asked after each */
    void live(BooleanSupplier more) throws IOException, InterruptedException {
        while (more.getAsBoolean()) {
            switch (random.nextInt(10)) {
                case 0, 1, 2, 3 -> send();
                case 4, 5 -> receive();
                case 6, 7 -> change();
                case 8 -> clearAndAddAgain(random.nextInt(3) == 0 ? receiver : sender);
                default -> copyOrRestore();
            }
        }
        // everybody ends well, and the attacker tries once more
        sendUnharmed();
        receiveUnharmed();
        receiveUnharmed();
    }

    // The SAs

    private static String hex(Random random, String octets) {
        byte[] key = new byte[Integer.parseInt(octets)];
        random.nextBytes(key);
        return "0x" + HexFormat.of().formatHex(key);
    }

    /** New keys and SPIs for both. */
    private void rekey() throws IOException {
        keys = new String[SUITES.length][];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = new String[] {hex(random, SUITES[i][2]), SUITES[i][3].isEmpty() ? "" : hex(random, SUITES[i][3])};
        }
        newSpis();
        for (Path state : List.of(sender, receiver)) {
            inProcess(state, "-f", script(state).toString());
        }
        fresh.clear();
        roundsSinceRestore = -1;
        hasCopy = false;
        count("new keys");
    }

    private void newSpis() {
        spis = new int[SUITES.length];
        for (int i = 0; i < spis.length; i++) {
            spis[i] = nextSpi++;
            cipherKeyOfSpi.put(spis[i], keys[i][0]);
        }
    }

    /** Clears and makes all anew. */
    private Path script(Path state) throws IOException {
        var lines = new ArrayList<>(List.of("spi --clear", "eroute --clear"));
        for (int i = 0; i < SUITES.length; i++) {
            String spi = "0x" + Integer.toHexString(spis[i]) + "@192.0.2.9";
            String[] suite = SUITES[i];
            lines.add("spi --said tun" + spi + " --ip4 --src 192.0.2.4");
            lines.add("spi --said " + suite[0] + spi + " --src 192.0.2.4 " + suite[1] + " " + keys[i][0]
                    + (suite[3].isEmpty() ? "" : " --authkey " + keys[i][1]));
            lines.add("spigrp --said tun" + spi + " " + suite[0] + spi);
            lines.add("eroute " + (state.equals(sender) ? "--add" : "--addin") + " --src 10.1.0.0/16 --dst 10.2." + i
                    + ".0/24 --said tun" + spi);
        }
        Path script = directory.resolve("script");
        Files.write(script, lines);
        return script;
    }

    // Commands

    /** Runs a command here, and wants it done. */
    private String inProcess(Path state, String... words) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int exit = Ipsec.run(
                words,
                new ByteArrayInputStream(new byte[0]),
                new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, false, StandardCharsets.UTF_8),
                Environment.ofThisProcess().with("IPSEC_STATE", state.toString()));
        assertThat(exit)
                .as("%s: %s: %s", name, String.join(" ", words), err.toString(StandardCharsets.UTF_8))
                .isZero();
        return out.toString(StandardCharsets.UTF_8);
    }

    /** Groups and eroutes, without the packets counted. */
    private List<String> listing(Path state) {
        var lines = new ArrayList<>(inProcess(state, "spigrp").lines().toList());
        inProcess(state, "eroute")
                .lines()
                .map(line -> line.substring(line.indexOf(' ')).strip())
                .forEach(lines::add);
        return lines;
    }

    /** A command on the sender or receiver, killed at some time. What it would have done is found out on a copy. */
    private void killed(String kind, Path state, String... words) throws IOException, InterruptedException {
        List<String> before = listing(state);
        copy(state, trial);
        inProcess(trial, words);
        List<String> after = listing(trial);
        if (!kind.startsWith("clear")) {
            assertThat(after)
                    .as("%s: %s changes something", name, String.join(" ", words))
                    .isNotEqualTo(before);
        }
        KillProcess.End end = switch (random.nextInt(5)) {
            case 0 -> processes.run(state, null, List.of(words));
            case 1, 2 -> processes.killSometime(kind, state, List.of(words));
            default -> processes.killAtWrite(state, List.of(words));
        };
        List<String> found = listing(state);
        String what = name + ": " + String.join(" ", words);
        if (end.killed()) {
            count("kills");
            count("killed: " + kind);
            if (!found.equals(before)) {
                assertThat(found)
                        .as("%s was killed: all of it or nothing", what)
                        .isEqualTo(after);
                count("killed when it was done");
            }
        } else {
            assertThat(end.exit()).as("%s: %s", what, end.err()).isZero();
            assertThat(found).as("%s was acknowledged", what).isEqualTo(after);
            count("changes acknowledged");
        }
    }

    private void change() throws IOException, InterruptedException {
        String spi = "0x" + Integer.toHexString(0x100000 + random.nextInt(1_000_000)) + "@192.0.2.9";
        List<String> extra = inProcess(sender, "spigrp")
                .lines()
                .filter(line -> line.matches("tun0x[0-9a-f]{6,}@.*"))
                .toList();
        switch (random.nextInt(extra.isEmpty() ? 2 : 4)) {
            case 0 -> killed("spi", sender, "spi", "--said", "tun" + spi, "--ip4", "--src", "192.0.2.4");
            case 1 ->
                killed("script", sender, "-f", triples(1 + random.nextInt(60)).toString());
            case 2 -> {
                String said = firstWord(extra.get(random.nextInt(extra.size())));
                killed("spi", sender, "spi", "--said", said, "--del");
            }
            default -> {
                String said = firstWord(extra.get(random.nextInt(extra.size())));
                killed(
                        "eroute",
                        sender,
                        "eroute",
                        "--add",
                        "--src",
                        "10.9." + random.nextInt(256) + "." + random.nextInt(256) + "/32",
                        "--dst",
                        "10.8." + random.nextInt(256) + "." + random.nextInt(256) + "/32",
                        "--said",
                        said);
            }
        }
    }

    private static String firstWord(String line) {
        return line.substring(0, line.indexOf(' '));
    }

    private Path triples(int count) throws IOException {
        var lines = new ArrayList<String>();
        int first = 0x10000000 + random.nextInt(0x10000000);
        for (int i = 0; i < count; i++) {
            String spi = "0x" + Integer.toHexString(first + i) + "@192.0.2.9";
            lines.add("spi --said tun" + spi + " --ip4 --src 192.0.2.4");
            lines.add("spi --said esp" + spi + " --src 192.0.2.4 --esp aes128gcm16 --enckey " + hex(random, "20"));
            lines.add("spigrp --said tun" + spi + " esp" + spi);
        }
        Path script = directory.resolve("triples");
        Files.write(script, lines);
        return script;
    }

    private void clearAndAddAgain(Path state) throws IOException, InterruptedException {
        killed("clear", state, "spi", "--clear");
        if (state.equals(sender) && random.nextInt(3) == 0) {
            // the same keys under other SPIs; the receiver follows
            newSpis();
            inProcess(receiver, "-f", script(receiver).toString());
            count("same keys under other SPIs");
        }
        killed("clear and add", state, "-f", script(state).toString());
        inProcess(state, "-f", script(state).toString());
        count("cleared and added again");
    }

    // The state directory, copied and set back

    private void copyOrRestore() throws IOException {
        if (roundsSinceRestore >= 3) {
            // a sender set back sends old sequence numbers, which the receiver rightly refuses: time for new keys
            rekey();
        } else if (roundsSinceRestore >= 0) {
            roundsSinceRestore++;
        } else if (hasCopy && random.nextBoolean()) {
            copy(copy, sender);
            inProcess(sender, "-f", script(sender).toString());
            roundsSinceRestore = 0;
            count("sender set back to a copy");
        } else {
            copy(sender, copy);
            hasCopy = true;
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        if (Files.exists(to)) {
            try (Stream<Path> files = Files.list(to)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
        } else {
            Files.createDirectory(
                    to, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    // Packets

    private Path stream() throws IOException {
        var packets = new ArrayList<byte[]>();
        for (int i = 1 + random.nextInt(LARGEST_STREAM); i > 0; i--) {
            packets.add(KillPackets.inner(random.nextInt(SUITES.length), nextId++, random.nextInt(200)));
        }
        count("packets offered", packets.size());
        Path file = directory.resolve("clear.pcap");
        Files.write(file, KillPackets.capture(packets));
        return file;
    }

    private void send() throws IOException, InterruptedException {
        Path in = stream();
        byte[] out;
        KillProcess.End end;
        if (random.nextBoolean()) {
            int octets = 24 + random.nextInt(1 + (int) (Files.size(in) * 5 / 4));
            end = processes.killAfter(
                    octets, sender, in, List.of("pcap", "-", "-", "--only", "protect", "--unmatched", "drop"));
            out = end.out();
        } else {
            Path file = directory.resolve("protected.pcap");
            Files.deleteIfExists(file);
            List<String> words =
                    List.of("pcap", in.toString(), file.toString(), "--only", "protect", "--unmatched", "drop");
            end = random.nextBoolean()
                    ? processes.killSometime("send", sender, words)
                    : processes.killAtWrite(sender, words);
            out = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
        }
        ended("sender", end);
        judgeSent(out);
    }

    private void sendUnharmed() throws IOException, InterruptedException {
        KillProcess.End end =
                processes.run(sender, stream(), List.of("pcap", "-", "-", "--only", "protect", "--unmatched", "drop"));
        assertThat(end.exit()).as("%s: sender: %s", name, end.err()).isZero();
        judgeSent(end.out());
    }

    private void ended(String who, KillProcess.End end) {
        if (end.killed()) {
            count("kills");
            count("killed: " + who);
        } else {
            assertThat(end.exit()).as("%s: %s: %s", name, who, end.err()).isZero();
        }
    }

    private void judgeSent(byte[] capture) {
        for (byte[] packet : KillPackets.packets(capture)) {
            int spi = KillPackets.spi(packet);
            String key = cipherKeyOfSpi.get(spi);
            assertThat(key).as("%s: a packet of SPI 0x%x", name, spi).isNotNull();
            String iv = KillPackets.iv(packet);
            assertThat(ivsOfKey.computeIfAbsent(String.valueOf(key), _ -> new HashSet<>())
                            .add(iv))
                    .as("%s: IV %s of SPI 0x%x is new under its key", name, iv, spi)
                    .isTrue();
            fresh.add(packet);
            count("packets sent");
        }
    }

    /** What is new, with the attacker's before, behind or among it. */
    private Path arriving() throws IOException {
        var packets = new ArrayList<byte[]>();
        int order = random.nextInt(3);
        if (order == 0) {
            packets.addAll(recorded);
            packets.addAll(fresh);
        } else {
            packets.addAll(fresh);
            packets.addAll(recorded);
            packets.addAll(fresh);
        }
        if (order == 2) {
            Collections.shuffle(packets, random);
        }
        recorded.addAll(fresh);
        fresh.clear();
        if (recorded.size() > RECORDED) {
            recorded.subList(0, recorded.size() - RECORDED).clear();
        }
        Path file = directory.resolve("arriving.pcap");
        Files.write(file, KillPackets.capture(packets));
        return file;
    }

    private void receive() throws IOException, InterruptedException {
        Path in = arriving();
        byte[] out;
        KillProcess.End end;
        if (random.nextBoolean()) {
            int octets = 24 + random.nextInt(40_000);
            end = processes.killAfter(octets, receiver, in, peel("-", "-"));
            out = end.out();
        } else {
            Path file = directory.resolve("peeled.pcap");
            Files.deleteIfExists(file);
            List<String> words = peel(in.toString(), file.toString());
            end = random.nextBoolean()
                    ? processes.killSometime("receive", receiver, words)
                    : processes.killAtWrite(receiver, words);
            out = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
        }
        ended("receiver", end);
        judgeAccepted(out);
    }

    private void receiveUnharmed() throws IOException, InterruptedException {
        KillProcess.End end = processes.run(receiver, arriving(), peel("-", "-"));
        assertThat(end.exit()).as("%s: receiver: %s", name, end.err()).isZero();
        judgeAccepted(end.out());
    }

    private static List<String> peel(String in, String out) {
        return List.of("pcap", in, out, "--only", "peel", "--unmatched", "drop");
    }

    private void judgeAccepted(byte[] capture) {
        for (byte[] packet : KillPackets.packets(capture)) {
            long id = KillPackets.id(packet);
            assertThat(id).as("%s: an inner packet of ours", name).isNotNegative();
            assertThat(accepted.add(id))
                    .as("%s: packet %d is accepted once", name, id)
                    .isTrue();
            count("packets accepted");
        }
    }
}
