package org.spigrp.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.spigrp.sa.Selector.PortRange;

class ServicesTest {
    @TempDir
    Path directory;

    private Services services;

    @BeforeEach
    void files() throws Exception {
        Files.createDirectory(directory.resolve("etc"));
        Files.writeString(directory.resolve("etc/protocols"), "tcp 99\nours\t201\tOURS # a test\nbroken x\n");
        Files.writeString(
                directory.resolve("etc/services"), "ftp-data-2 7000/tcp alias\nhttp 1/tcp\nbig 70000/tcp\nx\n");
        services = new Services(TestHost.environment(directory));
    }

    @Test
    void protocols_are_named_by_us_then_by_the_file_or_numbered() {
        assertThat(services.protocol("tcp"))
                .as("a file does not change what tcp is")
                .isEqualTo(6);
        assertThat(services.protocol("OURS")).isEqualTo(201);
        assertThat(services.protocol("0xff")).isEqualTo(255);
        assertThatThrownBy(() -> services.protocol("256")).hasMessageContaining("0..255");
        assertThatThrownBy(() -> services.protocol("tpc")).hasMessageContaining("did you mean");
        assertThatThrownBy(() -> services.protocol("broken")).hasMessageContaining("no protocol");
    }

    @Test
    void ports_are_numbers_names_and_ranges_of_both() {
        assertThat(services.ports("--dst-port", "993")).isEqualTo(PortRange.of(993));
        assertThat(services.ports("--dst-port", "imaps")).isEqualTo(PortRange.of(993));
        assertThat(services.ports("--dst-port", "http")).isEqualTo(PortRange.of(80));
        assertThat(services.ports("--dst-port", "alias")).isEqualTo(PortRange.of(7000));
        assertThat(services.ports("--dst-port", "1024-0xffff")).isEqualTo(new PortRange(1024, 65_535));
        assertThat(services.ports("--dst-port", "ftp-data-ftp")).isEqualTo(new PortRange(20, 21));
        assertThat(services.ports("--dst-port", "ftp-data-ftp-data-2")).isEqualTo(new PortRange(20, 7000));
    }

    @Test
    void port_0_stands_for_any() {
        assertThat(services.ports("--dst-port", "0").isAny()).isTrue();
    }

    @Test
    void what_is_no_port_is_refused() {
        for (String bad : new String[] {"65536", "5-4", "-1", "", "big", "80-", "httq"}) {
            assertThatThrownBy(() -> services.ports("--dst-port", bad))
                    .as(bad)
                    .isInstanceOf(Refusal.class)
                    .hasMessageContaining("--dst-port");
        }
    }
}
