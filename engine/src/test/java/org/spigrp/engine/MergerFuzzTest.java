package org.spigrp.engine;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.spigrp.wire.Packet;

/**
 * Segments that could be joined, with any octets changed and any end cut off: no exception, and whatever is joined is
 * cut into the same packets again.
 *
 * <pre>
 *   kind 1 | n × (packet 1 | position 1 | value 1), position 255: cut to the length that the value says
 * </pre>
 */
class MergerFuzzTest {
    private final Merger merger = new Merger(true);
    private final Segments segments = new Segments();
    private final Packet packet = new Packet(Packet.DEFAULT_CAPACITY, Packet.DEFAULT_HEADROOM);

    @FuzzTest(maxDuration = "5s")
    void any_changes(byte[] data) {
        if (data.length == 0) {
            return;
        }
        SuperPacket whole = SuperPacket.plain(data[0] & 3, 100, 380, new Random(data[0]));
        List<byte[]> packets = new ArrayList<>(whole.cut());
        for (int i = 1; i + 3 <= data.length; i += 3) {
            int which = (data[i] & 0xff) % packets.size();
            int at = data[i + 1] & 0xff;
            byte[] octets = packets.get(which);
            if (at == 0xff) {
                packets.set(which, Arrays.copyOf(octets, Math.min(octets.length, data[i + 2] & 0xff)));
            } else if (at < octets.length) {
                octets[at] = data[i + 2];
            }
        }
        Packet[] batch = packets.stream().map(TestPackets::packet).toArray(Packet[]::new);
        for (int i = 0; i < batch.length; ) {
            int count = merger.merge(batch, i, batch.length);
            if (count > 1) {
                segments.begin(
                        merger.octets(),
                        merger.start(),
                        merger.length(),
                        merger.gsoType(),
                        merger.gsoSize(),
                        merger.headerLength(),
                        true,
                        merger.csumStart(),
                        merger.csumOffset());
                for (int k = 0; k < count; k++) {
                    if (!segments.next(packet)
                            || !Arrays.equals(essence(packet.toBytes()), essence(packets.get(i + k)))) {
                        throw new AssertionError("packet " + (i + k) + " is another when joined and cut");
                    }
                }
            }
            i += count;
        }
    }

    /** What must stay: with DF the identification means nothing (RFC 6864 4.1), and both zeros of a checksum are one. */
    private static byte[] essence(byte[] octets) {
        boolean v4 = octets[0] >>> 4 == 4;
        if (v4) {
            zero(octets, 10, (octets[6] & 0x40) != 0);
            zero(octets, 4, (octets[6] & 0x40) != 0);
        }
        int upper = v4 ? 20 : 40;
        zero(octets, upper + (octets[v4 ? 9 : 6] == 6 ? 16 : 6), false);
        return octets;
    }

    private static void zero(byte[] octets, int at, boolean always) {
        if (always || (octets[at] == -1 && octets[at + 1] == -1)) {
            octets[at] = 0;
            octets[at + 1] = 0;
        }
    }
}
