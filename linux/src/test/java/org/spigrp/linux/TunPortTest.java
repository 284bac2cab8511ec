package org.spigrp.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.wire.Checksum;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpHeader;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Ipv6Header;
import org.spigrp.wire.Packet;

class TunPortTest {
    @ParameterizedTest
    @CsvSource({"10.9.0.1/24, 10.9.0.2", "fd09::1/64, fd09::2"})
    void answers_a_datagram_of_the_host(String address, String far) throws IOException {
        try (var namespace = new Namespace();
                var tun = namespace.call(() -> TunPort.open("tun7", false));
                var socket = namespace.call(DatagramChannel::open)) {
            up(namespace, "tun7", address);
            byte[] asked = Datagrams.filler(700, 1);
            namespace.call(() -> socket.send(ByteBuffer.wrap(asked), new InetSocketAddress(far, 5000)));
            answer(tun);
            var answer = ByteBuffer.allocate(1000);
            socket.socket().setSoTimeout(10_000);
            var from = (InetSocketAddress) socket.receive(answer);
            assertThat(from.getPort()).isEqualTo(5000);
            assertThat(Arrays.copyOf(answer.array(), answer.position())).isEqualTo(asked);
            assertThat(tun.refused()).isZero();
        }
    }

    @Test
    void answers_ping() throws Exception {
        try (var namespace = new Namespace();
                var tun = namespace.call(() -> TunPort.open("tun7", false))) {
            up(namespace, "tun7", "10.9.0.1/24");
            Process ping = namespace.begin("ping -c 1 -W 10 -s 1300 10.9.0.2");
            answer(tun);
            assertThat(ping.waitFor()).isZero();
        }
    }

    /** Waits for one UDP datagram or echo request, checks its checksum and sends it back. */
    private static void answer(TunPort tun) {
        Packet[] batch = Batch.ofSize(4);
        try (var poller = new Poller()) {
            poller.add(tun);
            while (poller.await(Batch.LONG_NANOS)) {
                int count = tun.receive(batch);
                for (int i = 0; i < count; i++) {
                    if (turn(batch[i])) {
                        tun.send(new Packet[] {batch[i]}, 1);
                        return;
                    }
                }
            }
        }
        throw new AssertionError("no datagram came out of the TUN");
    }

    /** Exchanges addresses and ports, or makes an echo reply; false for what the kernel says by itself (MLD). */
    private static boolean turn(Packet packet) {
        Family family = packet.u8(0) >>> 4 == 4 ? Family.INET : Family.INET6;
        int at = family.headerOctets();
        int protocol = packet.u8(family == Family.INET ? Ipv4Header.PROTOCOL : Ipv6Header.NEXT_HEADER);
        int source = IpHeader.sourceAt(family, 0);
        int destination = IpHeader.destinationAt(family, 0);
        byte[] from = new byte[family.octets()];
        if (protocol == IpProtocol.ICMP) {
            assertThat(packet.u8(at)).isEqualTo(8);
            packet.putU8(at, 0);
            packet.putU16(at + 2, 0);
            packet.putU16(at + 2, Checksum.of(packet, at, packet.length() - at));
        } else if (protocol == IpProtocol.UDP) {
            int sum = Checksum.ofUpper(packet, family, source, destination, protocol, at, packet.length() - at);
            assertThat(sum).as("checksum, which the kernel had left to us").isZero();
            int port = packet.u16(at);
            packet.putU16(at, packet.u16(at + 2));
            packet.putU16(at + 2, port);
        } else {
            return false;
        }
        packet.get(source, from, 0, from.length);
        packet.put(source, packet.array(), packet.start() + destination, from.length);
        packet.put(destination, from, 0, from.length);
        return true;
    }

