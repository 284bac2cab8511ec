package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.spigrp.sa.Transform;
import org.spigrp.sa.Transform.DfPolicy;
import org.spigrp.sa.Transform.EcnPolicy;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Ipv6Header;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

class TunnelLayerTest {
    private final Random random = new Random(7);

    private static LayerBed bed(DfPolicy df, EcnPolicy ecn) {
        return new LayerBed().add(new Transform.Tunnel(df, ecn));
    }

    private Packet v4(int trafficClass, boolean dontFragment) {
        var packet = Packet.of(TestPackets.udp(LayerBed.WEST, LayerBed.EAST, 30, random));
        Ipv4Header.trafficClass(packet, 0, trafficClass);
        Ipv4Header.dontFragment(packet, 0, dontFragment);
        Ipv4Header.updateChecksum(packet, 0);
        return packet;
    }

    private Packet v6() {
        return Packet.of(TestPackets.udp(LayerBed.WEST6, LayerBed.EAST6, 30, random));
    }

    @Test
    void df_is_copied_set_or_cleared() {
        for (DfPolicy df : DfPolicy.values()) {
            for (boolean inner : new boolean[] {true, false}) {
                Packet packet = v4(0, inner);
                bed(df, EcnPolicy.RFC6040).protect(packet);
                boolean expected = switch (df) {
                    case COPY -> inner;
                    case SET -> true;
                    case CLEAR -> false;
                };
                assertThat(Ipv4Header.dontFragment(packet, 0))
                        .as("%s of %s", df, inner)
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void an_ipv6_packet_counts_as_df() {
        Packet packet = v6();
        bed(DfPolicy.COPY, EcnPolicy.RFC6040).protect(packet);
        assertThat(Ipv4Header.dontFragment(packet, 0)).isTrue();
        assertThat(Ipv4Header.protocol(packet, 0)).isEqualTo(IpProtocol.IPV6);
    }

    @Test
    void the_outer_header_has_its_own_ttl_and_ids_that_are_never_zero() {
        LayerBed bed = bed(DfPolicy.CLEAR, EcnPolicy.RFC6040);
        Set<Integer> ids = new HashSet<>();
        for (int i = 0; i < 65_535; i++) {
            ids.add(bed.worker.ids.next(bed.state(0).said()));
        }
        assertThat(ids).hasSize(65_535).doesNotContain(0);
        Packet packet = v4(0xb8, true);
        bed.protect(packet);
        assertThat(Ipv4Header.ttl(packet, 0)).isEqualTo(64);
        assertThat(Ipv4Header.trafficClass(packet, 0)).isEqualTo(0xb8);
        assertThat(Ipv4Header.checksumIsGood(packet, 0)).isTrue();
        assertThat(LayerBed.WEST.isAt(packet, 12)).isTrue();
        assertThat(LayerBed.EAST.isAt(packet, 16)).isTrue();
    }

    @Test
    void between_ipv6_headers_the_flow_label_is_copied() {
        var bed = new LayerBed()
                .add(new Transform.Tunnel(DfPolicy.COPY, EcnPolicy.LINUX), LayerBed.WEST6, LayerBed.EAST6);
        Packet packet = v6();
        int label = Ipv6Header.flowLabel(packet, 0);
        bed.protect(packet);
        assertThat(Ipv6Header.flowLabel(packet, 0)).isEqualTo(label);
        assertThat(Ipv6Header.hopLimit(packet, 0)).isEqualTo(64);
        packet = v4(0, true);
        bed.protect(packet);
        assertThat(Ipv6Header.flowLabel(packet, 0)).isZero();
    }

    @Test
    void ecn_goes_outward_as_the_policy_says() {
        int[][] expected = {
            {0, 1, 2, 3}, // RFC 6040
            {0, 1, 2, 2}, // Linux
            {0, 0, 0, 0}
        };
        EcnPolicy[] policies = {EcnPolicy.RFC6040, EcnPolicy.LINUX, EcnPolicy.NONE};
        for (int policy = 0; policy < 3; policy++) {
            for (int inner = 0; inner < 4; inner++) {
                Packet packet = v4(0x28 | inner, true);
                bed(DfPolicy.COPY, policies[policy]).protect(packet);
                assertThat(Ipv4Header.trafficClass(packet, 0))
                        .as("%s of %d", policies[policy], inner)
                        .isEqualTo(0x28 | expected[policy][inner]);
            }
        }
    }

    @Test
    void ecn_comes_inward_by_the_table_of_rfc_6040() {
        int drop = -1;
        int[][] table = {
            // outer: Not-ECT, ECT(1), ECT(0), CE
            {0, 0, 0, drop}, // inner Not-ECT
            {1, 1, 1, 3}, // ECT(1)
            {2, 1, 2, 3}, // ECT(0)
            {3, 3, 3, 3}
        };
        check(EcnPolicy.RFC6040, table);
    }

    @Test
    void ecn_comes_inward_as_in_linux_or_not_at_all() {
        check(EcnPolicy.LINUX, new int[][] {{0, 0, 0, 0}, {1, 1, 1, 3}, {2, 2, 2, 3}, {3, 3, 3, 3}});
        check(EcnPolicy.NONE, new int[][] {{0, 0, 0, 0}, {1, 1, 1, 1}, {2, 2, 2, 2}, {3, 3, 3, 3}});
    }

    private void check(EcnPolicy policy, int[][] table) {
        for (int inner = 0; inner < 4; inner++) {
            for (int outer = 0; outer < 4; outer++) {
                for (boolean innerIsV4 : new boolean[] {true, false}) {
                    LayerBed bed = bed(DfPolicy.COPY, policy);
                    Packet packet = innerIsV4 ? v4(0, true) : v6();
                    setClass(packet, 0x28 | inner);
                    bed.protect(packet);
                    setClass(packet, 0x28 | outer);
                    Verdict verdict = bed.peel(packet);
                    String what = policy + " inner " + inner + " outer " + outer;
                    if (table[inner][outer] < 0) {
                        assertThat(verdict).as(what).isEqualTo(Verdict.ECN_DROP);
                        continue;
                    }
                    assertThat(verdict).as(what).isEqualTo(Verdict.NONE);
                    int result = innerIsV4 ? Ipv4Header.trafficClass(packet, 0) : Ipv6Header.trafficClass(packet, 0);
                    assertThat(result).as(what).isEqualTo(0x28 | table[inner][outer]);
                    assertThat(!innerIsV4 || Ipv4Header.checksumIsGood(packet, 0))
                            .as(what)
                            .isTrue();
                }
            }
        }
    }

    private static void setClass(Packet packet, int trafficClass) {
        if (packet.u8(0) >>> 4 == 4) {
            Ipv4Header.trafficClass(packet, 0, trafficClass);
            Ipv4Header.updateChecksum(packet, 0);
        } else {
            Ipv6Header.trafficClass(packet, 0, trafficClass);
        }
    }

    @Test
    void what_is_no_ip_packet_inside_is_refused() {
        LayerBed bed = bed(DfPolicy.COPY, EcnPolicy.RFC6040);
        assertThat(bed.peel(v4(0, true))).isEqualTo(Verdict.NOT_A_TUNNEL_PACKET);
        Packet packet = v4(0, true);
        bed.protect(packet);
        packet.putU8(20, 0x65);
        assertThat(bed.peel(packet)).isEqualTo(Verdict.NOT_IP);
    }

    @Test
    void octets_behind_the_packet_are_cut_off() {
        LayerBed bed = bed(DfPolicy.COPY, EcnPolicy.RFC6040);
        Packet packet = v4(0, true);
        byte[] clear = packet.toBytes();
        packet.append(14); // as Ethernet pads short packets
        bed.protect(packet);
        packet.append(3);
        assertThat(bed.peel(packet)).isEqualTo(Verdict.NONE);
        assertThat(packet.toBytes()).isEqualTo(clear);
    }
}
