package org.spigrp.engine;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.List;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.Transform;
import org.spigrp.sa.Transform.CompThreshold;
import org.spigrp.wire.IpHeader;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

/**
 * Any octets as a packet, for every layer in both directions, and every ICV taken for good: what comes out has lengths
 * that fit, or a verdict.
 */
class LayerFuzzTest {
    private static final List<Transform> TRANSFORMS = List.of(
            LayerBed.esp("aes128gcm16"),
            LayerBed.esp("aes128"),
            LayerBed.esp("null-sha1"),
            LayerBed.esp("aes128-sha256", new NatTraversal(NatTraversal.Kind.NONESP, 4500, 4500)),
            LayerBed.esp("3des-md5", new NatTraversal(NatTraversal.Kind.NONIKE, 500, 500)),
            LayerBed.ah("hmac-sha1-96", 0),
            LayerBed.ah("aes128gmac", 8),
            LayerBed.comp(CompThreshold.KLIPS),
            LayerBed.comp(CompThreshold.LINUX),
            LayerBed.tunnel());
    private static final List<LayerBed> BEDS =
            TRANSFORMS.stream().map(LayerFuzzTest::bed).toList();

    private static LayerBed bed(Transform transform) {
        var bed = new LayerBed(new ToyCrypto(true), EngineSeams.NONE, 1);
        bed.windowBits = 0;
        return bed.add(transform);
    }

    @FuzzTest(maxDuration = "10s")
    void any_octets(byte[] data) {
        if (data.length == 0) {
            return;
        }
        byte[] octets = Arrays.copyOfRange(data, 1, data.length);
        LayerBed bed = BEDS.get((data[0] & 0xff) % BEDS.size());
        var peeled = Packet.of(octets);
        Verdict verdict = bed.peelOne(bed.layers().getFirst(), peeled);
        check(verdict, peeled);
        var wrapped = Packet.of(octets);
        check(bed.protect(wrapped), wrapped);
    }

    private static void check(Verdict verdict, Packet packet) {
        if (verdict == Verdict.NONE
                && (IpHeader.check(packet, 0) != Verdict.NONE || IpHeader.packetLength(packet, 0) != packet.length())) {
            throw new AssertionError("a packet whose lengths do not fit went on");
        }
    }
}
