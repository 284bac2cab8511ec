package org.spigrp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.function.IntConsumer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Headers field by field, and the checks on every length. */
class HeadersTest {
    /** Two octets in front of every header, so that a forgotten position shows. */
    private static final int AT = 2;

    private static Octets hex(String header) {
        return new Octets(HexFormat.of().parseHex("dead" + header.replace(" ", "")));
    }

    @Test
    void ipv4_fields_are_where_the_picture_says() {
        Octets packet = hex("46 b9 001c  1234 6005  40 11 0000  c0000204 cb007105  01020304  0000 0000");
        assertThat(Ipv4Header.check(packet, AT)).isEqualTo(Verdict.NONE);
        assertThat(Ipv4Header.version(packet, AT)).isEqualTo(4);
        assertThat(Ipv4Header.headerLength(packet, AT)).isEqualTo(24);
        assertThat(Ipv4Header.hasOptions(packet, AT)).isTrue();
        assertThat(Ipv4Header.payloadAt(packet, AT)).isEqualTo(AT + 24);
        assertThat(Ipv4Header.trafficClass(packet, AT)).isEqualTo(0xb9);
        assertThat(Ipv4Header.totalLength(packet, AT)).isEqualTo(28);
        assertThat(Ipv4Header.identification(packet, AT)).isEqualTo(0x1234);
        assertThat(Ipv4Header.dontFragment(packet, AT)).isTrue();
        assertThat(Ipv4Header.moreFragments(packet, AT)).isTrue();
        assertThat(Ipv4Header.fragmentOffset(packet, AT)).isEqualTo(40);
        assertThat(Ipv4Header.isFragment(packet, AT)).isTrue();
        assertThat(Ipv4Header.ttl(packet, AT)).isEqualTo(64);
        assertThat(Ipv4Header.protocol(packet, AT)).isEqualTo(17);
        assertThat(Ipv4Header.source(packet, AT)).isEqualTo(0xc0000204);
        assertThat(Ipv4Header.destination(packet, AT)).isEqualTo(0xcb007105);
        assertThat(Ipv4Header.checksumIsGood(packet, AT)).isFalse();
        Ipv4Header.updateChecksum(packet, AT);
        assertThat(Ipv4Header.checksumIsGood(packet, AT)).isTrue();
        packet.putU8(AT + Ipv4Header.OPTIONS, 2);
        assertThat(Ipv4Header.checksumIsGood(packet, AT)).isFalse();
    }

    @Test
    void ipv4_fields_are_set_without_touching_their_neighbours() {
        Octets packet = new Octets(new byte[AT + 20]);
        Ipv4Header.init(packet, AT, 20);
        Ipv4Header.trafficClass(packet, AT, 0xb9);
        Ipv4Header.identification(packet, AT, 0x1234);
        Ipv4Header.fragment(packet, AT, 40, true);
        Ipv4Header.dontFragment(packet, AT, true);
        Ipv4Header.ttl(packet, AT, 64);
        Ipv4Header.protocol(packet, AT, 50);
        IpAddress.v4(0xc0000204).write(packet, AT + Ipv4Header.SOURCE);
        IpAddress.v4(0xcb007105).write(packet, AT + Ipv4Header.DESTINATION);
        Ipv4Header.updateChecksum(packet, AT);
        assertThat(HexFormat.of().formatHex(packet.toBytes(), AT, AT + 20))
                .isEqualTo("45b90014123460054032" + checksumOf(packet) + "c0000204cb007105");
        Ipv4Header.fragment(packet, AT, 65_528, false);
        assertThat(Ipv4Header.dontFragment(packet, AT)).isTrue();
        assertThat(Ipv4Header.fragmentOffset(packet, AT)).isEqualTo(65_528);
        assertThat(Ipv4Header.moreFragments(packet, AT)).isFalse();
        Ipv4Header.dontFragment(packet, AT, false);
        assertThat(packet.u16(AT + Ipv4Header.FRAGMENT)).isEqualTo(0x1fff);
    }

    private static String checksumOf(Octets packet) {
        int sum = 0;
        for (int i = 0; i < 20; i += 2) {
            sum += i == Ipv4Header.CHECKSUM ? 0 : packet.u16(AT + i);
        }
        return HexFormat.of().toHexDigits((short) ~((sum & 0xffff) + (sum >>> 16)));
    }

