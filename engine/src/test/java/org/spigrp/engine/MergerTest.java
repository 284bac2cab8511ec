package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.spigrp.wire.Checksum;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpHeader;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

class MergerTest {
    private static final int TCP4 = 0;
    private static final int UDP4 = 1;
    private static final int TCP6 = 2;
    private static final int UDP6 = 3;

    private final Merger merger = new Merger(true);

    private static Packet[] batch(List<byte[]> octets) {
        return octets.stream().map(TestPackets::packet).toArray(Packet[]::new);
    }

    private byte[] merged() {
        return Arrays.copyOfRange(merger.octets(), merger.start(), merger.start() + merger.length());
    }

    /** Four segments of 100 octets that can be joined, without PSH and FIN. */
    private static List<byte[]> four(int kind) {
        SuperPacket whole = SuperPacket.plain(kind, 100, 400, new Random(kind + 7));
        if (whole.tcp()) {
            whole.octets()[whole.ip() + 13] = 0x10;
        }
        return new ArrayList<>(whole.cut());
    }

    private int merge(List<byte[]> octets) {
        return merger.merge(batch(octets), 0, octets.size());
    }

    @Test
    void segments_of_a_super_packet_become_it_again() {
        for (int seed = 0; seed < 400; seed++) {
            var random = new Random(seed);
            int size = 1 + random.nextInt(1400);
            SuperPacket whole = SuperPacket.plain(seed % 4, size, size + 1 + random.nextInt(size * 8), random);
            List<byte[]> cut = whole.cut();
            assertThat(merge(cut)).as("seed " + seed).isEqualTo(cut.size());
            byte[] expected = whole.octets().clone();
            if (seed % 4 < 2) {
                Ipv4Header.updateChecksum(new Octets(expected), 0);
            }
            assertThat(merged()).as("seed " + seed).isEqualTo(expected);
            assertThat(merger.gsoType()).isEqualTo(whole.gsoType());
            assertThat(merger.gsoSize()).isEqualTo(whole.gsoSize());
            assertThat(merger.headerLength()).isEqualTo(whole.ip() + whole.upper());
            assertThat(merger.csumStart()).isEqualTo(whole.ip());
            assertThat(merger.csumOffset()).isEqualTo(whole.checksumOffset());
            assertThat(merger.start()).isEqualTo(Merger.HEADROOM);
        }
    }

    /** Streams one after another, cut in odd places, with others and damaged packets between them. */
    @Test
    void what_was_joined_is_cut_into_the_same_packets() {
        int joined = 0;
        for (int seed = 0; seed < 200; seed++) {
            var random = new Random(seed);
            List<byte[]> stream = new ArrayList<>();
            while (stream.size() < 60) {
                int size = 1 + random.nextInt(1400);
                List<byte[]> cut = SuperPacket.plain(random.nextInt(4), size, 1 + random.nextInt(size * 8), random)
                        .cut();
                for (byte[] packet : cut) {
                    switch (random.nextInt(12)) {
                        case 0 -> stream.add(Clear.changed(packet, random.nextInt(packet.length)));
                        case 1 -> stream.add(Clear.udp(random.nextInt(100)));
                        case 2 -> {} // lost
                        default -> stream.add(packet);
                    }
                }
            }
            Packet[] batch = batch(stream);
            List<byte[]> out = new ArrayList<>();
            for (int i = 0; i < batch.length; ) {
                int count = merger.merge(batch, i, batch.length);
                out.addAll(count == 1 ? List.of(batch[i].toBytes()) : cut());
                joined += count - 1;
                i += count;
            }
            assertThat(out).as("seed " + seed).hasSameSizeAs(stream);
            for (int i = 0; i < out.size(); i++) {
                assertThat(out.get(i)).as("seed %d, packet %d", seed, i).isEqualTo(stream.get(i));
            }
        }
        assertThat(joined).isGreaterThan(4000);
    }

    private List<byte[]> cut() {
        var segments = new Segments();
        Verdict verdict = segments.begin(
                merger.octets(),
                merger.start(),
                merger.length(),
                merger.gsoType(),
                merger.gsoSize(),
                merger.headerLength(),
                true,
                merger.csumStart(),
                merger.csumOffset());
        assertThat(verdict).isEqualTo(Verdict.NONE);
        List<byte[]> cut = new ArrayList<>();
        var packet = new Packet(Packet.DEFAULT_CAPACITY, Packet.DEFAULT_HEADROOM);
        while (segments.next(packet)) {
            cut.add(packet.toBytes());
        }
        return cut;
    }

