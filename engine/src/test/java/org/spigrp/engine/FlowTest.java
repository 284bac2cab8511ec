package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.spigrp.engine.EngineOptions.Only;
import org.spigrp.sa.Lifetimes;
import org.spigrp.sa.Lifetimes.Limit;
import org.spigrp.sa.Said;
import org.spigrp.wire.Verdict;

/**
 * Flows as text, in {@code src/test/resources/flows}.
 *
 * <pre>
 *   group MEMBER... [window=N] [packets=N] [addtime=N]    between west and east, inner to outer: the first line
 *   [+SECONDS] &lt; seq N [bad]      a packet of the peer's arrives, every member with this number; bad = last octet changed
 *   [+SECONDS] clear LENGTH       a clear packet is sent
 *   &gt; VERDICT                     how it ended
 *   restart | crash | fresh       a clean end and a new run; none; a new run with fresh windows
 * </pre>
 */
class FlowTest {
    private static final Path FLOWS = Path.of("src/test/resources/flows");

    static Stream<String> flows() throws IOException {
        try (Stream<Path> files = Files.list(FLOWS)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("flows")
    void flow(String file) throws IOException {
        List<String> lines = Files.readAllLines(FLOWS.resolve(file));
        var flow = new Flow();
        int checks = 0;
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            if (line.startsWith("> ")) {
                assertThat(flow.last).as(file + ":" + (i + 1)).isEqualTo(Verdict.valueOf(line.substring(2)));
                checks++;
            } else {
                flow.step(line.split(" +"));
            }
        }
        assertThat(checks).as(file).isPositive();
    }

    private static final class Flow {
        private final StackBed east = new StackBed();
        private String[] group = {};
        private Verdict last = Verdict.NONE;

        void step(String[] words) {
            int at = 0;
            if (words[0].startsWith("+")) {
                east.now = east.now.plusSeconds(Long.parseLong(words[0].substring(1)));
                at = 1;
            }
            switch (words[at]) {
                case "group" -> {
                    group = words;
                    build(east, 0);
                }
                case "<" -> last = east.verdict(arriving(words, at));
                case "clear" -> last = east.verdict(Clear.udp(Integer.parseInt(words[at + 1]) - 28));
                case "restart" -> east.restart().with(EngineOptions.DEFAULT);
                case "crash" -> east.crash().with(EngineOptions.DEFAULT);
                case "fresh" -> east.restart().with(EngineOptions.DEFAULT.withFreshWindows(true));
                default -> throw new AssertionError("no such step: " + String.join(" ", words));
            }
        }

        /** What a peer with the same group sends, who is at this number. */
        private byte[] arriving(String[] words, int at) {
            long number = Long.parseLong(words[at + 2]);
            var west = new StackBed();
            build(west, Math.max(number, 1));
            byte[] sealed =
                    west.with(EngineOptions.DEFAULT.withOnly(Only.PROTECT)).protect(Clear.udp(100));
            if (number == 0) {
                sealed[24] = sealed[25] = sealed[26] = sealed[27] = 0;
            }
            return words.length > at + 3 ? Clear.changed(sealed, -1) : sealed;
        }

        private void build(StackBed bed, long firstNumber) {
            bed.firstNumber = firstNumber;
            List<Said> saids = new ArrayList<>();
            for (String word : group) {
                int equals = word.indexOf('=');
                if (equals > 0) {
                    set(bed, word.substring(0, equals), Integer.parseInt(word.substring(equals + 1)));
                }
            }
            for (String word : group) {
                if (word.equals("tun")) {
                    saids.add(bed.add(StackBed.tunnel(), StackBed.WEST, StackBed.EAST));
                } else if (word.startsWith("esp:")) {
                    saids.add(bed.add(StackBed.esp(word.substring(4)), StackBed.WEST, StackBed.EAST));
                } else if (word.startsWith("ah:")) {
                    saids.add(bed.add(StackBed.ah(word.substring(3)), StackBed.WEST, StackBed.EAST));
                }
            }
            bed.group(saids.toArray(Said[]::new)).erouteAll(saids.getFirst()).policyAll(saids.getFirst());
        }

        private static void set(StackBed bed, String name, int value) {
            Limit limit = new Limit(0, value);
            switch (name) {
                case "window" -> bed.windowBits = value;
                case "packets" -> bed.lifetimes = new Lifetimes(Limit.NONE, Limit.NONE, Limit.NONE, Limit.NONE, limit);
                case "addtime" -> bed.lifetimes = new Lifetimes(Limit.NONE, Limit.NONE, limit, Limit.NONE, Limit.NONE);
                default -> throw new AssertionError(name);
            }
        }
    }
}
