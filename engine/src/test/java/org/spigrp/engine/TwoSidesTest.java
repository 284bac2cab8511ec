package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.sa.Direction;
import org.spigrp.sa.Group;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.Said;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Shunt;
import org.spigrp.wire.Checksum;
import org.spigrp.wire.Family;
import org.spigrp.wire.IcmpHeader;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Prefix;
import org.spigrp.wire.Verdict;

/** The engine of a live stack: what comes from the host and what comes from the wire, ICMP errors, and changes under way. */
class TwoSidesTest {
    private static final IpAddress ROUTER = IpAddress.v4(0xcb007101);
    private static final Prefix WEST_NET = new Prefix(IpAddress.v4(0x0a010000), 16);
    private static final Prefix EAST_NET = new Prefix(IpAddress.v4(0x0a020000), 16);
    private static final Selector EASTWARD = Selector.between(WEST_NET, EAST_NET);
    private static final Selector WESTWARD = Selector.between(EAST_NET, WEST_NET);

    private final StackBed bed = new StackBed();
    private final Said tunnel = bed.add(StackBed.tunnel(), StackBed.WEST, StackBed.EAST);
    private final Said esp = bed.add(StackBed.esp("aes128-sha256"), StackBed.WEST, StackBed.EAST);

    private TwoSidesTest grouped() {
        bed.group(tunnel, esp).eroute(EASTWARD, tunnel).policy(tunnel, EASTWARD);
        return this;
    }

    private static byte[] toEast(int payload) {
        return Clear.udp(StackBed.WEST_HOST, StackBed.EAST_HOST, 7, 9, payload);
    }

    private List<StackBed.Event> side(boolean clear, byte[]... packets) {
        int before = bed.events.size();
        var batch = new Packet[packets.length];
        for (int i = 0; i < batch.length; i++) {
            batch[i] = Packet.of(packets[i]);
        }
        if (clear) {
            bed.engine().protect(batch, batch.length, 1500, bed.sink);
        } else {
            bed.engine().peel(batch, batch.length, bed.sink);
        }
        return List.copyOf(bed.events.subList(before, bed.events.size()));
    }

    private StackBed.Event clear(byte[] packet) {
        return side(true, packet).getFirst();
    }

    private StackBed.Event wire(byte[] packet) {
        return side(false, packet).getFirst();
    }

    @Test
    void what_was_protected_is_peeled_by_the_other_side_only() {
        grouped();
        StackBed.Event sent = clear(toEast(100));
        assertThat(sent.verdict()).isEqualTo(Verdict.PROTECTED);
        assertThat(wire(toEast(100)).verdict()).as("the wire asks no eroute").isEqualTo(Verdict.CLEAR_BUT_PROTECTED);
        StackBed.Event back = wire(sent.octets());
        assertThat(back.verdict()).isEqualTo(Verdict.PEELED);
        assertThat(back.octets()).isEqualTo(toEast(100));
    }

    @Test
    void an_outer_packet_that_comes_back_from_the_host_is_a_loop() {
        grouped();
        bed.eroute(StackBed.all(Family.INET), tunnel);
        bed.engine().local(Set.of(StackBed.WEST));
        byte[] outer = clear(toEast(100)).octets();
        StackBed.Event again = clear(outer);
        assertThat(again.verdict()).isEqualTo(Verdict.LOOP);
        assertThat(again.layer()).isEqualTo(1);
    }

    @Test
    void what_the_wire_brings_for_nobody_is_named() {
        grouped();
        Said natted = bed.add(
                StackBed.esp("aes128gcm16", new NatTraversal(NatTraversal.Kind.NONESP, 4500, 4500)),
                StackBed.EAST,
                StackBed.WEST);
        byte[] strange = clear(toEast(100)).octets();
        new Octets(strange).putU32(20, 0x7777);
        assertThat(wire(strange).verdict()).isEqualTo(Verdict.NO_SA);
        byte[] ike = Clear.udp(StackBed.EAST, natted.destination(), 4500, 4500, new byte[40]);
        new Octets(ike).putU32(32, 0x01020304);
        assertThat(wire(ike).verdict()).as("four zero octets: IKE").isEqualTo(Verdict.NOT_ESP);
        byte[] unknown = Clear.udp(StackBed.EAST, natted.destination(), 4500, 4500, new byte[40]);
        new Octets(unknown).putU32(28, 0x9999);
        assertThat(wire(unknown).verdict()).as("an SPI that nobody has").isEqualTo(Verdict.NO_SA);
    }

    @Test
    void fragments_from_the_wire_that_nobody_waits_for_are_named_too() {
        grouped();
        byte[] datagram = toEast(2000);
        assertThat(side(false, Clear.fragment(datagram, 7, 800, 1600, true), Clear.fragment(datagram, 8, 0, 800, true)))
                .extracting(StackBed.Event::verdict)
                .containsOnly(Verdict.CLEAR_BUT_PROTECTED);
    }

