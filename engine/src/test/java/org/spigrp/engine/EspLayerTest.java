package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.spigrp.sa.NatTraversal;
import org.spigrp.wire.Checksum;
import org.spigrp.wire.EspHeader;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Packet;
import org.spigrp.wire.UdpHeader;
import org.spigrp.wire.Verdict;

class EspLayerTest {
    private static final NatTraversal NONESP = new NatTraversal(NatTraversal.Kind.NONESP, 4500, 4501);
    private static final NatTraversal NONIKE = new NatTraversal(NatTraversal.Kind.NONIKE, 500, 500);

    private final Random random = new Random(5);

    private byte[] clear(int payload) {
        return TestPackets.udp(LayerBed.WEST, LayerBed.EAST, payload, new Random(1));
    }

    /** Makes the packet anew with other octets inside the encryption, as a sender of another mind would. */
    private static Packet forged(LayerBed bed, byte[] clear, Consumer<Packet> change) {
        var packet = Packet.of(clear);
        Layer layer = bed.layers().getFirst();
        layer.state().stageGrants(1);
        layer.state().granted(true);
        assertThat(layer.beginOut(packet, bed.job)).isEqualTo(Verdict.NONE);
        change.accept(packet);
        bed.worker.crypto.seal(new CryptoJob[] {bed.job}, 1);
        assertThat(layer.endOut(packet, bed.job)).isEqualTo(Verdict.NONE);
        return packet;
    }

    /** Where the trailer's last octet is in a packet with an ICV of 16 octets. */
    private static int trailerEnd(Packet packet) {
        return packet.length() - 16;
    }

    @Test
    void header_and_trailer_are_those_of_the_rfc() {
        var bed = new LayerBed().add(LayerBed.esp("null-sha256"));
        var packet = Packet.of(clear(3));
        bed.layers().getFirst().state().stageGrants(1);
        bed.layers().getFirst().state().granted(true);
        int header = Ipv4Header.headerLength(packet, 0);
        assertThat(bed.layers().getFirst().beginOut(packet, bed.job)).isEqualTo(Verdict.NONE);
        assertThat(Ipv4Header.protocol(packet, 0)).isEqualTo(IpProtocol.ESP);
        assertThat(Ipv4Header.totalLength(packet, 0)).isEqualTo(header + 8 + 16 + 16);
        assertThat(EspHeader.spi(packet, header)).isEqualTo(0x1000);
        assertThat(EspHeader.sequence(packet, header)).isEqualTo(1);
        // UDP header 8 and payload 3: padding to 16 with pad length and next header takes 3
        int end = header + 8 + 16;
        assertThat(packet.u8(end - 5)).isEqualTo(1);
        assertThat(packet.u8(end - 4)).isEqualTo(2);
        assertThat(packet.u8(end - 3)).isEqualTo(3);
        assertThat(EspHeader.padLength(packet, end)).isEqualTo(3);
        assertThat(EspHeader.nextHeader(packet, end)).isEqualTo(IpProtocol.UDP);
    }

    @Test
    void padding_other_than_1_2_3_is_refused_after_the_icv() {
        var bed = new LayerBed().add(LayerBed.esp("aes128gcm16"));
        Packet packet = forged(bed, clear(3), p -> p.putU8(trailerEnd(p) - 4, 9));
        assertThat(bed.peel(packet)).isEqualTo(Verdict.BAD_PADDING);
    }

    @Test
    void padding_longer_than_the_packet_is_refused() {
        var bed = new LayerBed().add(LayerBed.esp("aes128gcm16"));
        Packet packet = forged(bed, clear(3), p -> p.putU8(trailerEnd(p) - 2, 250));
        assertThat(bed.peel(packet)).isEqualTo(Verdict.BAD_PADDING);
    }

    @Test
    void dummies_are_swallowed_and_move_the_window() {
        var bed = new LayerBed().add(LayerBed.esp("aes128gcm16"));
        Packet packet = forged(bed, clear(3), p -> p.putU8(trailerEnd(p) - 1, IpProtocol.NO_NEXT_HEADER));
        byte[] sent = packet.toBytes();
        assertThat(bed.peel(packet)).isEqualTo(Verdict.DUMMY);
        assertThat(bed.peel(Packet.of(sent))).isEqualTo(Verdict.REPLAYED);
    }

    @Test
    void traffic_flow_padding_behind_an_inner_packet_is_cut_off() {
        var bed = new LayerBed().add(LayerBed.tunnel()).add(LayerBed.esp("aes128gcm16"));
        byte[] clear = clear(50);
        var packet = Packet.of(clear);
        Layer tunnel = bed.layers().getFirst();
        assertThat(tunnel.beginOut(packet, bed.job)).isEqualTo(Verdict.NONE);
        packet.append(100);
        Ipv4Header.totalLength(packet, 0, packet.length());
        var espOnly = new LayerBed().add(LayerBed.esp("aes128gcm16"));
        assertThat(espOnly.protect(packet)).isEqualTo(Verdict.NONE);
        assertThat(espOnly.peel(packet)).isEqualTo(Verdict.NONE);
        assertThat(packet.length()).isEqualTo(20 + clear.length);
        assertThat(bed.peelOne(tunnel, packet)).isEqualTo(Verdict.NONE);
        assertThat(packet.toBytes()).isEqualTo(clear);
    }

