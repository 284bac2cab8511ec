package org.spigrp.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.spigrp.wire.Family;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Prefix;

/** What is refused without capabilities says which one is missing; what needs none works. */
class PrivilegesTest {
    private static void refused(Namespace namespace, Callable<?> body, String missing) {
        assertThatThrownBy(() -> namespace.call(body))
                .isInstanceOf(KernelTrouble.class)
                .hasMessageContaining("not permitted: ")
                .hasMessageContaining(missing);
    }

    @Test
    void missing_capability_is_named() {
        try (var namespace = new Namespace()) {
            var prefix = new Prefix(Datagrams.address("10.7.0.0"), 16);
            namespace.dropCapabilities();
            refused(namespace, () -> TunPort.open("tun7", true), "CAP_NET_ADMIN");
            refused(namespace, () -> RawPort.open(Family.INET, null), "CAP_NET_RAW");
            refused(namespace, () -> RawPort.open(Family.INET6, null), "CAP_NET_RAW");
            refused(namespace, () -> IcmpPort.open(Family.INET, null), "CAP_NET_RAW");
            refused(namespace, () -> UdpPort.open(Family.INET, null, 500), "CAP_NET_BIND_SERVICE");
            refused(namespace, run(() -> Links.setMtu("lo", 1500)), "CAP_NET_ADMIN");
            refused(namespace, run(() -> Links.setUp("lo", false)), "CAP_NET_ADMIN");
            refused(namespace, run(() -> Routes.addUnreachable(prefix, 7)), "CAP_NET_ADMIN");
        }
    }

    private static Callable<Boolean> run(Runnable body) {
        return () -> {
            body.run();
            return true;
        };
    }

    @Test
    void udp_needs_none_but_for_fragments() {
        try (var namespace = new Namespace()) {
            namespace.dropCapabilities();
            try (var west = namespace.call(() -> UdpPort.open(Family.INET, null, 0));
                    var east = namespace.call(() -> UdpPort.open(Family.INET, null, 4500))) {
                byte[] sent = Datagrams.udp("127.0.0.1", west.port(), "127.0.0.1", 4500, Datagrams.filler(99, 1));
                byte[] fragment = sent.clone();
                Ipv4Header.fragment(new Octets(fragment), 0, 0, true);
                Batch.send(west, fragment, sent);
                assertThat(Batch.receive(east, 1))
                        .singleElement()
                        .satisfies(got -> assertThat(got).endsWith(Datagrams.filler(99, 1)));
                assertThat(west.refused()).isEqualTo(1);
                assertThat(west.lastErrno()).isEqualTo(Errno.EPERM.number());
            }
            try (var monitor = namespace.call(NetlinkMonitor::new)) {
                assertThat(monitor.descriptor()).isPositive();
            }
            assertThat(namespace.call(Addresses::local)).isNotEmpty();
        }
    }
}
