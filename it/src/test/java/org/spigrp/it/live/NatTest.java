package org.spigrp.it.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.it.live.Plan.Side;

/**
 * A box between the gateways that gives the west another address and port (RFC 3948). A box remembers its flows, so that each
 * story has a field of its own.
 */
class NatTest {
    private static final String WEST = "192.0.2.1";
    private static final String EAST = "198.51.100.1";
    private static final String NAT = "203.0.113.254";
    private static final int BELIEVED = 40000;

    @TempDir
    private Path job;

    /** @param port that the box gives the west; 41000 is not where the east believes it to be */
    @ParameterizedTest
    @ValueSource(ints = {4500, BELIEVED, 41000})
    void esp_in_udp_goes_through_a_nat_box(int port) {
        boolean moved = port > BELIEVED;
        Plan plan = Plan.tunnel("tun esp/natt=aes128gcm16", WEST, EAST, "10.1.0.0/16", "10.2.0.0/16")
                .behindNat(NAT, moved ? BELIEVED : port);
        try (Field field = Field.of(Field.PUBLIC);
                Gateway west = Gateway.run(field.at("west"), Side.WEST, List.of(WEST), job)
                        .follow(plan);
                Gateway east = Gateway.run(field.at("east"), Side.EAST, List.of(EAST), job)
                        .follow(plan, line -> moved ? anySource(line) : line)) {
            Namespace box = field.at("net");
            box.sh("iptables-legacy -t nat -A POSTROUTING -p udp -s " + WEST + " -o e -j SNAT --to-source " + NAT + ":"
                    + port);
            try (Wire wire = Wire.tap(box, "e", EAST)) {
                Traffic.pings(field.at("hostw"), "10.2.0.10", List.of(56, 1000, 1400, 4000));
                System.out.println("NAT, port " + port + ": "
                        + Traffic.tcp(field.at("hostw"), field.at("hoste"), "10.2.0.10", "2M"));
                wire.carriedOnlyGuardedPackets();
            } catch (AssertionError e) {
                throw Gateway.told(e, west, east);
            }
            if (moved) {
                assertThat(east.output()).contains("peer-moved").contains("its peer is at " + NAT + " port 41000 now");
            }
        }
    }

    /** The east's inbound ESP takes packets from wherever they come, which asks for the peer to be followed. */
    private static String anySource(String line) {
        return line.startsWith("spi --said esp")
                ? line.replace("@" + EAST + " --src " + NAT, "@" + EAST + " --src 0.0.0.0")
                : line;
    }
}
