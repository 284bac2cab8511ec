package org.spigrp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class ChecksumTest {
    /** Word by word with end-around carry, as RFC 1071 draws it. */
    private static int slow(byte[] octets) {
        int sum = 0;
        for (int i = 0; i < octets.length; i += 2) {
            int word = (octets[i] & 0xff) << 8 | (i + 1 < octets.length ? octets[i + 1] & 0xff : 0);
            sum += word;
            if (sum > 0xffff) {
                sum -= 0xffff;
            }
        }
        return 0xffff - sum;
    }

    @Test
    void example_of_rfc_1071() {
        var octets = new Octets(HexFormat.of().parseHex("0001f203f4f5f6f7"));
        assertThat(Checksum.fold(Checksum.add(0, octets, 0, 8))).isEqualTo(0xddf2);
        assertThat(Checksum.of(octets, 0, 8)).isEqualTo(0x220d);
    }

    @Test
    void every_length_and_position_agrees_with_the_slow_sum() {
        RandomGenerator random = RandomText.random();
        for (int round = 0; round < 20_000; round++) {
            byte[] part = RandomText.octets(random, random.nextInt(100));
            if (random.nextInt(4) == 0) {
                Arrays.fill(part, (byte) (random.nextBoolean() ? 0xff : 0));
            }
            int before = random.nextInt(5);
            byte[] around = RandomText.octets(random, before + part.length + 3);
            System.arraycopy(part, 0, around, before, part.length);
            assertThat(Checksum.of(new Octets(around), before, part.length))
                    .as(RandomText.seed(round))
                    .isEqualTo(slow(part));
        }
    }

    @Test
    void the_largest_packet_of_ones_does_not_overflow() {
        byte[] ones = new byte[65_576];
        Arrays.fill(ones, (byte) 0xff);
        assertThat(Checksum.of(new Octets(ones), 0, ones.length)).isZero();
        assertThat(Checksum.fold(Long.MAX_VALUE)).isEqualTo((int) (Long.MAX_VALUE % 0xffff));
    }

    @Test
    void an_update_is_as_good_as_a_new_sum() {
        RandomGenerator random = RandomText.random();
        for (int round = 0; round < 100_000; round++) {
            byte[] octets = RandomText.octets(random, 20);
            octets[0] = 0x45; // a sum of nothing but zeros has two spellings
            int at = 2 * (1 + random.nextInt(9));
            int checksum = slow(octets);
            var view = new Octets(octets);
            int before = view.u16(at);
            int after = random.nextInt(8) == 0 ? random.nextInt(2) * 0xffff : random.nextInt(0x10000);
            view.putU16(at, after);
            assertThat(Checksum.update(checksum, before, after))
                    .as(RandomText.seed(round))
                    .isEqualTo(slow(octets));
        }
    }

    @Test
    void mending_and_adjusting_after_a_nat_give_a_good_checksum() {
        RandomGenerator random = RandomText.random();
        for (int round = 0; round < 20_000; round++) {
            Family family = random.nextBoolean() ? Family.INET : Family.INET6;
            int protocol = random.nextBoolean() ? IpProtocol.TCP : IpProtocol.UDP;
            int addresses = 2 * family.octets();
            int length = 20 + random.nextInt(60);
            var packet = new Octets(RandomText.octets(random, addresses + length));
            Checksum.mendUpper(packet, family, 0, family.octets(), protocol, addresses, length);
            boolean without = protocol == IpProtocol.UDP && UdpHeader.checksum(packet, addresses) == 0;
            assertThat(good(packet, family, protocol, length) || without)
                    .as(RandomText.seed(round))
                    .isTrue();

            var other = new Octets(packet.toBytes());
            long before = Checksum.add(0, other, 0, addresses);
            other.put(0, RandomText.octets(random, addresses), 0, addresses);
            long after = Checksum.add(0, other, 0, addresses);
            var damaged = new Octets(other.toBytes());
            damaged.putU8(addresses + length - 1, damaged.u8(addresses + length - 1) ^ 0x10);
            for (Octets adjusted : new Octets[] {other, damaged}) {
                Checksum.adjustUpper(adjusted, family, protocol, addresses, length, before, after);
                assertThat(good(adjusted, family, protocol, length) || without)
                        .as(RandomText.seed(round))
                        .isEqualTo(adjusted.equals(other) || without);
            }
        }
    }

    private static boolean good(Octets packet, Family family, int protocol, int length) {
        int checksumAt = 2 * family.octets() + (protocol == IpProtocol.TCP ? TcpHeader.CHECKSUM : UdpHeader.CHECKSUM);
        if (protocol == IpProtocol.UDP && packet.u16(checksumAt) == 0) {
            return false;
        }
        return Checksum.ofUpper(packet, family, 0, family.octets(), protocol, 2 * family.octets(), length) == 0;
    }

    @Test
    void udp_without_a_checksum_stays_so_over_ipv4_only() {
        var udp = new Octets(new byte[2 * 16 + 8]);
        udp.putU16(8 + 4, 8);
        Checksum.mendUpper(udp, Family.INET, 0, 4, IpProtocol.UDP, 8, 8);
        assertThat(udp.u16(8 + UdpHeader.CHECKSUM)).isZero();
        Checksum.adjustUpper(udp, Family.INET, IpProtocol.UDP, 8, 8, 1, 2);
        assertThat(udp.u16(8 + UdpHeader.CHECKSUM)).isZero();
        Checksum.mendUpper(udp, Family.INET6, 0, 16, IpProtocol.UDP, 32, 8);
        assertThat(udp.u16(32 + UdpHeader.CHECKSUM)).isNotZero();
    }

    @Test
    void a_computed_zero_is_sent_as_ones_by_udp() {
        assertThat(Checksum.forUdp(0)).isEqualTo(0xffff);
        assertThat(Checksum.forUdp(0x1234)).isEqualTo(0x1234);
    }
}