    @Test
    void a_changed_octet_anywhere_in_esp_is_a_bad_icv() {
        var bed = new LayerBed().add(LayerBed.esp("aes128-sha256"));
        var packet = Packet.of(clear(40));
        int header = Ipv4Header.headerLength(packet, 0);
        assertThat(bed.protect(packet)).isEqualTo(Verdict.NONE);
        byte[] sent = packet.toBytes();
        for (int i = header + 8; i < sent.length; i++) {
            byte[] changed = sent.clone();
            changed[i] ^= 0x10;
            assertThat(bed.peel(Packet.of(changed))).as("octet %d", i).isEqualTo(Verdict.BAD_ICV);
        }
        assertThat(bed.peel(Packet.of(sent))).isEqualTo(Verdict.NONE);
    }

    @Test
    void a_body_that_is_no_whole_number_of_blocks_is_refused() {
        var bed = new LayerBed().add(LayerBed.esp("aes128-sha256"));
        var packet = Packet.of(clear(40));
        bed.protect(packet);
        packet.truncate(packet.length() - 4);
        Ipv4Header.totalLength(packet, 0, packet.length());
        assertThat(bed.peel(packet)).isEqualTo(Verdict.BAD_CIPHERTEXT_LENGTH);
    }

    @Test
    void sequence_number_zero_is_refused() {
        var bed = new LayerBed().add(LayerBed.esp("aes128-sha256"));
        var packet = Packet.of(clear(40));
        bed.protect(packet);
        EspHeader.sequence(packet, Ipv4Header.headerLength(packet, 0), 0);
        assertThat(bed.peel(packet)).isEqualTo(Verdict.SEQUENCE_ZERO);
    }

    @Test
    void two_packets_of_one_batch_with_one_number_are_accepted_once() {
        var bed = new LayerBed().add(LayerBed.esp("aes128-sha256"));
        var one = Packet.of(clear(40));
        bed.protect(one);
        var two = Packet.of(one.toBytes());
        Layer layer = bed.layers().getFirst();
        CryptoJob[] jobs = {new CryptoJob(), new CryptoJob()};
        Front[] fronts = {new Front(), new Front()};
        assertThat(fronts[0].parse(one)).isEqualTo(Verdict.NONE);
        assertThat(fronts[1].parse(two)).isEqualTo(Verdict.NONE);
        assertThat(layer.beginIn(one, fronts[0], jobs[0])).isEqualTo(Verdict.NONE);
        assertThat(layer.beginIn(two, fronts[1], jobs[1])).isEqualTo(Verdict.NONE);
        bed.worker.crypto.open(jobs, 2);
        assertThat(layer.endIn(one, fronts[0], jobs[0])).isEqualTo(Verdict.NONE);
        assertThat(layer.endIn(two, fronts[1], jobs[1])).isEqualTo(Verdict.NONE);
        layer.stageCeiling(jobs[0]);
        layer.state().ceilingGranted(true);
        assertThat(layer.acceptIn(one, fronts[0], jobs[0])).isEqualTo(Verdict.NONE);
        assertThat(layer.acceptIn(two, fronts[1], jobs[1])).isEqualTo(Verdict.REPLAYED);
    }

    @Test
    void extended_numbers_are_followed_past_32_bits() {
        var bed = new LayerBed();
        bed.esn = true;
        bed.firstNumber = 0x1_ffff_fff8L;
        bed.add(LayerBed.esp("aes128gcm16"));
        for (int i = 0; i < 16; i++) {
            var packet = Packet.of(clear(20));
            assertThat(bed.protect(packet)).isEqualTo(Verdict.NONE);
            assertThat(bed.peel(packet)).as("packet %d", i).isEqualTo(Verdict.NONE);
        }
        assertThat(bed.state(0).window().highest()).isEqualTo(0x2_0000_0007L);
    }

    @Test
    void the_last_number_of_32_bits_is_sent_and_then_none() {
        var bed = new LayerBed();
        bed.firstNumber = 0xffff_ffffL;
        bed.add(LayerBed.esp("aes128gcm16"));
        assertThat(bed.protect(Packet.of(clear(20)))).isEqualTo(Verdict.NONE);
        byte[] clear = clear(20);
        var packet = Packet.of(clear);
        assertThat(bed.protect(packet)).isEqualTo(Verdict.SEQUENCE_EXHAUSTED);
        assertThat(packet.toBytes()).isEqualTo(clear);
    }