    @Test
    void a_super_packet_stays_below_64_KiB() {
        List<byte[]> stream = new ArrayList<>(four(TCP4));
        int size = stream.getFirst().length - 20 - (stream.getFirst()[32] >>> 4 & 0xf) * 4;
        while (stream.size() < 1000) {
            byte[] next = stream.getLast().clone();
            var octets = new Octets(next);
            octets.putU16(4, octets.u16(4) + 1);
            octets.putU32(24, octets.u32(24) + size);
            stream.add(mend(next));
        }
        int count = merge(stream);
        assertThat(merger.length()).isLessThanOrEqualTo(65_535).isGreaterThan(65_535 - size);
        assertThat(count).isEqualTo((merger.length() - merger.headerLength()) / size);
    }

    private static byte[] mend(byte[] packet) {
        var octets = new Octets(packet);
        boolean v4 = packet[0] >>> 4 == 4;
        Family family = v4 ? Family.INET : Family.INET6;
        int upper = v4 ? (packet[0] & 0xf) * 4 : 40;
        Checksum.mendUpper(
                octets,
                family,
                IpHeader.sourceAt(family, 0),
                IpHeader.destinationAt(family, 0),
                packet[v4 ? 9 : 6],
                upper,
                packet.length - upper);
        if (v4) {
            Ipv4Header.updateChecksum(octets, 0);
        }
        return packet;
    }

    private static UnaryOperator<byte[]> xor(int at, int bits) {
        return packet -> {
            packet[at] ^= (byte) bits;
            return mend(packet);
        };
    }

    private static UnaryOperator<byte[]> longer(int by) {
        return packet -> {
            byte[] longer = Arrays.copyOf(packet, packet.length + by);
            var octets = new Octets(longer);
            if (packet[0] >>> 4 == 4) {
                octets.putU16(2, longer.length);
            } else {
                octets.putU16(4, longer.length - 40);
            }
            return mend(longer);
        };
    }

    private void assertAlone(int kind, Map<String, UnaryOperator<byte[]>> changes) {
        assertThat(merge(four(kind))).as("unchanged").isEqualTo(4);
        changes.forEach((why, change) -> {
            for (int which = 1; which < 4; which++) {
                List<byte[]> packets = four(kind);
                packets.set(which, change.apply(packets.get(which)));
                assertThat(merge(packets)).as("%s in packet %d", why, which).isEqualTo(which);
            }
        });
    }

    @Test
    void tcp_over_ipv4_that_differs_is_not_joined() {
        Map<String, UnaryOperator<byte[]>> changes = new LinkedHashMap<>();
        changes.put("traffic class", xor(1, 1));
        changes.put("identification", xor(5, 0x10));
        changes.put("DF", xor(6, 0x40));
        changes.put("more fragments", xor(6, 0x20));
        changes.put("TTL", xor(8, 1));
        changes.put("protocol", xor(9, 6 ^ 132));
        changes.put("source", xor(15, 1));
        changes.put("destination", xor(16, 1));
        changes.put("source port", xor(21, 1));
        changes.put("destination port", xor(22, 1));
        changes.put("sequence number", xor(27, 1));
        changes.put("acknowledgment", xor(31, 1));
        changes.put("data offset", xor(32, 0x10));
        changes.put("reserved bit", xor(32, 1));
        changes.put("CWR", xor(33, 0x80));
        changes.put("ECE", xor(33, 0x40));
        changes.put("URG", xor(33, 0x20));
        changes.put("no ACK", xor(33, 0x10));
        changes.put("RST", xor(33, 0x04));
        changes.put("SYN", xor(33, 0x02));
        changes.put("window", xor(35, 1));
        changes.put("urgent pointer", xor(39, 1));
        changes.put("option", xor(41, 1));
        changes.put("longer than the first", longer(1));
        changes.put("no payload", longer(-100));
        changes.put("octets behind the packet", packet -> Arrays.copyOf(packet, packet.length + 1));
        changes.put("bad checksum", packet -> Clear.changed(packet, -1));
        changes.put("bad header checksum", packet -> Clear.changed(packet, 10));
        changes.put("not IP", packet -> new byte[packet.length]);
        changes.put("nothing", _ -> new byte[0]);
        assertThat((four(TCP4).getFirst()[32] >>> 4 & 0xf) * 4)
                .as("there are options")
                .isGreaterThan(24);
        assertAlone(TCP4, changes);
    }

    @Test
    void tcp_over_ipv6_that_differs_is_not_joined() {
        Map<String, UnaryOperator<byte[]>> changes = new LinkedHashMap<>();
        changes.put("traffic class", xor(0, 1));
        changes.put("flow label", xor(3, 1));
        changes.put("next header", xor(6, 6 ^ 132));
        changes.put("hop limit", xor(7, 1));
        changes.put("source", xor(8, 1));
        changes.put("destination", xor(39, 1));
        changes.put("port", xor(40, 1));
        changes.put("bad checksum", packet -> Clear.changed(packet, 70));
        changes.put("IPv4", _ -> four(TCP4).get(1));
        changes.put("fragment header", packet -> Clear.fragment(packet, 1, 0, packet.length - 40, false));
        assertAlone(TCP6, changes);
    }

