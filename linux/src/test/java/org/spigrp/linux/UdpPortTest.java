package org.spigrp.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.spigrp.wire.Family;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Octets;

class UdpPortTest {
    private static String here(Family family) {
        return family == Family.INET ? "127.0.0.1" : "::1";
    }

    /** For comparing: headers without what a receiver is not told (IPv4 identification, DF), and the payload's hash. */
    private static List<String> seen(List<byte[]> packets) {
        List<String> seen = new ArrayList<>();
        for (byte[] packet : packets) {
            var octets = new Octets(packet.clone());
            int headers = 48;
            if (octets.u8(0) >>> 4 == 4) {
                headers = 28;
                Ipv4Header.identification(octets, 0, 0);
                Ipv4Header.dontFragment(octets, 0, false);
                Ipv4Header.updateChecksum(octets, 0);
            }
            byte[] payload = Arrays.copyOfRange(packet, headers, packet.length);
            seen.add("%s and %d octets, hash %08x"
                    .formatted(
                            HexFormat.of().formatHex(octets.array(), 0, headers),
                            payload.length,
                            Arrays.hashCode(payload)));
        }
        return seen;
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void whole_packets_go_through_with_ports_class_and_hop_limit(Family family) {
        try (var namespace = new Namespace();
                var west = namespace.call(() -> UdpPort.open(family, null, 0));
                var east = namespace.call(() -> UdpPort.open(family, "lo", 4500))) {
            byte[] sent = Datagrams.udp(here(family), west.port(), here(family), 4500, Datagrams.filler(300, 1));
            byte[] empty = Datagrams.udp(here(family), west.port(), here(family), 4500);
            Batch.send(west, sent, empty, sent);
            assertThat(seen(Batch.receive(east, 3))).containsExactlyElementsOf(seen(List.of(sent, empty, sent)));
            byte[] back = Datagrams.udp(here(family), 4500, here(family), west.port(), Datagrams.filler(9, 1));
            Batch.send(east, back);
            assertThat(seen(Batch.receive(west, 1))).containsExactlyElementsOf(seen(List.of(back)));
            assertThat(west.refused() + east.refused()).isZero();
        }
    }

    @Test
    void source_address_is_the_packets() {
        try (var namespace = new Namespace();
                var west = namespace.call(() -> UdpPort.open(Family.INET, null, 0));
                var east = namespace.call(() -> UdpPort.open(Family.INET, null, 4500))) {
            byte[] sent = Datagrams.udp("127.0.0.7", west.port(), "127.0.0.9", 4500, Datagrams.filler(50, 1));
            byte[] foreign = Datagrams.udp("192.0.2.7", west.port(), "127.0.0.9", 4500, Datagrams.filler(50, 1));
            Batch.send(west, foreign, foreign, sent);
            assertThat(seen(Batch.receive(east, 1))).containsExactlyElementsOf(seen(List.of(sent)));
            assertThat(west.refused()).isEqualTo(2);
            assertThat(west.lastErrno()).isEqualTo(Errno.ENETUNREACH.number());
        }
    }

    /** Runs of one length to one peer, broken by another length, another peer, another class and another DF. */
    @ParameterizedTest
    @EnumSource(Family.class)
    void runs_are_joined_and_cut_and_arrive_in_order(Family family) {
        try (var namespace = new Namespace();
                var west = namespace.call(() -> UdpPort.open(family, null, 0));
                var east = namespace.call(() -> UdpPort.open(family, null, 4500));
                var other = namespace.call(() -> UdpPort.open(family, null, 4501))) {
            List<byte[]> toEast = new ArrayList<>();
            List<byte[]> toOther = new ArrayList<>();
            List<byte[]> all = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                boolean aside = i % 97 == 50;
                int length = i % 61 == 60 ? 700 : i < 200 ? 1300 : 400;
                byte[] packet = Datagrams.udp(
                        here(family), west.port(), here(family), aside ? 4501 : 4500, Datagrams.filler(length, i));
                if (i % 131 == 130 && family == Family.INET) {
                    var octets = new Octets(packet);
                    Ipv4Header.dontFragment(octets, 0, true);
                    Ipv4Header.trafficClass(octets, 0, 3);
                    Ipv4Header.updateChecksum(octets, 0);
                }
                (aside ? toOther : toEast).add(packet);
                all.add(packet);
            }
            Batch.send(west, all.toArray(new byte[0][]));
            assertThat(seen(Batch.receive(east, toEast.size()))).containsExactlyElementsOf(seen(toEast));
            assertThat(seen(Batch.receive(other, toOther.size()))).containsExactlyElementsOf(seen(toOther));
            assertThat(west.refused()).isZero();
            assertThat(west.joinedWrites())
                    .as("messages with several datagrams sent")
                    .isPositive();
            assertThat(east.joinedReads())
                    .as("messages with several datagrams received")
                    .isPositive();
        }
    }

    /** One by one they can go (cut by the kernel), joined they cannot. */
    @Test
    void what_cannot_be_joined_goes_one_by_one() {
        try (var namespace = new Namespace();
                var west = namespace.call(() -> UdpPort.open(Family.INET, null, 0));
                var east = namespace.call(() -> UdpPort.open(Family.INET, null, 4500))) {
            namespace.run("ip link set lo mtu 1280");
            byte[] sent = Datagrams.udp("127.0.0.1", west.port(), "127.0.0.1", 4500, Datagrams.filler(1400, 1));
            Batch.send(west, sent, sent, sent);
            assertThat(seen(Batch.receive(east, 3))).containsExactlyElementsOf(seen(List.of(sent, sent, sent)));
            assertThat(west.refused()).isZero();
        }
    }