    /*
     *   client -- tunC | namespace C      the test copies      namespace S | tunS -- server
     */
    @ParameterizedTest
    @CsvSource({"10.9.0.1/24, 10.9.0.2/24, 10.9.0.2", "fd09::1/64, fd09::2/64, fd09::2"})
    void cuts_and_joins_large_segments_and_no_octet_is_lost(String client, String server, String serverAddress)
            throws Exception {
        byte[] sent = Datagrams.filler(24 << 20, 5);
        try (var clients = new Namespace();
                var servers = new Namespace();
                var tunC = clients.call(() -> TunPort.open("tunC", false));
                var tunS = servers.call(() -> TunPort.open("tunS", false))) {
            up(clients, "tunC", client);
            up(servers, "tunS", server);
            var copier = new Copier(tunC, tunS);
            try (copier;
                    var listening =
                            servers.call(() -> ServerSocketChannel.open().bind(new InetSocketAddress(6000)));
                    var connection = clients.call(SocketChannel::open)) {
                var received = CompletableFuture.supplyAsync(() -> readAll(listening));
                connection.connect(new InetSocketAddress(serverAddress, 6000));
                var all = ByteBuffer.wrap(sent);
                while (all.hasRemaining()) {
                    connection.write(all);
                }
                connection.shutdownOutput();
                assertThat(received.get()).isEqualTo(sent);
            }
            assertThat(tunC.largeReads()).as("super-packets that came").isPositive();
            assertThat(tunS.largeWrites()).as("super-packets that were written").isPositive();
            assertThat(copier.longest)
                    .as("longest packet behind the cut, MTU 1500")
                    .isEqualTo(1500);
            assertThat(tunC.refused() + tunS.refused()).isZero();
        }
    }

