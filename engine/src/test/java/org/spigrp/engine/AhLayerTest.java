package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.spigrp.wire.AhHeader;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Ipv6Header;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

class AhLayerTest {
    private final LayerBed bed = new LayerBed().add(LayerBed.ah("hmac-sha2-256-128", 0));
    private final LayerBed bed6 =
            new LayerBed().add(LayerBed.ah("hmac-sha2-256-128", 0), LayerBed.WEST6, LayerBed.EAST6);

    /** An IPv4 packet with these options in front of 8 octets of UDP. */
    private static byte[] withOptions(String options) {
        byte[] given = HexFormat.of().parseHex(options);
        byte[] bytes = new byte[20 + given.length + 8];
        var octets = new Octets(bytes);
        Ipv4Header.init(octets, 0, bytes.length);
        octets.putU8(0, 0x40 | (20 + given.length) / 4);
        Ipv4Header.ttl(octets, 0, 9);
        Ipv4Header.protocol(octets, 0, IpProtocol.UDP);
        LayerBed.WEST.write(octets, 12);
        LayerBed.EAST.write(octets, 16);
        octets.put(20, given, 0, given.length);
        octets.putU16(20 + given.length + 4, 8);
        Ipv4Header.updateChecksum(octets, 0);
        return bytes;
    }

    /** An IPv6 packet with these extension headers (the first of type {@code first}) in front of 8 octets of UDP. */
    private static byte[] withExtensions(int first, String headers) {
        byte[] given = HexFormat.of().parseHex(headers);
        byte[] bytes = new byte[40 + given.length + 8];
        var octets = new Octets(bytes);
        Ipv6Header.init(octets, 0, bytes.length - 40);
        Ipv6Header.nextHeader(octets, 0, first);
        Ipv6Header.hopLimit(octets, 0, 9);
        LayerBed.WEST6.write(octets, 8);
        LayerBed.EAST6.write(octets, 24);
        octets.put(40, given, 0, given.length);
        octets.putU16(40 + given.length + 4, 8);
        return bytes;
    }

    private static Verdict peelChanged(LayerBed bed, byte[] sent, int at, int value) {
        byte[] changed = sent.clone();
        changed[at] = (byte) value;
        return bed.peel(Packet.of(changed));
    }

    private static byte[] sent(LayerBed bed, byte[] clear) {
        var packet = Packet.of(clear);
        assertThat(bed.protect(packet)).isEqualTo(Verdict.NONE);
        return packet.toBytes();
    }

    @Test
    void the_header_is_padded_as_the_rfc_wants_it() {
        byte[] clear = withOptions("");
        assertThat(sent(bed, clear)).hasSize(clear.length + 28);
        byte[] clear6 = TestPackets.udp(LayerBed.WEST6, LayerBed.EAST6, 10, new Random(2));
        assertThat(sent(bed6, clear6)).hasSize(clear6.length + 32);
    }

    @Test
    void both_alignments_are_accepted_whatever_is_sent() {
        for (int sentAlign : new int[] {4, 8}) {
            for (int ownAlign : new int[] {0, 4, 8}) {
                var sender = new LayerBed().add(LayerBed.ah("hmac-sha2-256-128", sentAlign));
                var receiver = new LayerBed().add(LayerBed.ah("hmac-sha2-256-128", ownAlign));
                byte[] sent = sent(sender, withOptions(""));
                assertThat(receiver.peel(Packet.of(sent)))
                        .as("%d at %d", sentAlign, ownAlign)
                        .isEqualTo(Verdict.NONE);
            }
        }
    }

    @Test
    void what_routers_change_does_not_matter() {
        for (int at : new int[] {1, 6, 8, 10, 11}) {
            byte[] sent = sent(bed, withOptions(""));
            // the offset is zeroed too, but a fragment would not come this far
            int value = at == 6 ? 0x40 : sent[at] ^ 0xff;
            assertThat(peelChanged(bed, sent, at, value)).as("octet %d", at).isEqualTo(Verdict.NONE);
        }
        for (int at : new int[] {0, 1, 2, 3, 7}) {
            byte[] sent = sent(bed6, TestPackets.udp(LayerBed.WEST6, LayerBed.EAST6, 10, new Random(2)));
            int value = at == 0 ? 0x6a : sent[at] ^ 0xff;
            assertThat(peelChanged(bed6, sent, at, value)).as("octet %d", at).isEqualTo(Verdict.NONE);
        }
    }

    @Test
    void everything_else_does() {
        byte[] sent = sent(bed, withOptions("94040000"));
        int ahAt = 24;
        for (int at = 4; at < sent.length; at++) {
            boolean mutable = at == 6 || at == 7 || at == 8 || at == 10 || at == 11;
            boolean structure = at == 9 || at == ahAt + AhHeader.PAYLOAD_LENGTH || at == 20 || at == 21;
            if (!mutable && !structure) {
                assertThat(peelChanged(bed, sent, at, sent[at] ^ 0x01))
                        .as("octet %d", at)
                        .isNotEqualTo(Verdict.NONE);
            }
        }
        assertThat(bed.peel(Packet.of(sent))).isEqualTo(Verdict.NONE);
    }

    @Test
    void a_record_route_may_be_filled_in_on_the_way() {
        byte[] sent = sent(bed, withOptions("070b0400000000000000000001"));
        sent[22] = 8;
        sent[23] = 10;
        assertThat(bed.peel(Packet.of(sent))).isEqualTo(Verdict.NONE);
    }