    @Test
    void counter_mode_ivs_count_under_their_epoch() {
        var bed = new LayerBed().add(LayerBed.esp("aes128gcm16"));
        for (int i = 0; i < 3; i++) {
            var packet = Packet.of(clear(20));
            int header = Ipv4Header.headerLength(packet, 0);
            bed.protect(packet);
            assertThat(packet.u64(header + 8)).isEqualTo(0x7000_0001_0000_0000L + i);
        }
    }

    @Test
    void fragments_do_not_go_through_transport_mode() {
        var bed = new LayerBed().add(LayerBed.esp("aes128gcm16"));
        var packet = Packet.of(clear(20));
        packet.putU16(Ipv4Header.FRAGMENT, 0x2000);
        assertThat(bed.protect(packet)).isEqualTo(Verdict.FRAGMENT_IN_TRANSPORT);
    }

    @Test
    void udp_encapsulation_has_the_ports_of_the_sa_and_no_checksum_over_ipv4() {
        var bed = new LayerBed().add(LayerBed.esp("aes128gcm16", NONESP));
        var packet = Packet.of(clear(20));
        int header = Ipv4Header.headerLength(packet, 0);
        bed.protect(packet);
        assertThat(Ipv4Header.protocol(packet, 0)).isEqualTo(IpProtocol.UDP);
        assertThat(UdpHeader.sourcePort(packet, header)).isEqualTo(4500);
        assertThat(UdpHeader.destinationPort(packet, header)).isEqualTo(4501);
        assertThat(UdpHeader.length(packet, header)).isEqualTo(packet.length() - header);
        assertThat(UdpHeader.checksum(packet, header)).isZero();
        assertThat(UdpEncapsulation.espOffset(packet, header)).isEqualTo(8);
    }

    @Test
    void udp_encapsulation_over_ipv6_has_a_checksum() {
        var bed = new LayerBed().add(LayerBed.esp("aes128gcm16", NONESP), LayerBed.WEST6, LayerBed.EAST6);
        var packet = Packet.of(TestPackets.udp(LayerBed.WEST6, LayerBed.EAST6, 20, random));
        bed.protect(packet);
        assertThat(Checksum.ofUpper(packet, Family.INET6, 8, 24, IpProtocol.UDP, 40, packet.length() - 40))
                .isZero();
    }

    @Test
    void both_kinds_of_marker_are_told_apart_and_from_ike() {
        var nonike = new LayerBed().add(LayerBed.esp("aes128gcm16", NONIKE));
        var nonesp = new LayerBed().add(LayerBed.esp("aes128gcm16", NONESP));
        var packet = Packet.of(clear(20));
        int header = Ipv4Header.headerLength(packet, 0);
        nonike.protect(packet);
        assertThat(UdpEncapsulation.espOffset(packet, header)).isEqualTo(16);
        assertThat(nonesp.peel(Packet.of(packet.toBytes()))).isEqualTo(Verdict.WRONG_ENCAPSULATION);
        packet.putU32(header + 12, 7); // four zero octets, then an initiator SPI: IKE
        assertThat(UdpEncapsulation.espOffset(packet, header)).isZero();
        assertThat(nonike.peel(packet)).isEqualTo(Verdict.WRONG_ENCAPSULATION);
    }

    @Test
    void encapsulated_and_plain_esp_are_not_taken_for_each_other() {
        var plain = new LayerBed().add(LayerBed.esp("aes128gcm16"));
        var inUdp = new LayerBed().add(LayerBed.esp("aes128gcm16", NONESP));
        var packet = Packet.of(clear(20));
        plain.protect(packet);
        assertThat(inUdp.peel(packet)).isEqualTo(Verdict.WRONG_ENCAPSULATION);
        packet = Packet.of(clear(20));
        inUdp.protect(packet);
        assertThat(plain.peel(packet)).isEqualTo(Verdict.WRONG_ENCAPSULATION);
    }

    @Test
    void behind_a_nat_the_transport_checksum_is_mended() {
        var bed = new LayerBed().add(LayerBed.esp("aes128gcm16", NONESP));
        var packet = Packet.of(clear(20));
        int header = Ipv4Header.headerLength(packet, 0);
        bed.protect(packet);
        packet.putU32(Ipv4Header.SOURCE, 0xc6336407);
        Ipv4Header.updateChecksum(packet, 0);
        assertThat(bed.peel(packet)).isEqualTo(Verdict.NONE);
        assertThat(Checksum.ofUpper(packet, Family.INET, 12, 16, IpProtocol.UDP, header, packet.length() - header))
                .isZero();
    }

    @Test
    void lengths_are_counted_behind_and_without_the_transform() {
        var bed = new LayerBed().add(LayerBed.esp("aes128gcm16"));
        byte[] clear = clear(20);
        var packet = Packet.of(clear);
        bed.protect(packet);
        assertThat(bed.state(0).bytes()).isEqualTo(packet.length());
        int sent = packet.length();
        bed.peel(packet);
        assertThat(bed.state(0).bytes()).isEqualTo(sent + clear.length);
        assertThat(bed.state(0).packets()).isEqualTo(2);
    }
}
