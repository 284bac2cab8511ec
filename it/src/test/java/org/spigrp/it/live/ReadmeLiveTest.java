package org.spigrp.it.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The live section of the README, typed as it stands. */
class ReadmeLiveTest {
    private static final Path CHECKOUT = Path.of(System.getProperty("spigrp.checkout"));

    @Test
    void the_live_section_works_as_it_stands() throws IOException {
        String missing = Field.missing();
        assumeTrue(missing.isEmpty(), missing);
        Matcher block = Pattern.compile("## Live\n.*?```\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(CHECKOUT.resolve("README.md")));
        assertThat(block.find()).as("a block under ## Live").isTrue();
        // others may have namespaces of these names on this machine
        String unique = "r" + ProcessHandle.current().pid();
        String typed = block.group(1).replaceAll("\\b(west|east)\\b", unique + "$1");
        Ran ran =
                Running.start(Map.of(), CHECKOUT, List.of("bash", "-c", typed)).end();
        String out = ran.succeeds();
        List<String> wire = out.lines().filter(line -> line.contains(" IP ")).toList();
        assertThat(out).contains("3 packets transmitted, 3 received");
        assertThat(wire).hasSize(6).allMatch(line -> line.contains(": AH("));
        assertThat(out)
                .containsPattern("ah0x102@192.0.2.2 out PROTECTED=[3-9]")
                .containsPattern("ah0x202@192.0.2.1 in PEELED=[3-9]")
                .contains(
                        "10.1.0.0/24        -> 10.2.0.0/24        => tun0x100@192.0.2.2 esp0x101@192.0.2.2 ah0x102@192.0.2.2");
    }
}
