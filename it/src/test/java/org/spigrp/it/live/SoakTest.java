package org.spigrp.it.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bench/soak} for a minute, for an hour with -Dspigrp.long: memory stays, and every packet has its verdict. */
class SoakTest {
    private static final Path CHECKOUT = Path.of(System.getProperty("spigrp.checkout"));

    @TempDir
    private Path directory;

    @Test
    void memory_stays_and_every_packet_is_accounted_for() throws IOException, InterruptedException {
        String missing = Field.missing();
        assumeTrue(missing.isEmpty(), missing);
        String minutes = Boolean.getBoolean("spigrp.long") ? "60" : "1";
        Path log = directory.resolve("log");
        Process soak = new ProcessBuilder(
                        CHECKOUT.resolve("bench").resolve("soak").toString(), "--minutes", minutes, "--rate", "5M")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        soak.getOutputStream().close();
        int exit = soak.waitFor();
        String said = Files.readString(log);
        assertThat(exit).as(said).isZero();
        assertThat(said.strip()).endsWith("PASS");
    }
}
