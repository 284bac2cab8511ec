package org.spigrp.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Octets;

class RawPortTest {
    private static final List<Integer> PROTOCOLS = List.of(50, 51, 108, 4, 41);

    private static String here(Family family) {
        return family == Family.INET ? "127.0.0.1" : "::1";
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void whole_packets_of_every_protocol_arrive_as_they_were_sent(Family family) {
        try (var namespace = new Namespace();
                var port = namespace.call(() -> RawPort.open(family, null))) {
            List<byte[]> sent = new ArrayList<>();
            for (int protocol : PROTOCOLS) {
                sent.add(Datagrams.ip(here(family), here(family), protocol, Datagrams.filler(1400, protocol)));
            }
            Batch.send(port, sent.toArray(new byte[0][]));
            assertThat(Batch.receive(port, 5)).containsExactlyInAnyOrderElementsOf(sent);
            assertThat(port.refused()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void order_of_a_long_run_is_kept(Family family) {
        try (var namespace = new Namespace();
                var port = namespace.call(() -> RawPort.open(family, "lo"))) {
            List<byte[]> sent = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                sent.add(Datagrams.ip(here(family), here(family), IpProtocol.ESP, Datagrams.filler(i * 40, i)));
            }
            Batch.send(port, sent.toArray(new byte[0][]));
            assertThat(Batch.receive(port, 200)).containsExactlyElementsOf(sent);
        }
    }

    @Test
    void df_and_identification_are_ours_and_the_checksum_is_mended() {
        try (var namespace = new Namespace();
                var port = namespace.call(() -> RawPort.open(Family.INET, null))) {
            byte[] sent = Datagrams.ip("127.0.0.1", "127.0.0.1", IpProtocol.ESP, Datagrams.filler(100, 1));
            var octets = new Octets(sent);
            Ipv4Header.dontFragment(octets, 0, true);
            Batch.send(port, sent);
            Ipv4Header.updateChecksum(octets, 0);
            assertThat(Batch.receive(port, 1)).containsExactly(sent);
        }
    }

    @Test
    void fragments_go_out_as_they_are_and_come_together_over_ipv4() {
        try (var namespace = new Namespace();
                var port = namespace.call(() -> RawPort.open(Family.INET, null))) {
            byte[] whole = Datagrams.ip("127.0.0.1", "127.0.0.1", IpProtocol.ESP, Datagrams.filler(2000, 1));
            byte[] first = Arrays.copyOf(whole, 20 + 1200);
            byte[] second = Datagrams.ip(
                    "127.0.0.1", "127.0.0.1", IpProtocol.ESP, Arrays.copyOfRange(whole, 20 + 1200, 20 + 2000));
            fragment(first, 0, true);
            fragment(second, 1200, false);
            Batch.send(port, second, first);
            assertThat(Batch.receive(port, 1)).containsExactly(whole);
        }
    }

    private static void fragment(byte[] packet, int offset, boolean more) {
        var octets = new Octets(packet);
        Ipv4Header.totalLength(octets, 0, packet.length);
        Ipv4Header.fragment(octets, 0, offset, more);
        Ipv4Header.updateChecksum(octets, 0);
    }

    /** Behind one extension header what we take is let in; what is something else is not. */
    @ParameterizedTest
    @ValueSource(
            ints = {IpProtocol.HOP_BY_HOP, IpProtocol.ROUTING, IpProtocol.FRAGMENT, IpProtocol.DESTINATION_OPTIONS})
    void ipv6_comes_with_its_extension_headers(int extension) {
        try (var namespace = new Namespace();
                var port = namespace.call(() -> RawPort.open(Family.INET6, "lo"))) {
            byte[] payload = Datagrams.filler(64, 3);
            payload[0] = IpProtocol.UDP;
            payload[1] = 0;
            byte[] other = Datagrams.ip("::1", "::1", extension, payload);
            byte[] plain = Datagrams.ip("::1", "::1", IpProtocol.UDP, payload);
            payload[0] = IpProtocol.ESP;
            byte[] wanted = Datagrams.ip("::1", "::1", extension, payload);
            Batch.send(port, other, plain, wanted);
            assertThat(Batch.receive(port, 1)).containsExactly(wanted);
        }
    }

    /** Else a peer would be told that we do not understand what we have just taken. */
    @ParameterizedTest
    @CsvSource({"INET, snmp, OutDestUnreachs", "INET6, snmp6, Icmp6OutParmProblems"})
    void kernel_does_not_answer_that_it_does_not_know_the_protocol(Family family, String table, String counter) {
        try (var namespace = new Namespace();
                var port = namespace.call(() -> RawPort.open(family, null))) {
            byte[] packet = Datagrams.ip(here(family), here(family), IpProtocol.ESP, Datagrams.filler(64, 3));
            byte[] unknown = Datagrams.ip(here(family), here(family), 143, Datagrams.filler(64, 3));
            Batch.send(port, packet, unknown, packet);
            assertThat(Batch.receive(port, 2)).hasSize(2);
            String counters = namespace.run("cat /proc/net/" + table);
            assertThat(counter(counters, counter)).as("for protocol 143 only").isEqualTo(1);
        }
    }

    /** In /proc/net/snmp values stand below their names, in snmp6 behind them. */
    private static long counter(String text, String name) {
        String[] names = {};
        for (String line : text.split("\n", -1)) {
            String[] words = line.strip().split("\\s+", -1);
            if (words[0].equals(name)) {
                return Long.parseLong(words[1]);
            }
            int at = Arrays.asList(names).indexOf(name);
            if (at >= 0) {
                return Long.parseLong(words[at]);
            }
            names = words;
        }
        throw new AssertionError(name + " is not in " + text);
    }

    @Test
    void too_long_for_the_interface_is_counted_and_the_others_go() {
        try (var namespace = new Namespace();
                var port = namespace.call(() -> RawPort.open(Family.INET, null))) {
            namespace.run("ip link set lo mtu 1500");
            byte[] fits = Datagrams.ip("127.0.0.1", "127.0.0.1", IpProtocol.ESP, Datagrams.filler(1480, 1));
            byte[] large = Datagrams.ip("127.0.0.1", "127.0.0.1", IpProtocol.ESP, Datagrams.filler(1481, 1));
            byte[] nowhere = Datagrams.ip("10.9.0.1", "10.9.0.2", IpProtocol.ESP, Datagrams.filler(1, 1));
            Batch.send(port, fits, large, fits);
            assertThat(Batch.receive(port, 2)).containsExactly(fits, fits);
            assertThat(port.refused()).isEqualTo(1);
            assertThat(port.lastErrno()).isEqualTo(Errno.EMSGSIZE.number());
            Batch.send(port, nowhere, fits);
            assertThat(Batch.receive(port, 1)).containsExactly(fits);
            assertThat(port.lastErrno()).isEqualTo(Errno.ENETUNREACH.number());
        }
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void unknown_interface_is_named(Family family) {
        try (var namespace = new Namespace()) {
            assertThatThrownBy(() -> namespace.call(() -> RawPort.open(family, "nosuch7")))
                    .isInstanceOf(KernelTrouble.class)
                    .hasMessageContaining("nosuch7: there is no such interface");
        }
    }

    @Test
    void closed_port_has_ended() {
        try (var namespace = new Namespace()) {
            var port = namespace.call(() -> RawPort.open(Family.INET, null));
            port.close();
            port.close();
            assertThat(port.receive(Batch.ofSize(1))).isEqualTo(-1);
            Batch.send(port, Datagrams.ip("127.0.0.1", "127.0.0.1", 50));
        }
    }
}
