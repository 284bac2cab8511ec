package org.spigrp.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.spigrp.wire.Prefix;

class NetlinkTest {
    /** Writes down what it is told. */
    private static final class Notes implements NetlinkListener {
        final List<Object> added = new ArrayList<>();
        final List<Object> removed = new ArrayList<>();
        int resyncs;

        @Override
        public void link(Link link) {
            added.add(link);
        }

        @Override
        public void linkRemoved(Link link) {
            removed.add(link);
        }

        @Override
        public void addressAdded(LocalAddress address) {
            added.add(address);
        }

        @Override
        public void addressRemoved(LocalAddress address) {
            removed.add(address);
        }

        @Override
        public void routeAdded(KernelRoute route) {
            added.add(route);
        }

        @Override
        public void routeRemoved(KernelRoute route) {
            removed.add(route);
        }

        @Override
        public void resync() {
            resyncs++;
        }
    }

    private static Prefix prefix(String address, int bits) {
        return new Prefix(Datagrams.address(address), bits);
    }

    private static KernelRoute unicast(Prefix to, int index, long metric, int protocol) {
        return new KernelRoute(to, index, KernelRoute.MAIN_TABLE, metric, KernelRoute.UNICAST, protocol, null);
    }

    @Test
    void monitor_tells_of_links_addresses_and_routes() {
        try (var namespace = new Namespace();
                var monitor = namespace.call(NetlinkMonitor::new);
                var poller = new Poller()) {
            poller.add(monitor.descriptor());
            assertThat(poller.await(0)).isFalse();
            namespace.run("ip link add d7 mtu 1400 type veth peer name p7");
            assertThat(poller.await(-1)).isTrue();
            int index = namespace.call(() -> Links.index("d7"));
            namespace.run("ip link set p7 up");
            namespace.run("ip link set d7 up");
            namespace.run("ip addr add 10.9.0.1/24 dev d7");
            namespace.run("ip addr add fd09::1/64 dev d7 nodad");
            namespace.run("ip route add 10.8.0.0/16 dev d7 metric 77");
            namespace.run("ip -6 route add fd08::/32 dev d7 metric 78");
            var notes = new Notes();
            monitor.drain(notes);
            assertThat(notes.added)
                    .contains(new Link(index, "d7", false, false, 1400))
                    .anyMatch(seen -> seen instanceof Link link && link.index() == index && link.up() && link.running())
                    .contains(new LocalAddress(index, Datagrams.address("10.9.0.1")))
                    .contains(new LocalAddress(index, Datagrams.address("fd09::1")))
                    .contains(new KernelRoute(
                            prefix("10.9.0.0", 24),
                            index,
                            KernelRoute.MAIN_TABLE,
                            0,
                            KernelRoute.UNICAST,
                            2,
                            Datagrams.address("10.9.0.1")))
                    .contains(unicast(prefix("10.8.0.0", 16), index, 77, 3))
                    .contains(unicast(prefix("fd08::", 32), index, 78, 3));
            assertThat(notes.removed).isEmpty();
            assertThat(namespace.call(Addresses::local))
                    .contains(new LocalAddress(index, Datagrams.address("10.9.0.1")))
                    .contains(new LocalAddress(index, Datagrams.address("fd09::1")))
                    .contains(new LocalAddress(1, Datagrams.address("127.0.0.1")));
            assertThat(namespace.call(() -> Routes.of(index)))
                    .contains(unicast(prefix("10.8.0.0", 16), index, 77, 3))
                    .contains(unicast(prefix("fd08::", 32), index, 78, 3))
                    .allMatch(route -> route.interfaceIndex() == index);

            namespace.run("ip route del 10.8.0.0/16 dev d7");
            namespace.run("ip addr del fd09::1/64 dev d7");
            namespace.run("ip link del d7");
            monitor.drain(notes);
            assertThat(notes.removed)
                    .contains(unicast(prefix("10.8.0.0", 16), index, 77, 3))
                    .contains(new LocalAddress(index, Datagrams.address("fd09::1")))
                    .contains(new LocalAddress(index, Datagrams.address("10.9.0.1")))
                    .anyMatch(seen -> seen instanceof Link link && link.name().equals("d7"));
            assertThat(notes.resyncs).isZero();
            assertThat(poller.await(0)).as("all is read").isFalse();
        }
    }

    @Test
    void links_are_listed() {
        try (var namespace = new Namespace()) {
            namespace.run("ip link add d7 type veth peer name p7");
            List<Link> links = namespace.call(Links::all);
            assertThat(links).contains(new Link(1, "lo", true, true, 65536));
            assertThat(links).anyMatch(link -> link.name().equals("d7") && !link.up());
        }
    }

