package org.spigrp.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.spigrp.wire.Checksum;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv6Header;
import org.spigrp.wire.Packet;

class IcmpPortTest {
    @Test
    void unreachable_comes_and_echo_does_not() {
        try (var namespace = new Namespace();
                var sender = namespace.call(() -> UdpPort.open(Family.INET, null, 0));
                var port = namespace.call(() -> IcmpPort.open(Family.INET, "lo"))) {
            namespace.run("ping -c 1 127.0.0.1");
            byte[] packet = Datagrams.udp("127.0.0.1", sender.port(), "127.0.0.1", 9, Datagrams.filler(20, 1));
            Batch.send(sender, packet);
            assertThat(Batch.receive(port, 1)).singleElement().satisfies(error -> {
                assertThat(error[20]).as("type: unreachable").isEqualTo((byte) 3);
                assertThat(error[21]).as("code: port").isEqualTo((byte) 3);
                assertThat(Arrays.copyOfRange(error, 56, error.length))
                        .as("payload of the packet that came back")
                        .startsWith(Datagrams.filler(20, 1));
            });
        }
    }

    @Test
    void ipv6_errors_come_with_a_header_that_their_checksum_is_good_for() {
        try (var namespace = new Namespace();
                var sender = namespace.call(() -> UdpPort.open(Family.INET6, null, 0));
                var port = namespace.call(() -> IcmpPort.open(Family.INET6, null))) {
            namespace.run("ping -c 1 ::1");
            Batch.send(sender, Datagrams.udp("::1", sender.port(), "::1", 9, Datagrams.filler(20, 1)));
            assertThat(Batch.receive(port, 1)).singleElement().satisfies(error -> {
                Packet packet = Packet.of(error);
                assertThat(packet.u8(Ipv6Header.NEXT_HEADER)).isEqualTo(IpProtocol.ICMPV6);
                assertThat(packet.u16(Ipv6Header.PAYLOAD_LENGTH)).isEqualTo(error.length - 40);
                assertThat(packet.u8(40)).as("type: unreachable").isEqualTo(1);
                int length = error.length - 40;
                assertThat(Checksum.ofUpper(packet, Family.INET6, 8, 24, IpProtocol.ICMPV6, 40, length))
                        .isZero();
            });
        }
    }
}
