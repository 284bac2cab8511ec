package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.spigrp.engine.EngineOptions.Only;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.Said;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.IpHeader;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Verdict;

/** What a peer with the right keys can still get wrong. */
class BadInsideTest {
    private static final EngineOptions PEEL = EngineOptions.DEFAULT.withOnly(Only.PEEL);

    private final StackBed bed = new StackBed();
    private final StubCrypto crypto = new StubCrypto();

    BadInsideTest() {
        bed.crypto = crypto;
    }

    private static byte[] clear(int protocol, byte... payload) {
        byte[] packet = Clear.ip(StackBed.WEST, StackBed.EAST, protocol, payload.length);
        System.arraycopy(payload, 0, packet, 20, payload.length);
        return packet;
    }

    private Said esp() {
        Said esp = bed.add(StackBed.esp("null-sha256"), StackBed.WEST, StackBed.EAST);
        bed.erouteAll(esp);
        return esp;
    }

    @Test
    void padding_that_does_not_count_is_refused_after_the_icv() {
        esp();
        crypto.spoil = job -> job.array[job.body + job.bodyLength - 3] ^= 1;
        byte[] sealed = bed.protect(clear(47, new byte[9]));
        assertThat(bed.with(PEEL).verdict(sealed)).isEqualTo(Verdict.BAD_PADDING);
    }

    @Test
    void a_pad_length_beyond_the_payload_is_refused() {
        esp();
        crypto.spoil = job -> job.array[job.body + job.bodyLength - 2] = (byte) 200;
        byte[] sealed = bed.protect(clear(47, new byte[9]));
        assertThat(bed.with(PEEL).verdict(sealed)).isEqualTo(Verdict.BAD_PADDING);
    }

    @Test
    void dummies_are_swallowed_and_use_their_number() {
        esp();
        byte[] sealed = bed.protect(clear(IpProtocol.NO_NEXT_HEADER, new byte[40]));
        StackBed.Event event = bed.with(PEEL).one(sealed);
        assertThat(event.verdict()).isEqualTo(Verdict.DUMMY);
        assertThat(event.what()).isEqualTo("dropped");
        assertThat(bed.verdict(sealed)).isEqualTo(Verdict.REPLAYED);
    }

    private byte[] compressed(int cpi, byte[] stream) {
        byte[] payload = new byte[4 + stream.length];
        payload[0] = 47;
        new Octets(payload).putU16(2, cpi);
        System.arraycopy(stream, 0, payload, 4, stream.length);
        return clear(IpProtocol.IPCOMP, payload);
    }

    private static byte[] deflate(byte[] plain) {
        try (var deflater = new Deflater(9, true)) {
            deflater.setInput(plain);
            deflater.finish();
            byte[] result = new byte[plain.length + 100];
            return Arrays.copyOf(result, deflater.deflate(result));
        }
    }

    @Test
    void what_does_not_decompress_or_does_too_well_is_refused() {
        Said comp = bed.add(StackBed.comp(), StackBed.WEST, StackBed.EAST);
        int cpi = comp.spi();
        byte[] good = bed.one(compressed(cpi, deflate(new byte[500]))).octets();
        assertThat(good).hasSize(520);
        assertThat(bed.verdict(compressed(cpi, new byte[] {(byte) 0xff, 1, 2, 3})))
                .isEqualTo(Verdict.BAD_COMPRESSION);
        assertThat(bed.verdict(compressed(cpi, deflate(new byte[100_000])))).isEqualTo(Verdict.COMPRESSION_BOMB);
    }

    @Test
    void a_cpi_that_is_not_the_members_is_refused() {
        Said comp = bed.add(StackBed.comp(), StackBed.WEST, StackBed.EAST);
        Said esp = esp();
        byte[] sealed = bed.protect(compressed(comp.spi() + 1, deflate(new byte[500])));
        bed.group(comp, esp).with(PEEL);
        assertThat(bed.verdict(sealed)).isEqualTo(Verdict.WRONG_CPI);
    }

    @Test
    void what_claims_to_be_an_ip_packet_inside_must_be_one() {
        Said tunnel = bed.add(StackBed.tunnel(), StackBed.WEST, StackBed.EAST);
        Said esp = esp();
        byte[] liar = bed.protect(clear(IpProtocol.IPV4, new byte[40]));
        byte[] cut = bed.protect(clear(IpProtocol.IPV4, Arrays.copyOf(Clear.udp(100), 60)));
        bed.restart().group(tunnel, esp).policyAll(tunnel).with(PEEL);
        assertThat(bed.verdict(liar)).isEqualTo(Verdict.NOT_IP);
        assertThat(bed.verdict(cut)).isEqualTo(Verdict.BAD_LENGTH);
    }

    @Test
    void transport_mode_behind_a_nat_goes_to_the_peer_and_mends_checksums() {
        var nat = new NatTraversal(NatTraversal.Kind.NONESP, 4500, 4500);
        Said esp = bed.add(StackBed.esp("null-sha256", nat), IpAddress.ANY_V4, StackBed.EAST);
        bed.erouteAll(esp);
        byte[] sealed = bed.protect(Clear.udp(30));
        assertThat(StackBed.EAST.isAt(new Octets(sealed), 16)).isTrue();
        byte[] peeled = bed.with(PEEL).one(sealed).octets();
        byte[] expected = Clear.udp(StackBed.WEST_HOST, StackBed.EAST, 1000, 2000, 30);
        assertThat(peeled).isEqualTo(expected);
        assertThat(IpHeader.packetLength(new Octets(peeled), 0)).isEqualTo(58);
    }
}