    @Test
    void the_end_of_a_source_route_is_foreseen() {
        // sent to the first hop, by way of 198.51.100.1, to 203.0.113.9
        byte[] sent = sent(bed, withOptions("830b04c6336401cb00710901"));
        var arrived = new Octets(sent.clone());
        arrived.putU8(22, 12);
        arrived.putU32(23, 0x0a000001);
        arrived.putU32(27, 0x0a000002);
        arrived.putU32(16, 0xcb007109);
        assertThat(bed.peel(Packet.of(arrived.array()))).isEqualTo(Verdict.NONE);
        arrived.putU32(16, 0xcb00710a);
        assertThat(bed.peel(Packet.of(arrived.array()))).isNotEqualTo(Verdict.NONE);
    }

    @Test
    void an_option_longer_than_the_header_is_refused() {
        assertThat(bed.protect(Packet.of(withOptions("07280400")))).isEqualTo(Verdict.BAD_LENGTH);
        assertThat(bed.protect(Packet.of(withOptions("07010400")))).isEqualTo(Verdict.BAD_LENGTH);
    }

    @Test
    void hop_by_hop_options_that_may_change_do_not_matter() {
        // option 0x3e may change (third bit), 0x1e may not
        byte[] sent = sent(bed6, withExtensions(IpProtocol.HOP_BY_HOP, "11003e0401020304"));
        assertThat(peelChanged(bed6, sent, 44, 99)).isEqualTo(Verdict.NONE);
        sent = sent(bed6, withExtensions(IpProtocol.HOP_BY_HOP, "11001e0401020304"));
        assertThat(peelChanged(bed6, sent, 44, 99)).isEqualTo(Verdict.BAD_ICV);
    }

    @Test
    void the_end_of_a_routing_header_is_foreseen() {
        String a = "20010db8000000000000000000000001";
        String b = "20010db80000000000000000000000bb";
        String c = "20010db80000000000000000000000cc";
        byte[] sent = sent(bed6, withExtensions(IpProtocol.ROUTING, "11040002" + "00000000" + b + c));
        byte[] destination = new byte[16];
        System.arraycopy(sent, 24, destination, 0, 16);
        byte[] arrived = sent.clone();
        System.arraycopy(HexFormat.of().parseHex(c), 0, arrived, 24, 16);
        System.arraycopy(destination, 0, arrived, 48, 16);
        System.arraycopy(HexFormat.of().parseHex(b), 0, arrived, 64, 16);
        arrived[43] = 0;
        assertThat(bed6.peel(Packet.of(arrived))).isEqualTo(Verdict.NONE);
        System.arraycopy(HexFormat.of().parseHex(a), 0, arrived, 64, 16);
        arrived[40 + 40 + 11] ^= 1;
        assertThat(bed6.peel(Packet.of(arrived))).isNotEqualTo(Verdict.NONE);
    }

    @Test
    void destination_options_for_the_last_hop_go_inside() {
        byte[] clear = withExtensions(IpProtocol.DESTINATION_OPTIONS, "1100010400000000");
        byte[] sent = sent(bed6, clear);
        assertThat(sent[6]).isEqualTo((byte) IpProtocol.AH);
        assertThat(sent[40]).isEqualTo((byte) IpProtocol.DESTINATION_OPTIONS);
        var packet = Packet.of(sent);
        assertThat(bed6.peel(packet)).isEqualTo(Verdict.NONE);
        assertThat(packet.toBytes()).isEqualTo(clear);
    }

    @Test
    void the_high_half_of_an_extended_number_is_covered_and_not_sent() {
        var sender = new LayerBed();
        sender.esn = true;
        sender.firstNumber = 0x5_0000_0010L;
        sender.add(LayerBed.ah("hmac-sha1-96", 0));
        byte[] sent = sent(sender, withOptions(""));
        var other = new LayerBed();
        other.esn = true;
        other.firstNumber = 0x6_0000_0010L;
        other.add(LayerBed.ah("hmac-sha1-96", 0));
        assertThat(other.peel(Packet.of(sent))).isEqualTo(Verdict.BAD_ICV);
        assertThat(sender.peel(Packet.of(sent))).isEqualTo(Verdict.NONE);
    }

    @Test
    void gmac_has_its_iv_in_front_of_the_icv() {
        var gmac = new LayerBed().add(LayerBed.ah("aes128gmac", 0));
        byte[] sent = sent(gmac, withOptions(""));
        var octets = new Octets(sent);
        assertThat(AhHeader.length(octets, 20)).isEqualTo(12 + 8 + 16);
        assertThat(octets.u64(32)).isEqualTo(0x7000_0001_0000_0000L);
        assertThat(peelChanged(gmac, sent, 39, 5)).isEqualTo(Verdict.BAD_ICV);
        assertThat(gmac.peel(Packet.of(sent))).isEqualTo(Verdict.NONE);
    }

    @Test
    void wrong_lengths_have_words() {
        byte[] sent = sent(bed, withOptions(""));
        for (int length = 0; length < 256; length++) {
            byte[] changed = sent.clone();
            changed[21] = (byte) length;
            var receiver = new LayerBed().add(LayerBed.ah("hmac-sha2-256-128", 0));
            Verdict verdict = receiver.peel(Packet.of(changed));
            // 28 octets are right; 32 are right too (alignment 8), and then the ICV is not
            assertThat(verdict)
                    .as("length %d", length)
                    .isEqualTo(length == 5 ? Verdict.NONE : length == 6 ? Verdict.BAD_ICV : Verdict.BAD_LENGTH);
        }
    }

    @Test
    void clearing_leaves_the_packet_itself_alone() {
        byte[] clear = withOptions("94040000");
        var copy = new Octets(clear.clone());
        assertThat(AhMutable.clear(copy, Family.INET, 24)).isEqualTo(Verdict.NONE);
        assertThat(copy.u32(20)).isEqualTo(0x94040000);
        assertThat(copy.u8(8)).isZero();
        byte[] sent = sent(bed, clear);
        assertThat(sent[8]).isEqualTo((byte) 9);
    }
}