    @Test
    void ipv4_checks() {
        Octets packet = hex("45000014 00000000 40010000 0a000001 0a000002");
        assertThat(Ipv4Header.check(packet, AT)).isEqualTo(Verdict.NONE);
        assertThat(Ipv4Header.check(packet, AT, 19)).isEqualTo(Verdict.TOO_SHORT);
        packet.putU8(AT, 0x65);
        assertThat(Ipv4Header.check(packet, AT)).isEqualTo(Verdict.NOT_IP);
        packet.putU8(AT, 0x44);
        assertThat(Ipv4Header.check(packet, AT)).isEqualTo(Verdict.BAD_LENGTH);
        packet.putU8(AT, 0x46);
        assertThat(Ipv4Header.check(packet, AT)).isEqualTo(Verdict.TOO_SHORT);
        packet.putU8(AT, 0x45);
        Ipv4Header.totalLength(packet, AT, 21);
        assertThat(Ipv4Header.check(packet, AT)).isEqualTo(Verdict.BAD_LENGTH);
        Ipv4Header.totalLength(packet, AT, 19);
        assertThat(Ipv4Header.check(packet, AT)).isEqualTo(Verdict.BAD_LENGTH);
    }

    @Test
    void ipv6_fields_are_where_the_picture_says() {
        Octets packet =
                hex("6b9abcde 0002 11 40 20010db8000000000000000000000004 20010db8000000000000000000000009 0102");
        assertThat(Ipv6Header.check(packet, AT)).isEqualTo(Verdict.NONE);
        assertThat(Ipv6Header.version(packet, AT)).isEqualTo(6);
        assertThat(Ipv6Header.trafficClass(packet, AT)).isEqualTo(0xb9);
        assertThat(Ipv6Header.flowLabel(packet, AT)).isEqualTo(0xabcde);
        assertThat(Ipv6Header.payloadLength(packet, AT)).isEqualTo(2);
        assertThat(Ipv6Header.packetLength(packet, AT)).isEqualTo(42);
        assertThat(Ipv6Header.nextHeader(packet, AT)).isEqualTo(17);
        assertThat(Ipv6Header.hopLimit(packet, AT)).isEqualTo(64);
        assertThat(IpAddress.read(Family.INET6, packet, AT + Ipv6Header.SOURCE)).hasToString("2001:db8::4");
        assertThat(IpAddress.read(Family.INET6, packet, AT + Ipv6Header.DESTINATION))
                .hasToString("2001:db8::9");
    }

    @Test
    void ipv6_fields_are_set_without_touching_their_neighbours() {
        Octets packet = hex("00".repeat(40));
        Ipv6Header.init(packet, AT, 0);
        assertThat(packet.u64(AT)).isEqualTo(0x6000_0000_0000_0000L);
        Ipv6Header.flowLabel(packet, AT, 0xabcde);
        Ipv6Header.trafficClass(packet, AT, 0xb9);
        Ipv6Header.nextHeader(packet, AT, 50);
        Ipv6Header.hopLimit(packet, AT, 64);
        Ipv6Header.payloadLength(packet, AT, 0x1234);
        assertThat(packet.u64(AT)).isEqualTo(0x6b9a_bcde_1234_3240L);
        Ipv6Header.flowLabel(packet, AT, 0);
        Ipv6Header.trafficClass(packet, AT, 0);
        assertThat(packet.u32(AT)).isEqualTo(0x6000_0000);
    }

    @Test
    void ipv6_checks() {
        Octets packet = hex("60000000 0000 3b 40" + "00".repeat(32));
        assertThat(Ipv6Header.check(packet, AT)).isEqualTo(Verdict.NONE);
        assertThat(Ipv6Header.check(packet, AT, 39)).isEqualTo(Verdict.TOO_SHORT);
        packet.putU16(AT + Ipv6Header.PAYLOAD_LENGTH, 1);
        assertThat(Ipv6Header.check(packet, AT)).isEqualTo(Verdict.BAD_LENGTH);
        packet.putU8(AT, 0x45);
        assertThat(Ipv6Header.check(packet, AT)).isEqualTo(Verdict.NOT_IP);
    }