    @Test
    void a_bare_tunnel_packet_that_should_have_come_protected_counts_on_the_tunnel() {
        grouped();
        byte[] inner = toEast(60);
        byte[] outer = Clear.ip(StackBed.WEST, StackBed.EAST, IpProtocol.IPV4, inner.length);
        System.arraycopy(inner, 0, outer, 20, inner.length);
        assertThat(wire(outer).verdict()).isEqualTo(Verdict.CLEAR_BUT_PROTECTED);
        Map<Verdict, Long> counts = new HashMap<>();
        bed.engine().forEachUse((said, use) -> {
            if (said.equals(tunnel)) {
                counts.putAll(use.in());
            }
        });
        assertThat(counts).containsEntry(Verdict.CLEAR_BUT_PROTECTED, 1L);
    }

    // ICMP

    private static byte[] unreachable(IpAddress from, IpAddress to, byte[] about, int quote, int mtu) {
        byte[] icmp = Clear.ip(from, to, IpProtocol.ICMP, IcmpHeader.LENGTH + quote);
        var octets = new Octets(icmp);
        IcmpHeader.type(octets, 20, IcmpHeader.V4_UNREACHABLE);
        IcmpHeader.code(octets, 20, mtu == 0 ? 1 : IcmpHeader.V4_FRAGMENTATION_NEEDED);
        IcmpHeader.checksum(octets, 20, 0);
        IcmpHeader.rest(octets, 20, mtu);
        octets.put(28, about, 0, quote);
        IcmpHeader.checksum(octets, 20, Checksum.of(octets, 20, IcmpHeader.LENGTH + quote));
        return icmp;
    }

    private List<Said> learn(byte[] about, int quote, int mtu) {
        return bed.engine().pathError(Packet.of(unreachable(ROUTER, StackBed.WEST, about, quote, mtu)));
    }

    @Test
    void a_router_is_believed_about_a_packet_that_was_sent_just_now() {
        grouped();
        byte[] outer = clear(toEast(1000)).octets();
        assertThat(learn(outer, 28, 1300)).containsExactly(tunnel, esp);
        assertThat(bed.engine().pathMtu(tunnel)).isEqualTo(1300);
        assertThat(learn(outer, 28, 1400)).as("only time raises it").isEmpty();
        assertThat(learn(outer, 28, 100)).isNotEmpty();
        assertThat(bed.engine().pathMtu(tunnel)).as("the floor").isEqualTo(576);
        bed.now = bed.now.plusSeconds(601);
        assertThat(bed.engine().pathMtu(tunnel)).as("ten minutes on").isIn(0, 576);
        clear(toEast(10));
        assertThat(bed.engine().pathMtu(tunnel)).isZero();
    }

    /** The group's program, which flows go by, has it from the group. */
    @Test
    void what_the_path_takes_holds_for_the_next_packet_of_a_known_flow_and_in_another_group() {
        grouped();
        byte[] outer = clear(toEast(1000)).octets();
        assertThat(side(true, toEast(1000))).hasSize(1);
        learn(outer, 28, 700);
        assertThat(side(true, toEast(1000))).hasSize(2).allMatch(event -> event.octets().length <= 700);
        bed.tables.removeGroup(tunnel);
        bed.engine().refresh(Set.of(tunnel, esp), Set.of());
        bed.tables.putGroup(new Group(List.of(tunnel, esp), "again"));
        bed.engine().refresh(Set.of(tunnel, esp), Set.of());
        assertThat(side(true, toEast(1000))).hasSize(2).allMatch(event -> event.octets().length <= 700);
        assertThat(side(true, toEast(1000))).hasSize(2);
        bed.now = bed.now.plusSeconds(601);
        assertThat(side(true, toEast(1000))).as("ten minutes on").hasSize(1);
    }

    @Test
    void forged_errors_change_nothing() {
        grouped();
        byte[] outer = clear(toEast(1000)).octets();
        byte[] otherSpi = outer.clone();
        new Octets(otherSpi).putU32(20, 0x7777);
        byte[] future = outer.clone();
        new Octets(future).putU32(24, 1000);
        byte[] otherSource = outer.clone();
        ROUTER.write(new Octets(otherSource), Ipv4Header.SOURCE);
        assertThat(learn(otherSpi, 28, 1300)).isEmpty();
        assertThat(learn(future, 28, 1300)).as("a number that was never sent").isEmpty();
        assertThat(learn(otherSource, 28, 1300)).isEmpty();
        assertThat(learn(outer, 24, 1300))
                .as("a quote that ends before the number")
                .isEmpty();
        assertThat(learn(outer, 28, 0)).as("another kind of error").isEmpty();
        assertThat(learn(toEast(100), 28, 1300)).as("about clear text").isEmpty();
        assertThat(bed.engine().pathMtu(tunnel)).isZero();
    }

