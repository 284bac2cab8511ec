package org.spigrp.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** Reads vectors/*.txt; vectors/README.txt says how they are written. */
final class Vectors {
    /** A block of {@code key = value} lines, and where it stands. */
    record Case(String where, Map<String, String> values) {
        boolean has(String key) {
            return values.containsKey(key);
        }

        String text(String key) {
            return Objects.requireNonNull(values.get(key), () -> where + " has no " + key);
        }

        /** Empty if the case does not say. */
        byte[] octets(String key) {
            String value = values.getOrDefault(key, "");
            if (value.startsWith("text:")) {
                return value.substring("text:".length()).getBytes(StandardCharsets.US_ASCII);
            }
            int star = value.indexOf('*');
            String hex = (star < 0 ? value : value.substring(0, star)).replace(" ", "");
            int times =
                    star < 0 ? 1 : Integer.parseInt(value.substring(star + 1).strip());
            return HexFormat.of().parseHex(hex.repeat(times));
        }

        @Override
        public String toString() {
            return where;
        }
    }

    /** In the sources: other modules run these tests too, and have them in a jar. */
    private static final Path FOLDER =
            Path.of(System.getProperty("spigrp.checkout", ".."), "engine", "src", "test", "resources", "vectors");

    private Vectors() {}

    static List<Case> all() {
        List<Case> cases = new ArrayList<>();
        try (Stream<Path> files = Files.list(FOLDER)) {
            for (Path file : files.sorted().toList()) {
                if (!file.endsWith("README.txt")) read(file, cases);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return cases;
    }

    private static void read(Path file, List<Case> cases) throws IOException {
        Map<String, String> block = new LinkedHashMap<>();
        String last = "";
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith("#")) continue;
            if (line.isBlank()) {
                close(file, block, cases);
                block = new LinkedHashMap<>();
            } else if (line.startsWith(" ")) {
                block.merge(last, line.strip(), String::concat);
            } else {
                int equals = line.indexOf('=');
                last = line.substring(0, equals).strip();
                block.put(last, line.substring(equals + 1).strip());
            }
        }
        close(file, block, cases);
    }

    private static void close(Path file, Map<String, String> block, List<Case> cases) {
        if (block.isEmpty()) return;
        cases.add(new Case(file.getFileName() + ", case " + block.get("case"), block));
    }
}