    @Test
    void either_family_is_told_by_the_version() {
        assertThat(IpHeader.family(hex("45"), AT)).isEqualTo(Family.INET);
        assertThat(IpHeader.family(hex("60"), AT)).isEqualTo(Family.INET6);
        assertThat(IpHeader.family(hex("00"), AT)).isNull();
        assertThat(IpHeader.family(hex(""), AT)).isNull();
        assertThat(IpHeader.check(hex(""), AT)).isEqualTo(Verdict.TOO_SHORT);
        assertThat(IpHeader.check(hex("ff"), AT)).isEqualTo(Verdict.NOT_IP);
        assertThat(IpHeader.sourceAt(Family.INET6, AT)).isEqualTo(10);
        assertThat(IpHeader.destinationAt(Family.INET, AT)).isEqualTo(18);
    }

    @Test
    void ah_fields_and_checks() {
        Octets packet = hex("32 04 0102 00000116 0000002a 0102030405060708090a0b0c 00");
        assertThat(AhHeader.check(packet, AT)).isEqualTo(Verdict.NONE);
        assertThat(AhHeader.nextHeader(packet, AT)).isEqualTo(50);
        assertThat(AhHeader.length(packet, AT)).isEqualTo(24);
        assertThat(AhHeader.reserved(packet, AT)).isEqualTo(0x0102);
        assertThat(AhHeader.spi(packet, AT)).isEqualTo(0x116);
        assertThat(AhHeader.sequence(packet, AT)).isEqualTo(42);
        assertThat(AhHeader.check(packet, AT, 23)).isEqualTo(Verdict.BAD_LENGTH);
        assertThat(AhHeader.check(packet, AT, 11)).isEqualTo(Verdict.TOO_SHORT);
        packet.putU8(AT + 1, 1);
        assertThat(AhHeader.check(packet, AT)).isEqualTo(Verdict.NONE);
        packet.putU8(AT + 1, 0);
        assertThat(AhHeader.check(packet, AT)).isEqualTo(Verdict.BAD_LENGTH);
        AhHeader.write(packet, AT, 4, 28, 0xfedcba98, 0x91223344);
        assertThat(HexFormat.of().formatHex(packet.toBytes(), AT, AT + 12)).isEqualTo("04050000fedcba9891223344");
    }

    @Test
    void esp_fields_and_checks() {
        Octets packet = hex("00000115 0000002a");
        assertThat(EspHeader.check(packet, AT)).isEqualTo(Verdict.NONE);
        assertThat(EspHeader.check(packet, AT, 7)).isEqualTo(Verdict.TOO_SHORT);
        assertThat(EspHeader.spi(packet, AT)).isEqualTo(0x115);
        assertThat(EspHeader.sequence(packet, AT)).isEqualTo(42);
        EspHeader.spi(packet, AT, 0xfedcba98);
        EspHeader.sequence(packet, AT, 0x11223344);
        assertThat(packet.u64(AT)).isEqualTo(0xfedcba9811223344L);
    }

    @Test
    void esp_trailers_of_every_padding_are_written_and_read() {
        for (int pad = 0; pad <= EspHeader.MAX_PAD_LENGTH; pad++) {
            Octets packet = new Octets(new byte[AT + 3 + pad + 2]);
            int end = packet.length();
            EspHeader.putTrailer(packet, AT + 3, pad, 4);
            assertThat(EspHeader.checkTrailer(packet, AT, end)).isEqualTo(Verdict.NONE);
            assertThat(EspHeader.checkTrailer(packet, AT + 3, end)).isEqualTo(Verdict.NONE);
            assertThat(EspHeader.padLength(packet, end)).isEqualTo(pad);
            assertThat(EspHeader.nextHeader(packet, end)).isEqualTo(4);
            if (pad > 0) {
                // Each octet counts, and so does the room.
                assertThat(EspHeader.checkTrailer(packet, AT + 4, end)).isEqualTo(Verdict.BAD_PADDING);
                for (int at = AT + 3; at < AT + 3 + pad; at++) {
                    assertThat(packet.u8(at)).isEqualTo(at - AT - 2);
                    packet.putU8(at, packet.u8(at) ^ 0x80);
                    assertThat(EspHeader.checkTrailer(packet, AT, end)).isEqualTo(Verdict.BAD_PADDING);
                    packet.putU8(at, packet.u8(at) ^ 0x80);
                }
            }
            assertThat(packet.u8(AT + 2)).as("in front of it").isZero();
        }
        assertThat(EspHeader.checkTrailer(hex("04"), AT, AT + 1)).isEqualTo(Verdict.TOO_SHORT);
        assertThat(EspHeader.checkTrailer(hex("0104"), AT, AT + 2)).isEqualTo(Verdict.BAD_PADDING);
    }