    @Test
    void any_octets_at_all_may_be_an_error() {
        grouped();
        byte[] outer = clear(toEast(100)).octets();
        long seed = 20261124;
        var random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] icmp = unreachable(ROUTER, StackBed.WEST, outer, 28, 1300);
            for (int changes = random.nextInt(4); changes >= 0; changes--) {
                icmp[random.nextInt(icmp.length)] = (byte) random.nextInt();
            }
            bed.engine().pathError(Packet.of(Arrays.copyOf(icmp, random.nextInt(icmp.length + 1))));
        }
        assertThat(bed.engine().pathMtu(tunnel))
                .as("seed %d", seed)
                .isIn(0, 576, 1300)
                .isNotNegative();
    }

    @Test
    void an_inner_error_goes_the_way_of_the_packet_that_it_quotes() {
        grouped();
        byte[] fromEast = Clear.udp(StackBed.EAST_HOST, StackBed.WEST_HOST, 9, 7, 100);
        byte[] error = unreachable(ROUTER, StackBed.EAST_HOST, fromEast, 28, 1300);
        StackBed.Event sent = clear(error);
        assertThat(sent.verdict()).as("its own addresses are in no eroute").isEqualTo(Verdict.PROTECTED);
        StackBed.Event got = wire(sent.octets());
        assertThat(got.verdict()).isEqualTo(Verdict.PEELED);
        assertThat(got.octets()).isEqualTo(error);
        byte[] strange = Clear.udp(ROUTER, StackBed.WEST_HOST, 9, 7, 100);
        assertThat(clear(unreachable(ROUTER, ROUTER, strange, 28, 0)).verdict())
                .as("what it quotes never went here")
                .isIn(Verdict.PASSED, Verdict.NO_EROUTE);
    }

    // Peers that move

    private record Natted(Said out, List<byte[]> sent) {}

    /**
     * ESP in UDP each way. Returns the ESP SA that goes out, and four packets of the peer.
     *
     * @param source of the tunnel that comes in
     */
    private Natted natted(IpAddress source) {
        var nat = new NatTraversal(NatTraversal.Kind.NONESP, 4500, 4500);
        bed.direction = Direction.IN;
        Said tunIn = bed.add(StackBed.tunnel(), 0x3000, source, StackBed.WEST);
        Said espIn = bed.add(StackBed.esp("aes128gcm16", nat), 0x3001, IpAddress.ANY_V4, StackBed.WEST);
        bed.direction = Direction.OUT;
        Said tunOut = bed.add(StackBed.tunnel(), 0x4000, StackBed.WEST, StackBed.EAST);
        Said espOut = bed.add(StackBed.esp("aes128-sha256", nat), 0x4001, StackBed.WEST, StackBed.EAST);
        bed.group(tunIn, espIn).group(tunOut, espOut).policy(tunIn, WESTWARD).eroute(EASTWARD, tunOut);
        var peer = new StackBed();
        Said tunPeer = peer.add(StackBed.tunnel(), 0x3000, StackBed.EAST, StackBed.WEST);
        Said espPeer = peer.add(StackBed.esp("aes128gcm16", nat), 0x3001, StackBed.EAST, StackBed.WEST);
        peer.group(tunPeer, espPeer).erouteAll(tunPeer);
        byte[] fromPeer = Clear.udp(StackBed.EAST_HOST, StackBed.WEST_HOST, 9, 7, 100);
        return new Natted(espOut, peer.protect(Collections.nCopies(4, fromPeer)));
    }

    /** Fills with what is said of peers that move. */
    private List<String> news() {
        var news = new ArrayList<String>();
        bed.engine().watch(new EngineWatch() {
            @Override
            public void peerMoved(Said outbound, IpAddress address, int port) {
                news.add(outbound + " " + address + " " + port);
            }
        });
        return news;
    }

    @Test
    void the_answer_follows_the_newest_good_packet() {
        Natted natted = natted(IpAddress.ANY_V4);
        List<String> news = news();
        assertThat(destination(clear(toEast(10)).octets())).isEqualTo(StackBed.EAST);
        assertThat(wire(moved(natted.sent.get(1), ROUTER, 1111)).verdict()).isEqualTo(Verdict.PEELED);
        byte[] answer = clear(toEast(10)).octets();
        assertThat(destination(answer)).isEqualTo(ROUTER);
        assertThat(new Octets(answer).u16(22)).isEqualTo(1111);
        assertThat(Checksum.of(new Octets(answer), 0, 20))
                .as("the header's checksum holds")
                .isZero();
        assertThat(wire(moved(natted.sent.get(0), StackBed.EAST, 2222)).verdict())
                .isEqualTo(Verdict.PEELED);
        assertThat(destination(clear(toEast(10)).octets()))
                .as("an older packet leads nowhere")
                .isEqualTo(ROUTER);
        byte[] forged = moved(natted.sent.get(2), StackBed.EAST, 3333);
        forged[60] ^= 1;
        assertThat(wire(forged).verdict()).isEqualTo(Verdict.BAD_ICV);
        assertThat(destination(clear(toEast(10)).octets()))
                .as("nor does a forged one")
                .isEqualTo(ROUTER);
        assertThat(wire(moved(natted.sent.get(3), ROUTER, 3333)).verdict()).isEqualTo(Verdict.PEELED);
        assertThat(news)
                .as("another port is news as well")
                .containsExactly(natted.out + " " + ROUTER + " 1111", natted.out + " " + ROUTER + " 3333");
    }

    @ParameterizedTest
    @ValueSource(ints = {4500, 1111})
    void the_first_packet_is_news_where_its_port_alone_is_another(int port) {
        Natted natted = natted(StackBed.EAST);
        List<String> news = news();
        assertThat(wire(moved(natted.sent.getFirst(), StackBed.EAST, port)).verdict())
                .isEqualTo(Verdict.PEELED);
        if (port == 4500) {
            assertThat(news).as("it is where it was believed to be").isEmpty();
        } else {
            assertThat(news).containsExactly(natted.out + " " + StackBed.EAST + " 1111");
        }
    }

    private static IpAddress destination(byte[] packet) {
        return IpAddress.v4(new Octets(packet).u32(Ipv4Header.DESTINATION));
    }

    private static byte[] moved(byte[] packet, IpAddress source, int port) {
        byte[] copy = packet.clone();
        var octets = new Octets(copy);
        source.write(octets, Ipv4Header.SOURCE);
        octets.putU16(20, port);
        Ipv4Header.updateChecksum(octets, 0);
        return copy;
    }

    // Changes under way

    @Test
    void a_window_and_a_number_outlive_another_group() {
        grouped();
        byte[] outer = clear(toEast(100)).octets();
        assertThat(wire(outer).verdict()).isEqualTo(Verdict.PEELED);
        bed.tables.removeGroup(tunnel);
        bed.engine().refresh(Set.of(tunnel, esp), Set.of());
        bed.tables.putGroup(new Group(List.of(tunnel, esp), "again"));
        bed.engine().refresh(Set.of(tunnel, esp), Set.of());
        assertThat(wire(outer).verdict()).isEqualTo(Verdict.REPLAYED);
        assertThat(new Octets(clear(toEast(100)).octets()).u32(24)).isEqualTo(2);
        bed.tables.removeSa(esp);
        bed.tables.removeGroup(tunnel);
        bed.engine().refresh(Set.of(tunnel, esp), Set.of());
        assertThat(wire(outer).verdict()).isEqualTo(Verdict.NO_SA);
    }

    @Test
    void eroutes_change_in_place_and_keep_the_counts_of_others() {
        grouped();
        var other = Selector.between(WEST_NET, WEST_NET);
        bed.eroute(other, Shunt.DROP);
        bed.engine().refresh(Set.of(), Set.of(other));
        clear(toEast(10));
        assertThat(clear(Clear.udp(StackBed.WEST_HOST, StackBed.WEST_HOST, 1, 2, 8))
                        .verdict())
                .isEqualTo(Verdict.DROPPED_BY_SHUNT);
        bed.eroute(other, Shunt.PASS);
        bed.engine().refresh(Set.of(), Set.of(other));
        assertThat(clear(Clear.udp(StackBed.WEST_HOST, StackBed.WEST_HOST, 1, 2, 8))
                        .verdict())
                .isEqualTo(Verdict.PASSED_BY_SHUNT);
        Map<Selector, Long> counts = new HashMap<>();
        bed.engine().forEachErouteUse((selector, use) -> counts.put(selector, use.packets()));
        assertThat(counts).containsEntry(EASTWARD, 1L).containsEntry(other, 1L);
    }

    /** The table against a HashMap, with keys that collide. */
    @Test
    void a_key_table_forgets_what_is_removed_and_nothing_else() {
        long seed = 7;
        var random = new Random(seed);
        var table = new KeyTable<Integer>();
        var twin = new HashMap<Long, Integer>();
        for (int i = 0; i < 200_000; i++) {
            long key = random.nextInt(300);
            if (random.nextInt(3) == 0) {
                table.remove(key, 0, key);
                twin.remove(key);
            } else {
                table.put(key, 0, key, i);
                twin.put(key, i);
            }
            long asked = random.nextInt(300);
            assertThat(table.get(asked, 0, asked))
                    .as("seed %d, step %d", seed, i)
                    .isEqualTo(twin.get(asked));
        }
        assertThat(table.size()).isEqualTo(twin.size());
    }
}