    /** What leaves a bridge is still there. */
    @Test
    void port_that_leaves_a_bridge_is_not_a_link_removed() {
        try (var namespace = new Namespace();
                var monitor = namespace.call(NetlinkMonitor::new)) {
            namespace.run("ip link add d7 type veth peer name p7");
            namespace.run("ip link add br7 type bridge");
            namespace.run("ip link set d7 master br7");
            namespace.run("ip link set d7 nomaster");
            var notes = new Notes();
            monitor.drain(notes);
            assertThat(notes.added)
                    .anyMatch(seen -> seen instanceof Link link && link.name().equals("br7"));
            assertThat(notes.removed).noneMatch(Link.class::isInstance);
        }
    }

    @ParameterizedTest
    @CsvSource({"10.7.0.0, 16, 10.7.1.1", "fd07::, 32, fd07::1", "0.0.0.0, 0, 192.0.2.1", "::, 0, 2001:db8::1"})
    void unreachable_routes_are_made_listed_and_removed(String base, int bits, String inside) {
        try (var namespace = new Namespace()) {
            Prefix to = prefix(base, bits);
            long metric = 4_000_000_000L;
            for (int i = 0; i < 2; i++) {
                namespace.call(() -> {
                    Routes.addUnreachable(to, metric);
                    return 0;
                });
            }
            assertThat(namespace.call(Routes::unreachable)).singleElement().satisfies(route -> {
                assertThat(route.destination()).isEqualTo(to);
                assertThat(route.metric()).isEqualTo(metric);
                assertThat(route.table()).isEqualTo(KernelRoute.MAIN_TABLE);
            });
            assertThatThrownBy(() -> namespace.run("ip route get " + inside)).hasMessageContaining("No route to host");
            assertThat(namespace.call(() -> Routes.removeUnreachable(to, metric - 1)))
                    .isFalse();
            assertThat(namespace.call(() -> Routes.removeUnreachable(to, metric)))
                    .isTrue();
            assertThat(namespace.call(Routes::unreachable)).isEmpty();
            assertThat(namespace.call(() -> Routes.removeUnreachable(to, metric)))
                    .isFalse();
        }
    }

    @Test
    void route_of_another_is_neither_replaced_nor_removed() {
        try (var namespace = new Namespace()) {
            namespace.run("ip route add unreachable 10.7.0.0/16 metric 50");
            assertThatThrownBy(() -> namespace.call(() -> {
                        Routes.addUnreachable(prefix("10.7.0.0", 16), 50);
                        return 0;
                    }))
                    .isInstanceOf(KernelTrouble.class)
                    .hasMessageContaining("10.7.0.0/16 with metric 50: another route");
            assertThat(namespace.call(() -> Routes.removeUnreachable(prefix("10.7.0.0", 16), 50)))
                    .isFalse();
            assertThat(namespace.run("ip route show type unreachable")).contains("10.7.0.0/16 metric 50");
        }
    }

    @Test
    void every_next_hop_is_a_route() {
        try (var namespace = new Namespace()) {
            namespace.run("ip link add d7 type veth peer name p7");
            namespace.run("ip link add d8 type veth peer name p8");
            namespace.run("ip link set p7 up");
            namespace.run("ip link set d7 up");
            namespace.run("ip link set p8 up");
            namespace.run("ip link set d8 up");
            namespace.run("ip route add 10.8.0.0/16 metric 9 nexthop dev d7 nexthop dev d8");
            int first = namespace.call(() -> Links.index("d7"));
            int second = namespace.call(() -> Links.index("d8"));
            assertThat(namespace.call(Routes::all))
                    .contains(unicast(prefix("10.8.0.0", 16), first, 9, 3))
                    .contains(unicast(prefix("10.8.0.0", 16), second, 9, 3));
        }
    }

    /** So many routes at once that the socket cannot hold them all. */
    @Test
    void what_was_missed_is_said() {
        try (var namespace = new Namespace();
                var monitor = namespace.call(NetlinkMonitor::new)) {
            namespace.run("ip link add d7 type veth peer name p7");
            namespace.run("ip link set p7 up");
            namespace.run("ip link set d7 up");
            namespace.call(() -> {
                var script = new StringBuilder();
                for (int i = 0; i < 60_000; i++) {
                    script.append("route add 10.%d.%d.%d/32 dev d7\n".formatted(i >>> 16, i >>> 8 & 255, i & 255));
                }
                var process = new ProcessBuilder("ip", "-batch", "-")
                        .redirectErrorStream(true)
                        .start();
                try (var in = process.outputWriter()) {
                    in.append(script);
                }
                assertThat(process.waitFor()).isZero();
                return 0;
            });
            var notes = new Notes();
            monitor.drain(notes);
            assertThat(notes.resyncs).isPositive();
            int index = namespace.call(() -> Links.index("d7"));
            assertThat(namespace.call(() -> Routes.of(index)).size()).isGreaterThanOrEqualTo(60_000);
        }
    }
}
