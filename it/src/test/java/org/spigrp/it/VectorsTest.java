package org.spigrp.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.spigrp.engine.EngineSeams;
import org.spigrp.sa.Direction;

/**
 * Packets that a real Linux kernel made, against ours: each of the {@code vectors/} is peeled to the exact clear packets;
 * protected to the exact octets, with IV, outer id and AH's alignment padding taken from the vector; and what we protect
 * with numbers of our own is opened by that kernel, and by Scapy where it knows the transform. A table ends the test.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VectorsTest {
    private static final int VECTORS = 22;

    private final Map<String, Map<String, String>> table = new TreeMap<>();

    @TempDir
    private static Path job;

    private List<VectorCase> cases = List.of();
    private Map<String, String> scapy = Map.of();
    private String noScapy = "";
    private String noGuest = "";
    private String console = "";

    @BeforeAll
    void protect_all_with_our_own_numbers_and_let_the_peers_open_them() throws IOException, InterruptedException {
        cases = VectorCase.all();
        assertThat(cases).hasSize(VECTORS);
        for (VectorCase vector : cases) {
            Path folder = Files.createDirectory(job.resolve(vector.name()));
            Files.copy(vector.folder().resolve("case.json"), folder.resolve("case.json"));
            RawPcap.write(folder.resolve("clear.pcap"), vector.clear());
            RawPcap.write(
                    folder.resolve("protected.pcap"),
                    Stack.of(vector.sas(Direction.OUT), EngineSeams.NONE).forwarded(vector.clear()));
        }
        noGuest = LinuxGuest.missing();
        if (noGuest.isEmpty()) {
            console = LinuxGuest.run(job);
        }
        askScapy();
    }

    List<VectorCase> cases() {
        return cases;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void what_linux_protected_is_peeled_to_the_exact_clear_packets(VectorCase vector) {
        List<byte[]> peeled =
                Stack.of(vector.sas(Direction.IN), EngineSeams.NONE).forwarded(vector.guarded());
        record(vector, "peeled", () -> assertThat(hex(peeled)).isEqualTo(hex(vector.clear())));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void with_the_vectors_iv_id_and_padding_we_make_linuxs_octets(VectorCase vector) {
        EngineSeams seams = new VectorSeams(vector).seams();
        List<byte[]> made = Stack.of(vector.sas(Direction.OUT), seams).forwarded(vector.clear());
        record(vector, "exact", () -> assertThat(hex(made)).isEqualTo(hex(vector.guarded())));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void the_linux_kernel_opens_what_we_protect(VectorCase vector) throws IOException {
        if (!noGuest.isEmpty()) {
            note(vector, "kernel opens ours", "skipped");
        }
        assumeTrue(noGuest.isEmpty(), noGuest);
        Path result = job.resolve(vector.name()).resolve("decapsulated.pcap");
        assertThat(result).as(console).exists();
        List<byte[]> opened = RawPcap.read(result);
        // the guest queues packets that were not compressed anew, so their order says nothing
        record(
                vector,
                "kernel opens ours",
                () -> assertThat(comparable(vector, opened))
                        .as(console)
                        .containsExactlyInAnyOrderElementsOf(comparable(vector, vector.clear())));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void scapy_opens_what_we_protect_where_it_knows_the_transform(VectorCase vector) {
        if (!noScapy.isEmpty()) {
            note(vector, "Scapy opens ours", "skipped");
        }
        assumeTrue(noScapy.isEmpty(), noScapy);
        String said = scapy.getOrDefault(vector.name(), "said nothing");
        if (said.startsWith("unknown:")) {
            note(vector, "Scapy opens ours", said);
            assertThat(said)
                    .as("what Scapy 2.5 does not know")
                    .isIn("unknown: aes-gmac", "unknown: ESN on receipt", "unknown: IPComp");
            return;
        }
        record(
                vector,
                "Scapy opens ours",
                () -> assertThat(said).isEqualTo("opened " + vector.clear().size()));
    }

    @AfterAll
    void print_the_table() {
        List<String> columns = List.of("peeled", "exact", "kernel opens ours", "Scapy opens ours");
        var text = new StringBuilder("\nvector")
                .append(" ".repeat(32))
                .append(String.join(" | ", columns))
                .append('\n');
        table.forEach((name, results) -> {
            text.append(name).append(" ".repeat(38 - name.length()));
            for (String column : columns) {
                String cell = results.getOrDefault(column, "not run");
                text.append(cell)
                        .append(" ".repeat(Math.max(0, column.length() - cell.length())))
                        .append(" | ");
            }
            text.append('\n');
        });
        System.out.println(text);
    }

    private void record(VectorCase vector, String column, Runnable check) {
        note(vector, column, "NO");
        check.run();
        note(vector, column, "yes");
    }

    private void note(VectorCase vector, String column, String result) {
        table.computeIfAbsent(vector.name(), _ -> new HashMap<>()).put(column, result);
    }

    private static List<String> hex(List<byte[]> packets) {
        return packets.stream().map(HexFormat.of()::formatHex).toList();
    }

    private static List<String> comparable(VectorCase vector, List<byte[]> packets) {
        return hex(
                vector.compareWithoutOptions()
                        ? packets.stream().map(VectorsTest::withoutOptions).toList()
                        : packets);
    }

    /** Without the checksum and the options of IPv4. */
    private static byte[] withoutOptions(byte[] packet) {
        if (packet[0] >>> 4 != 4) {
            return packet;
        }
        int header = (packet[0] & 0xf) * 4;
        byte[] rest = Arrays.copyOf(packet, 20 + packet.length - header);
        System.arraycopy(packet, header, rest, 20, packet.length - header);
        rest[10] = 0;
        rest[11] = 0;
        return rest;
    }

    private void askScapy() throws IOException, InterruptedException {
        var words = new ArrayList<String>(List.of(
                "/usr/bin/python3", Path.of("src", "test", "scapy", "open.py").toString()));
        try (Stream<Path> folders = Files.list(job)) {
            folders.filter(folder -> Files.exists(folder.resolve("case.json")))
                    .sorted()
                    .map(Path::toString)
                    .forEach(words::add);
        }
        Path log = job.resolve("scapy.log");
        if (!Files.exists(Path.of("/usr/bin/python3"))
                || command(List.of("/usr/bin/python3", "-c", "import scapy"), log) != 0) {
            noScapy = "Scapy is not here: install python3-scapy";
            return;
        }
        command(words, log);
        scapy = new HashMap<>();
        for (String line : Files.readAllLines(log, StandardCharsets.UTF_8)) {
            int blank = line.indexOf(' ');
            if (blank > 0) {
                scapy.put(line.substring(0, blank), line.substring(blank + 1));
            }
        }
    }

    private static int command(List<String> words, Path log) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(words)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .redirectOutput(log.toFile())
                .start();
        process.getOutputStream().close();
        return process.waitFor();
    }
}