    private static byte[] readAll(ServerSocketChannel listening) {
        try (SocketChannel connection = listening.accept()) {
            return connection.socket().getInputStream().readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A thread that carries packets both ways between two ports until it is closed. */
    private static final class Copier implements AutoCloseable {
        private final Poller poller = new Poller();
        private final TunPort a;
        private final TunPort b;
        private final Thread thread = Thread.ofPlatform().unstarted(this::run);
        private volatile boolean ended;
        private volatile int longest;

        Copier(TunPort a, TunPort b) {
            this.a = a;
            this.b = b;
            poller.add(a);
            poller.add(b);
            thread.start();
        }

        private void run() {
            Packet[] batch = Batch.ofSize(64);
            while (!ended) {
                poller.await(-1);
                carry(batch, a, b);
                carry(batch, b, a);
            }
        }

        private void carry(Packet[] batch, TunPort from, TunPort to) {
            int count;
            while ((count = from.receive(batch)) > 0) {
                for (int i = 0; i < count; i++) {
                    longest = Math.max(longest, batch[i].length());
                }
                to.send(batch, count);
            }
        }

        @Override
        public void close() {
            ended = true;
            poller.wake();
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            poller.close();
        }
    }

    @Test
    void persistent_device_stays_with_its_address_and_is_opened_again() {
        try (var namespace = new Namespace()) {
            namespace.call(() -> TunPort.open("tun7", true)).close();
            up(namespace, "tun7", "10.9.0.1/24");
            int index = namespace.call(() -> Links.index("tun7"));
            assertThat(index).isPositive();
            assertThat(namespace.call(() -> Links.isRunning("tun7")))
                    .as("while nobody has it open")
                    .isFalse();
            try (var tun = namespace.call(() -> TunPort.open("tun7", true))) {
                assertThat(namespace.call(() -> Links.index(tun.name()))).isEqualTo(index);
                assertThat(namespace.run("ip addr show dev tun7")).contains("10.9.0.1/24");
                assertThat(namespace.call(() -> Links.isRunning("tun7"))).isTrue();
            }
            assertThat(namespace.call(() -> TunPort.remove("tun7"))).isTrue();
            assertThat(namespace.call(() -> Links.index("tun7"))).isZero();
            assertThat(namespace.call(() -> TunPort.remove("tun7"))).isFalse();
        }
    }

    @Test
    void device_that_the_administrator_made_is_taken() {
        try (var namespace = new Namespace()) {
            namespace.run("ip tuntap add dev tun7 mode tun");
            try (var tun = namespace.call(() -> TunPort.open("tun7", true))) {
                namespace.run("ip link set " + tun.name() + " up");
                assertThat(namespace.call(() -> Links.isRunning("tun7"))).isTrue();
            }
            assertThat(namespace.call(() -> Links.index("tun7"))).isPositive();
        }
    }

    @Test
    void other_device_goes_when_it_is_closed() {
        try (var namespace = new Namespace()) {
            var tun = namespace.call(() -> TunPort.open("tun7", false));
            assertThat(namespace.call(() -> Links.hardwareType("tun7"))).isEqualTo(Links.NO_HEADER);
            tun.close();
            tun.close();
            assertThat(namespace.call(() -> Links.index("tun7"))).isZero();
            assertThat(tun.receive(Batch.ofSize(1))).isEqualTo(-1);
            tun.send(Batch.ofSize(1), 1);
        }
    }

    @Test
    void port_ends_when_the_device_is_deleted() {
        try (var namespace = new Namespace();
                var tun = namespace.call(() -> TunPort.open("tun7", true));
                var poller = new Poller()) {
            poller.add(tun);
            assertThat(poller.await(0)).isFalse();
            namespace.run("ip link del tun7");
            assertThat(poller.await(-1)).isTrue();
            assertThat(tun.receive(Batch.ofSize(1))).isEqualTo(-1);
        }
    }

    @Test
    void name_that_is_held_is_refused_naming_the_holder() {
        try (var namespace = new Namespace();
                var tun = namespace.call(() -> TunPort.open("tun7", false))) {
            assertThatThrownBy(() -> namespace.call(() -> TunPort.open(tun.name(), false)))
                    .isInstanceOfSatisfying(
                            KernelTrouble.class,
                            trouble -> assertThat(trouble.errno()).isEqualTo(Errno.EBUSY.number()))
                    .hasMessageContaining("'tun7'")
                    .hasMessageContaining("(process " + ProcessHandle.current().pid() + ")");
        }
    }

    @Test
    void name_of_another_kind_of_interface_is_refused() {
        try (var namespace = new Namespace()) {
            namespace.run("ip link add br7 type bridge");
            assertThatThrownBy(() -> namespace.call(() -> TunPort.open("br7", true)))
                    .isInstanceOf(KernelTrouble.class)
                    .hasMessageContaining("no TUN device");
            assertThatThrownBy(() -> namespace.call(() -> TunPort.remove("br7")))
                    .isInstanceOf(KernelTrouble.class);
            assertThat(namespace.call(() -> Links.index("br7"))).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0123456789abcdef", "a/b", "a b", "tun%d", "..", "a:b", "\u00fc234567890123456"})
    void names_that_linux_does_not_take_are_refused(String name) {
        assertThatThrownBy(() -> TunPort.open(name, false))
                .isInstanceOf(KernelTrouble.class)
                .hasMessageContaining("cannot be the name of an interface");
    }

    @Test
    void refused_packets_are_counted() {
        try (var namespace = new Namespace();
                var tun = namespace.call(() -> TunPort.open("tun7", false))) {
            byte[] packet = Datagrams.udp("10.9.0.2", 1, "10.9.0.1", 2);
            Batch.send(tun, packet); // the device is down
            assertThat(tun.refused()).isEqualTo(1);
            assertThat(tun.lastErrno()).isEqualTo(Errno.EIO.number());
            namespace.call(() -> {
                Links.setUp("tun7", true);
                return 0;
            });
            Batch.send(tun, packet, new byte[] {0x15, 0, 0}, packet);
            assertThat(tun.refused()).isEqualTo(2);
            assertThat(tun.lastErrno()).isEqualTo(Errno.EINVAL.number());
        }
    }

    @Test
    void mtu_is_told_and_set() {
        try (var namespace = new Namespace();
                var tun = namespace.call(() -> TunPort.open("tun7", false))) {
            assertThat(namespace.call(() -> Links.mtu(tun.name()))).isEqualTo(1500);
            namespace.call(() -> {
                Links.setMtu("tun7", 1280);
                return 0;
            });
            assertThat(namespace.run("ip link show dev tun7")).contains("mtu 1280");
            assertThat(namespace.call(() -> Links.name(Links.index("tun7")))).isEqualTo("tun7");
            assertThatThrownBy(() -> namespace.call(() -> Links.mtu("nosuch7")))
                    .isInstanceOf(KernelTrouble.class)
                    .hasMessageContaining("there is no such interface");
        }
    }

    private static void up(Namespace namespace, String device, String address) {
        boolean v6 = address.indexOf(':') >= 0;
        namespace.run("ip addr add " + address + " dev " + device + (v6 ? " nodad" : ""));
        namespace.run("ip link set " + device + " up");
    }
}