    @Test
    void ipcomp_fields_and_checks() {
        Octets packet = hex("06 07 1234");
        assertThat(IpCompHeader.check(packet, AT)).isEqualTo(Verdict.NONE);
        assertThat(IpCompHeader.check(packet, AT, 3)).isEqualTo(Verdict.TOO_SHORT);
        assertThat(IpCompHeader.nextHeader(packet, AT)).isEqualTo(6);
        assertThat(IpCompHeader.flags(packet, AT)).isEqualTo(7);
        assertThat(IpCompHeader.cpi(packet, AT)).isEqualTo(0x1234);
        IpCompHeader.nextHeader(packet, AT, 17);
        IpCompHeader.flags(packet, AT, 0);
        IpCompHeader.cpi(packet, AT, 0xfedc);
        assertThat(packet.u32(AT)).isEqualTo(0x1100_fedc);
    }

    @Test
    void udp_fields_checks_and_what_rfc_3948_puts_behind() {
        Octets packet = hex("1194 01f4 0009 abcd ff");
        assertThat(UdpHeader.check(packet, AT)).isEqualTo(Verdict.NONE);
        assertThat(UdpHeader.sourcePort(packet, AT)).isEqualTo(UdpHeader.NAT_T_PORT);
        assertThat(UdpHeader.destinationPort(packet, AT)).isEqualTo(UdpHeader.IKE_PORT);
        assertThat(UdpHeader.length(packet, AT)).isEqualTo(9);
        assertThat(UdpHeader.checksum(packet, AT)).isEqualTo(0xabcd);
        assertThat(UdpHeader.isKeepalive(packet, AT)).isTrue();
        assertThat(UdpHeader.hasNonEspMarker(packet, AT)).isFalse();
        packet.putU8(AT + 8, 0xfe);
        assertThat(UdpHeader.isKeepalive(packet, AT)).isFalse();
        UdpHeader.length(packet, AT, 10);
        assertThat(UdpHeader.check(packet, AT)).isEqualTo(Verdict.BAD_LENGTH);
        UdpHeader.length(packet, AT, 7);
        assertThat(UdpHeader.check(packet, AT)).isEqualTo(Verdict.BAD_LENGTH);
        assertThat(UdpHeader.check(packet, AT, 7)).isEqualTo(Verdict.TOO_SHORT);
        UdpHeader.sourcePort(packet, AT, 1);
        UdpHeader.destinationPort(packet, AT, 2);
        UdpHeader.checksum(packet, AT, 3);
        assertThat(packet.u64(AT)).isEqualTo(0x0001_0002_0007_0003L);
        assertThat(UdpHeader.hasNonEspMarker(hex("1194 1194 000c 0000 00000000"), AT))
                .isTrue();
        assertThat(UdpHeader.hasNonEspMarker(hex("1194 1194 000c 0000 00000100"), AT))
                .isFalse();
        assertThat(UdpHeader.hasNonEspMarker(hex("1194 1194 000b 0000 000000"), AT))
                .isFalse();
    }

    @Test
    void tcp_fields_and_checks() {
        Octets packet = hex("1389 0050 01020304 05060708 6 0 12 ffff abcd 0000 01010101");
        assertThat(TcpHeader.check(packet, AT)).isEqualTo(Verdict.NONE);
        assertThat(TcpHeader.sourcePort(packet, AT)).isEqualTo(5001);
        assertThat(TcpHeader.destinationPort(packet, AT)).isEqualTo(80);
        assertThat(TcpHeader.sequence(packet, AT)).isEqualTo(0x01020304);
        assertThat(TcpHeader.acknowledgment(packet, AT)).isEqualTo(0x05060708);
        assertThat(TcpHeader.headerLength(packet, AT)).isEqualTo(24);
        assertThat(TcpHeader.flags(packet, AT)).isEqualTo(0x12);
        assertThat(TcpHeader.window(packet, AT)).isEqualTo(0xffff);
        assertThat(TcpHeader.checksum(packet, AT)).isEqualTo(0xabcd);
        assertThat(TcpHeader.check(packet, AT, 23)).isEqualTo(Verdict.BAD_LENGTH);
        assertThat(TcpHeader.check(packet, AT, 19)).isEqualTo(Verdict.TOO_SHORT);
        packet.putU8(AT + TcpHeader.DATA_OFFSET, 0x40);
        assertThat(TcpHeader.check(packet, AT)).isEqualTo(Verdict.BAD_LENGTH);
    }

