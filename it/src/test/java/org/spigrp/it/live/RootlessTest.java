package org.spigrp.it.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.spigrp.it.live.Plan.Side;

/** A user without any right runs the stack: a TUN device that root made for him, and ESP in UDP from a port above 1023. */
class RootlessTest {
    @TempDir
    private Path job;

    @Test
    void esp_in_udp_needs_no_right_and_what_does_is_refused() {
        Plan udp = Plan.tunnel("tun esp/natt=aes128gcm16", "192.0.2.1", "198.51.100.1", "10.1.0.0/16", "10.2.0.0/16");
        Plan raw = Plan.tunnel("tun esp=aes128gcm16", "192.0.2.1", "198.51.100.1", "10.1.0.0/16", "10.2.0.0/16");
        try (Field field = Field.of(Field.PUBLIC);
                Gateway west = Gateway.rootless(field.at("west"), Side.WEST, job);
                Gateway east = Gateway.rootless(field.at("east"), Side.EAST, job);
                Wire wire = Wire.tap(field.at("net"), "w", "192.0.2.1")) {
            Ran refused = west.tryScript(Ours.lines(raw, Side.WEST));
            assertThat(refused.exit()).isNotZero();
            assertThat(refused.out()).contains("CAP_NET_RAW", "--natt").doesNotContain("Exception");
            assertThat(west.ipsec("spi").succeeds())
                    .as("nothing of it is there")
                    .isEmpty();
            west.follow(udp);
            east.follow(udp);
            Traffic.pings(field.at("hostw"), "10.2.0.10", List.of(56, 1000, 4000));
            System.out.println("without rights: "
                    + Traffic.tcp(field.at("hostw"), field.at("hoste"), "10.2.0.10", "2M") + ", "
                    + wire.carriedOnlyGuardedPackets());
            west.ipsec("setup", "stop").succeeds();
            Traffic.unanswered(field.at("hostw"), "10.2.0.10");
            wire.carriedOnlyGuardedPackets();
        }
    }
}
