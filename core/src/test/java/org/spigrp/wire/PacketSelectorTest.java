package org.spigrp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class PacketSelectorTest {
    private static final int[] CHAIN = {0, 43, 44, 51, 60, 135, 139, 140, 6, 17, 58, 59, 50, 108, 132};

    private final PacketSelector selector = new PacketSelector();

    private static Octets v6(int next, String payload) {
        byte[] behind = HexFormat.of().parseHex(payload.replace(" ", ""));
        Octets packet = new Octets(new byte[40 + behind.length]);
        Ipv6Header.init(packet, 0, behind.length);
        Ipv6Header.nextHeader(packet, 0, next);
        packet.put(40, behind, 0, behind.length);
        return packet;
    }

    private static Octets v4(int protocol, int fragment, String payload) {
        byte[] behind = HexFormat.of().parseHex(payload.replace(" ", ""));
        Octets packet = new Octets(new byte[20 + behind.length]);
        Ipv4Header.init(packet, 0, 20 + behind.length);
        Ipv4Header.protocol(packet, 0, protocol);
        packet.putU16(Ipv4Header.FRAGMENT, fragment);
        packet.put(20, behind, 0, behind.length);
        return packet;
    }

    @Test
    void ports_of_tcp_and_type_and_code_of_icmp() {
        assertThat(selector.parse(v4(6, 0, "1389 03e1 00000000"))).isEqualTo(Verdict.NONE);
        assertThat(selector.sourcePort()).isEqualTo(5001);
        assertThat(selector.destinationPort()).isEqualTo(993);
        assertThat(selector.parse(v4(1, 0, "0304"))).isEqualTo(Verdict.NONE);
        assertThat(selector.sourcePort()).isEqualTo(3);
        assertThat(selector.destinationPort()).isEqualTo(4);
        assertThat(selector.parse(v6(58, "8000"))).isEqualTo(Verdict.NONE);
        assertThat(selector.sourcePort()).isEqualTo(128);
    }

    @Test
    void the_icmp_of_the_other_family_is_opaque() {
        selector.parse(v4(58, 0, "8000 0000"));
        assertThat(selector.sourcePort()).isEqualTo(PacketSelector.OPAQUE);
        selector.parse(v6(1, "8000 0000"));
        assertThat(selector.sourcePort()).isEqualTo(PacketSelector.OPAQUE);
    }

    @Test
    void nothing_is_seen_behind_esp_ah_and_ipcomp() {
        for (int protocol : new int[] {50, 51, 108}) {
            assertThat(selector.parse(v4(protocol, 0, "0601 0000 00000100 00000001 1389 03e1")))
                    .isEqualTo(Verdict.NONE);
            assertThat(selector.protocol()).isEqualTo(protocol);
            assertThat(selector.sourcePort()).isEqualTo(PacketSelector.OPAQUE);
            assertThat(selector.portsCutOff()).isFalse();
            assertThat(selector.parse(v6(protocol, "0601 0000 00000100 00000001 1389 03e1")))
                    .isEqualTo(Verdict.NONE);
            assertThat(selector.protocol()).isEqualTo(protocol);
            assertThat(selector.sourcePort()).isEqualTo(PacketSelector.OPAQUE);
        }
    }

    @Test
    void the_first_fragment_has_ports_and_later_ones_have_none() {
        selector.parse(v4(17, 0x2000, "0035 0036 0010 0000"));
        assertThat(selector.isFragment()).isTrue();
        assertThat(selector.isLaterFragment()).isFalse();
        assertThat(selector.sourcePort()).isEqualTo(53);
        selector.parse(v4(17, 0x0001, "0035 0036 0010 0000"));
        assertThat(selector.isLaterFragment()).isTrue();
        assertThat(selector.sourcePort()).isEqualTo(PacketSelector.OPAQUE);
        assertThat(selector.portsCutOff()).isFalse();
        selector.parse(v6(44, "11 00 0001 12345678 0035 0036 0010 0000"));
        assertThat(selector.isFragment()).isTrue();
        assertThat(selector.sourcePort()).isEqualTo(53);
        assertThat(selector.chain().fragmentIdentification(v6(44, "11 00 0001 12345678")))
                .isEqualTo(0x12345678);
        selector.parse(v6(44, "11 00 0008 12345678 0035 0036 0010 0000"));
        assertThat(selector.isLaterFragment()).isTrue();
        assertThat(selector.protocol()).isEqualTo(17);
        assertThat(selector.sourcePort()).isEqualTo(PacketSelector.OPAQUE);
    }

    @Test
    void a_first_fragment_too_short_for_its_ports_says_so() {
        selector.parse(v4(6, 0x2000, "138903"));
        assertThat(selector.portsCutOff()).isTrue();
        assertThat(selector.sourcePort()).isEqualTo(PacketSelector.OPAQUE);
    }

    @Test
    void octets_behind_the_length_field_do_not_count() {
        Octets padded = v4(17, 0, "0035 0036");
        Ipv4Header.totalLength(padded, 0, 22);
        selector.parse(padded);
        assertThat(selector.end()).isEqualTo(22);
        assertThat(selector.portsCutOff()).isTrue();
    }

    @Test
    void extension_headers_are_passed_and_transport_mode_goes_behind_those_for_hops() {
        // hop-by-hop, destination options for hops, routing, destination options for the end, UDP
        Octets packet = v6(
                0,
                "3c00 0000 00000000  2b01 0000 00000000 00000000 00000000"
                        + "3c00 0000 00000000  1100 0000 00000000  0035 0036 0008 0000");
        assertThat(selector.parse(packet)).isEqualTo(Verdict.NONE);
        ExtensionHeaders chain = selector.chain();
        assertThat(chain.count()).isEqualTo(4);
        assertThat(chain.transportAt()).isEqualTo(40 + 8 + 16 + 8);
        assertThat(packet.u8(chain.transportPointerAt())).isEqualTo(IpProtocol.DESTINATION_OPTIONS);
        assertThat(chain.transportPointerAt()).isEqualTo(40 + 8 + 16);
        assertThat(selector.upperAt()).isEqualTo(80);
        assertThat(selector.protocol()).isEqualTo(IpProtocol.UDP);
        assertThat(selector.destinationPort()).isEqualTo(54);
    }

    @Test
    void chains_end_at_their_limit() {
        String options = "3c00 0000 00000000";
        String last = "1100 0000 00000000 0035 0036 0008 0000";
        assertThat(selector.parse(v6(60, options.repeat(15) + last))).isEqualTo(Verdict.NONE);
        assertThat(selector.parse(v6(60, options.repeat(16) + last))).isEqualTo(Verdict.BAD_HEADER_CHAIN);
    }

    @Test
    void broken_chains_are_told() {
        assertThat(selector.parse(v6(60, "1101 0000 00000000"))).isEqualTo(Verdict.BAD_HEADER_CHAIN);
        assertThat(selector.parse(v6(60, "1100 0000 000000"))).isEqualTo(Verdict.BAD_HEADER_CHAIN);
        assertThat(selector.parse(v6(60, "0000 0000 00000000 1100 0000 00000000")))
                .as("hop-by-hop in second place")
                .isEqualTo(Verdict.BAD_HEADER_CHAIN);
        assertThat(selector.parse(v6(44, "2c00 0001 00000000 1100 0001 00000000")))
                .as("two fragment headers")
                .isEqualTo(Verdict.BAD_HEADER_CHAIN);
    }

    @Test
    void a_mobility_message_is_the_upper_layer_itself() {
        selector.parse(v6(135, "3b00 0100 00000000"));
        assertThat(selector.protocol()).isEqualTo(IpProtocol.MOBILITY);
        assertThat(selector.upperAt()).isEqualTo(40);
        selector.parse(v6(140, "1100 8000 00000000 0035 0036 0008 0000"));
        assertThat(selector.protocol()).isEqualTo(IpProtocol.UDP);
    }

    @Test
    void any_octets_agree_with_the_slow_twin() {
        RandomGenerator random = RandomText.random();
        for (int round = 0; round < RandomText.ROUNDS; round++) {
            byte[] octets = random.nextInt(10) == 0
                    ? RandomText.octets(random, random.nextInt(100))
                    : random.nextInt(4) == 0 ? randomV4(random) : randomV6(random);
            NumberTextTest.withSeed(round, () -> PacketLaws.hold(octets));
        }
    }

    private static byte[] randomV4(RandomGenerator random) {
        byte[] octets = RandomText.octets(random, 20 + random.nextInt(40));
        octets[0] = (byte) (0x45 + random.nextInt(3));
        octets[2] = 0;
        octets[3] = (byte) (random.nextInt(8) == 0 ? random.nextInt(70) : octets.length);
        octets[6] = (byte) (random.nextInt(3) == 0 ? random.nextInt(256) : 0);
        octets[7] = (byte) (random.nextInt(3) == 0 ? random.nextInt(256) : 0);
        octets[9] = (byte) new int[] {1, 6, 17, 50, 51, 58, 108, 132, 136, 33}[random.nextInt(10)];
        return octets;
    }

    /** A chain of headers whose lengths and kinds mostly agree. */
    private static byte[] randomV6(RandomGenerator random) {
        byte[] octets = new byte[40 + random.nextInt(300)];
        octets[0] = 0x60;
        octets[4] = (byte) ((octets.length - 40) >>> 8);
        octets[5] = (byte) (octets.length - 40);
        int pointer = 6;
        int at = 40;
        while (true) {
            int protocol = CHAIN[random.nextInt(random.nextInt(4) == 0 ? CHAIN.length : 8)];
            if (protocol == 0 && at != 40 && random.nextInt(8) != 0) {
                protocol = 60;
            }
            octets[pointer] = (byte) protocol;
            if (at + 8 > octets.length) {
                return octets;
            }
            int words = random.nextInt(random.nextInt(20) == 0 ? 256 : 3);
            octets[at + 1] = (byte) words;
            octets[at + 2] = (byte) (random.nextInt(10) == 0 ? random.nextInt(256) : 0);
            octets[at + 3] = (byte) (random.nextInt(4) == 0 ? random.nextInt(256) : 0);
            pointer = at;
            at += protocol == 44 ? 8 : protocol == 51 ? 4 * words + 8 : 8 * words + 8;
        }
    }
}