    @Test
    void icmp_fields_and_checks() {
        Octets packet = hex("03 0d abcd 01020304");
        assertThat(IcmpHeader.check(packet, AT)).isEqualTo(Verdict.NONE);
        assertThat(IcmpHeader.check(packet, AT, 7)).isEqualTo(Verdict.TOO_SHORT);
        assertThat(IcmpHeader.type(packet, AT)).isEqualTo(IcmpHeader.V4_UNREACHABLE);
        assertThat(IcmpHeader.code(packet, AT)).isEqualTo(IcmpHeader.V4_PROHIBITED);
        assertThat(IcmpHeader.checksum(packet, AT)).isEqualTo(0xabcd);
        assertThat(IcmpHeader.rest(packet, AT)).isEqualTo(0x01020304);
        IcmpHeader.type(packet, AT, 1);
        IcmpHeader.code(packet, AT, 2);
        IcmpHeader.checksum(packet, AT, 3);
        IcmpHeader.rest(packet, AT, 4);
        assertThat(packet.u64(AT)).isEqualTo(0x0102_0003_0000_0004L);
        assertThat(IcmpHeader.isError(Family.INET, IcmpHeader.V4_UNREACHABLE)).isTrue();
        assertThat(IcmpHeader.isError(Family.INET, IcmpHeader.V4_ECHO)).isFalse();
        assertThat(IcmpHeader.isError(Family.INET6, IcmpHeader.V6_PACKET_TOO_BIG))
                .isTrue();
        assertThat(IcmpHeader.isError(Family.INET6, IcmpHeader.V6_ECHO)).isFalse();
    }

    @Test
    void any_octets_may_be_checked_and_what_is_found_good_may_be_read() {
        RandomGenerator random = RandomText.random();
        for (int round = 0; round < RandomText.ROUNDS; round++) {
            byte[] octets = RandomText.octets(random, random.nextInt(70));
            if (octets.length > 3 && random.nextBoolean()) {
                octets[0] = (byte) (random.nextBoolean() ? 0x45 + random.nextInt(4) : 0x60);
                octets[2] = 0;
                octets[3] = (byte) random.nextInt(70);
            }
            NumberTextTest.withSeed(round, () -> {
                var packet = new Octets(octets);
                for (int at = 0; at <= Math.min(3, octets.length); at++) {
                    HeaderLaws.hold(packet, at);
                }
            });
        }
    }

    /** What any octets at any position must obey: nothing is read behind what the check was told is there. */
    static final class HeaderLaws {
        private HeaderLaws() {}

        static void hold(Octets packet, int at) {
            int available = packet.length() - at;
            ifGood(IpHeader.check(packet, at), at, a -> {
                assertThat(IpHeader.packetLength(packet, a)).isBetween(20, available);
                assertThat(IpHeader.family(packet, a)).isNotNull();
            });
            ifGood(Ipv4Header.check(packet, at), at, a -> {
                assertThat(Ipv4Header.payloadAt(packet, a)).isBetween(a + 20, a + Ipv4Header.totalLength(packet, a));
                Ipv4Header.checksumIsGood(packet, a);
            });
            ifGood(Ipv6Header.check(packet, at), at, a -> packet.check(a, Ipv6Header.packetLength(packet, a)));
            ifGood(AhHeader.check(packet, at), at, a -> packet.check(a, AhHeader.length(packet, a)));
            ifGood(EspHeader.check(packet, at), at, a -> packet.check(a, EspHeader.LENGTH));
            ifGood(IpCompHeader.check(packet, at), at, a -> packet.check(a, IpCompHeader.LENGTH));
            ifGood(UdpHeader.check(packet, at), at, a -> {
                packet.check(a, UdpHeader.length(packet, a));
                UdpHeader.isKeepalive(packet, a);
                UdpHeader.hasNonEspMarker(packet, a);
            });
            ifGood(TcpHeader.check(packet, at), at, a -> packet.check(a, TcpHeader.headerLength(packet, a)));
            ifGood(IcmpHeader.check(packet, at), at, a -> packet.check(a, IcmpHeader.LENGTH));
            EspHeader.checkTrailer(packet, at, packet.length());
        }

        private static void ifGood(Verdict verdict, int at, IntConsumer law) {
            assertThat(verdict).isIn(Verdict.NONE, Verdict.TOO_SHORT, Verdict.BAD_LENGTH, Verdict.NOT_IP);
            if (verdict == Verdict.NONE) {
                law.accept(at);
            }
        }
    }
}
