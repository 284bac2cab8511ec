package org.spigrp.engine;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.spigrp.wire.IpHeader;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

/**
 * Any octets as a packet of a TUN and what its virtio-net header says: no exception, and segments whose lengths fit.
 *
 * <pre>
 *   gso type 1 | gso size 2 | checksum wanted 1 | checksum start 2 | offset 1 | packet
 * </pre>
 */
class SegmentsFuzzTest {
    private static final int FRONT = 7;

    private final Segments segments = new Segments();
    private final Packet packet = new Packet(Packet.DEFAULT_CAPACITY, Packet.DEFAULT_HEADROOM);

    @FuzzTest(maxDuration = "5s")
    void any_octets(byte[] data) {
        if (data.length < FRONT) {
            return;
        }
        int size = (data[1] & 0xff) << 8 | (data[2] & 0xff);
        int from = (data[4] & 0xff) << 8 | (data[5] & 0xff);
        int length = data.length - FRONT;
        Verdict verdict =
                segments.begin(data, FRONT, length, data[0] & 0x87, size, 0, (data[3] & 1) != 0, from, data[6] & 0xff);
        int count = 0;
        while (segments.next(packet)) {
            count++;
            boolean cut = (data[0] & 7) != Segments.NO_GSO;
            if (cut
                    && (IpHeader.check(packet, 0) != Verdict.NONE
                            || IpHeader.packetLength(packet, 0) != packet.length())) {
                throw new AssertionError("a segment whose lengths do not fit");
            }
        }
        if ((verdict == Verdict.NONE) != (count > 0) || count > Math.max(1, length)) {
            throw new AssertionError(verdict + ", but " + count + " segments");
        }
    }
}