    @Test
    void df_is_obeyed() {
        try (var namespace = new Namespace();
                var west = namespace.call(() -> UdpPort.open(Family.INET, null, 0));
                var east = namespace.call(() -> UdpPort.open(Family.INET, null, 4500))) {
            namespace.run("ip link set lo mtu 1280");
            byte[] sent = Datagrams.udp("127.0.0.1", west.port(), "127.0.0.1", 4500, Datagrams.filler(1400, 1));
            byte[] whole = sent.clone();
            Ipv4Header.dontFragment(new Octets(whole), 0, true);
            Batch.send(west, whole, sent);
            assertThat(seen(Batch.receive(east, 1))).containsExactlyElementsOf(seen(List.of(sent)));
            assertThat(west.refused()).isEqualTo(1);
            assertThat(west.lastErrno()).isEqualTo(Errno.EMSGSIZE.number());
        }
    }

    @Test
    void fragments_go_out_and_come_in_whole() {
        try (var namespace = new Namespace();
                var west = namespace.call(() -> UdpPort.open(Family.INET, null, 0));
                var east = namespace.call(() -> UdpPort.open(Family.INET, null, 4500))) {
            byte[] whole = Datagrams.udp("127.0.0.1", west.port(), "127.0.0.1", 4500, Datagrams.filler(2000, 1));
            byte[] first = Arrays.copyOf(whole, 20 + 1200);
            byte[] second =
                    Datagrams.ip("127.0.0.1", "127.0.0.1", 17, Arrays.copyOfRange(whole, 20 + 1200, whole.length));
            Ipv4Header.totalLength(new Octets(first), 0, first.length);
            Ipv4Header.fragment(new Octets(first), 0, 0, true);
            Ipv4Header.fragment(new Octets(second), 0, 1200, false);
            Batch.send(west, first, second);
            assertThat(seen(Batch.receive(east, 1))).containsExactlyElementsOf(seen(List.of(whole)));
        }
    }

    /** What one read gives and the batch has no room for is given by the next. */
    @Test
    void small_batches_lose_nothing() {
        try (var namespace = new Namespace();
                var west = namespace.call(() -> UdpPort.open(Family.INET, null, 0));
                var east = namespace.call(() -> UdpPort.open(Family.INET, null, 4500))) {
            byte[][] sent = new byte[30][];
            for (int i = 0; i < sent.length; i++) {
                sent[i] = Datagrams.udp("127.0.0.1", west.port(), "127.0.0.1", 4500, Datagrams.filler(500, i));
            }
            Batch.send(west, sent);
            List<byte[]> got = Batch.receive(east, 1);
            var batch = Batch.ofSize(1);
            while (east.receive(batch) > 0) {
                got.add(batch[0].toBytes());
            }
            assertThat(seen(got)).containsExactlyElementsOf(seen(List.of(sent)));
        }
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void port_that_is_taken_is_refused_naming_the_holder(Family family) throws IOException {
        try (var namespace = new Namespace();
                var holder = namespace.call(DatagramChannel::open)) {
            holder.setOption(StandardSocketOptions.SO_REUSEADDR, false);
            holder.bind(at("::", 4500)); // both families
            assertThatThrownBy(() -> namespace.call(() -> UdpPort.open(family, null, 4500)))
                    .isInstanceOfSatisfying(
                            KernelTrouble.class,
                            trouble -> assertThat(trouble.errno()).isEqualTo(Errno.EADDRINUSE.number()))
                    .hasMessageContaining("UDP port 4500")
                    .hasMessageContaining("(process " + ProcessHandle.current().pid() + ")")
                    .hasMessageContaining("another port");
        }
    }

    /** Both families have the port at the same time, and an ordinary program is understood. */
    @Test
    void talks_with_an_ordinary_socket() throws IOException {
        try (var namespace = new Namespace();
                var v4 = namespace.call(() -> UdpPort.open(Family.INET, null, 4500));
                var v6 = namespace.call(() -> UdpPort.open(Family.INET6, null, 4500));
                var socket = namespace.call(DatagramChannel::open)) {
            byte[] payload = Datagrams.filler(1000, 2);
            socket.bind(at("::1", 9000));
            socket.send(ByteBuffer.wrap(payload), at("::1", 4500));
            byte[] got = Batch.receive(v6, 1).getFirst();
            assertThat(Arrays.copyOfRange(got, 48, got.length)).isEqualTo(payload);
            Batch.send(v6, Datagrams.udp("::1", 4500, "::1", 9000, payload));
            var answer = ByteBuffer.allocate(2000);
            assertThat(socket.receive(answer)).isEqualTo(at("::1", 4500));
            assertThat(Arrays.copyOf(answer.array(), answer.position())).isEqualTo(payload);
            assertThat(v4.receive(Batch.ofSize(1))).isZero();
        }
    }

    private static InetSocketAddress at(String address, int port) throws IOException {
        return new InetSocketAddress(
                InetAddress.getByAddress(Datagrams.address(address).toBytes()), port);
    }
}