    @Test
    void udp_that_differs_is_not_joined() {
        for (int kind : new int[] {UDP4, UDP6}) {
            int upper = kind == UDP4 ? 20 : 40;
            Map<String, UnaryOperator<byte[]>> changes = new LinkedHashMap<>();
            changes.put("port", xor(upper, 1));
            changes.put("length field", xor(upper + 5, 1));
            changes.put("bad checksum", packet -> Clear.changed(packet, -1));
            changes.put("longer", packet -> {
                packet[upper + 5]++;
                return longer(1).apply(packet);
            });
            changes.put("no checksum", packet -> {
                packet[upper + 6] = 0;
                packet[upper + 7] = 0;
                return packet;
            });
            assertAlone(kind, changes);
        }
    }

    @Test
    void udp_is_joined_only_where_it_is_wanted() {
        List<byte[]> packets = four(UDP4);
        assertThat(new Merger(false).merge(batch(packets), 0, 4)).isEqualTo(1);
        assertThat(new Merger(false).merge(batch(four(TCP4)), 0, 4)).isEqualTo(4);
    }

    @Test
    void no_more_datagrams_are_joined_than_the_kernel_joins() {
        List<byte[]> packets = SuperPacket.plain(UDP6, 10, 1000, new Random(3)).cut();
        assertThat(merge(packets)).isEqualTo(Merger.MAX_DATAGRAMS);
    }

    @Test
    void a_first_packet_that_is_wrong_goes_alone() {
        for (int kind = 0; kind < 4; kind++) {
            List<byte[]> packets = four(kind);
            packets.set(0, Clear.changed(packets.getFirst(), -1));
            assertThat(merge(packets)).as("kind " + kind).isEqualTo(1);
        }
        for (int flag : new int[] {0x01, 0x02, 0x04, 0x08, 0x20, 0x80, 0x10}) {
            List<byte[]> packets = four(TCP4);
            packets.replaceAll(packet -> xor(33, flag).apply(packet));
            assertThat(merge(packets)).as("flags ^ %#x", flag).isEqualTo(1);
        }
        List<byte[]> optioned = four(TCP4);
        optioned.replaceAll(MergerTest::withIpOption);
        assertThat(merge(optioned)).as("IP options").isEqualTo(1);
    }

    private static byte[] withIpOption(byte[] packet) {
        byte[] longer = new byte[packet.length + 4];
        System.arraycopy(packet, 0, longer, 0, 20);
        Arrays.fill(longer, 20, 24, (byte) 1); // no operation
        System.arraycopy(packet, 20, longer, 24, packet.length - 20);
        longer[0] = 0x46;
        new Octets(longer).putU16(2, longer.length);
        return mend(longer);
    }

    @Test
    void a_shorter_packet_and_one_with_psh_or_fin_are_the_last() {
        for (int flag : new int[] {0x08, 0x01, 0x09}) {
            List<byte[]> packets = four(TCP4);
            packets.set(2, xor(33, flag).apply(packets.get(2)));
            assertThat(merge(packets)).isEqualTo(3);
            assertThat(merged()[33]).isEqualTo((byte) (0x10 | flag));
        }
        List<byte[]> packets = four(TCP6);
        packets.set(1, longer(-1).apply(packets.get(1)));
        assertThat(merge(packets)).isEqualTo(2);
    }

    @Test
    void with_df_the_identification_may_be_the_same_in_all() {
        for (boolean df : new boolean[] {true, false}) {
            List<byte[]> packets = four(TCP4);
            int id = new Octets(packets.getFirst()).u16(4);
            packets.replaceAll(packet -> {
                var octets = new Octets(packet);
                octets.putU16(4, id);
                Ipv4Header.dontFragment(octets, 0, df);
                return mend(packet);
            });
            assertThat(merge(packets)).as("DF " + df).isEqualTo(df ? 4 : 1);
        }
    }

    @Test
    void only_what_is_in_the_batch_is_looked_at() {
        Packet[] batch = batch(four(TCP4));
        assertThat(merger.merge(batch, 0, 1)).isEqualTo(1);
        assertThat(merger.merge(batch, 0, 3)).isEqualTo(3);
        assertThat(merger.merge(batch, 2, 4)).isEqualTo(2);
        assertThat(merger.merge(batch, 3, 4)).isEqualTo(1);
    }

    @Test
    void nothing_is_allocated_for_a_merge() {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Packet[][] batches = {batch(four(TCP4)), batch(four(UDP4)), batch(four(TCP6)), batch(four(UDP6))};
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 10 && least >= 1000; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 4000; i++) {
                if (merger.merge(batches[i & 3], 0, 4) != 4) {
                    throw new AssertionError("not joined");
                }
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).as("octets for 4000 merges").isLessThan(1000);
    }
}
