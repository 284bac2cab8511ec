package org.spigrp.sa;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.NameResolver;
import org.spigrp.wire.Parsed;
import org.spigrp.wire.RandomText;

class SaidTextTest {
    private static final Pattern BAR = Pattern.compile(" \\| ");

    static Stream<String> vectors() {
        try (var in = requireNonNull(SaidTextTest.class.getResourceAsStream("said.txt"))) {
            List<String> lines = new String(in.readAllBytes(), UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
            assertThat(lines).hasSizeGreaterThan(60);
            return lines.stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void vector(String line) {
        String[] parts = BAR.split(line, -1);
        if (parts.length == 3) {
            Said said = SaidText.parse(parts[0], NameResolver.NONE).orNull();
            assertThat(said).as(line).isNotNull();
            assertThat(SaidText.printDotted(said)).isEqualTo(parts[1]);
            assertThat(SaidText.print(said)).isEqualTo(parts[2]).isEqualTo(said.toString());
            SaTextLaws.said(parts[0]);
            return;
        }
        int mark = line.indexOf(" ! ");
        assertThat(mark).as("'|' or '!' in: %s", line).isPositive();
        String input = line.substring(0, mark).replace("\"\"", "");
        assertThat(SaTextLaws.complaint(SaidText.parse(input, NameResolver.NONE)))
                .contains(line.substring(mark + 3))
                .contains(input);
    }

    @Test
    void a_name_is_looked_up_in_the_family_that_the_separator_says() {
        NameResolver hosts = (name, family) -> !name.equals("gw2")
                ? null
                : family == Family.INET ? IpAddress.v4(0xc0000207) : IpAddress.v6(0x2001_0db8L << 32, 7);
        assertThat(SaidText.parse("tun.113@gw2", hosts).map(Said::toString)).isEqualTo(Parsed.ok("tun0x113@192.0.2.7"));
        assertThat(SaidText.parse("tun:113@gw2", hosts).map(Said::toString))
                .isEqualTo(Parsed.ok("tun0x113@2001:db8::7"));
        assertThat(SaidText.parse("tun0x113@gw2", hosts).map(Said::toString))
                .isEqualTo(Parsed.ok("tun0x113@192.0.2.7"));
        assertThat(SaTextLaws.complaint(SaidText.parse("tun0x113@gw3", hosts))).contains("no host of that name");
    }

    @Test
    void a_shunt_has_no_address() {
        assertThat(SaidText.parse("int257@9.9.9.9", NameResolver.NONE)).isEqualTo(Parsed.ok(Shunt.DROP.said()));
        assertThat(SaidText.parse("int257@::1", NameResolver.NONE)).isEqualTo(Parsed.ok(Shunt.DROP.said()));
    }

    @Test
    void random_saids_print_and_read_back() {
        var random = RandomText.random();
        SaProtocol[] protocols = SaProtocol.values();
        for (int round = 0; round < RandomText.ROUNDS; round++) {
            IpAddress destination = switch (random.nextInt(4)) {
                case 0 -> IpAddress.any(random.nextBoolean() ? Family.INET : Family.INET6);
                case 1 -> IpAddress.v4(random.nextInt());
                default -> IpAddress.v6(random.nextLong(), random.nextLong() >>> random.nextInt(64));
            };
            int spi = random.nextInt() >>> random.nextInt(32);
            var said = new Said(protocols[random.nextInt(protocols.length)], spi, destination);
            if (Shunt.of(said) == null) {
                assertThat(SaidText.parse(SaidText.print(said), NameResolver.NONE))
                        .as(RandomText.seed(round))
                        .isEqualTo(Parsed.ok(said));
                assertThat(SaidText.parse(SaidText.printDotted(said), NameResolver.NONE))
                        .as(RandomText.seed(round))
                        .isEqualTo(Parsed.ok(said));
            }
        }
    }

    @Test
    void random_texts_keep_the_laws() {
        var random = RandomText.random();
        for (int round = 0; round < RandomText.ROUNDS; round++) {
            String text = RandomText.of(random, "esp", "ah", "tun", "int", "%")
                    + RandomText.of(random, "0x", ".", ":", "1", "7f", "@", "%pass", "256", "0")
                    + (random.nextInt(4) == 0 ? "" : "@10.1.2.3")
                    + RandomText.of(random, "::", "1", ":", ".");
            withSeed(round, () -> SaTextLaws.said(text));
        }
    }

    static void withSeed(int round, Runnable law) {
        try {
            law.run();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(RandomText.seed(round), e);
        }
    }
}
