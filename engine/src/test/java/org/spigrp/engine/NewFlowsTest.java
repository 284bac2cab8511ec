package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.engine.EngineOptions.Only;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.Said;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Selector.PortRange;
import org.spigrp.sa.Shunt;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Prefix;
import org.spigrp.wire.Verdict;

/**
 * The first packets of flows, which are not parsed where their eroute is all that need be asked for, among eroutes and
 * addresses of every kind; against a stack that goes by the layers, and so parses each.
 */
class NewFlowsTest {
    private static final NatTraversal NAT = new NatTraversal(NatTraversal.Kind.NONESP, 4500, 4500);
    private static final int FIRST_NET = 0x0a020000;
    private static final int NETS = 12;
    private static final int[] PORTS = {9, 500, 4500};

    private static final List<TrainsTest.Entrance> ENTRANCES = List.of(
            Engine::process, (engine, packets, count, sink) -> engine.protect(packets, count, 0, sink), Engine::peel);

    /** One eroute for each of some networks, now and then two, and for everything else half the time. */
    private static StackBed bed(long seed, boolean byLayers, int others) {
        var random = new Random(seed);
        var bed = new StackBed();
        bed.seams = new EngineSeams(null, _ -> 7, byLayers, false);
        Said plain = bed.add(StackBed.tunnel(), StackBed.WEST, StackBed.EAST);
        bed.group(plain, bed.add(StackBed.esp("aes128gcm16"), StackBed.WEST, StackBed.EAST));
        Said nat = bed.add(StackBed.tunnel(), StackBed.WEST, StackBed.EAST);
        bed.group(nat, bed.add(StackBed.esp("aes128gcm16", NAT), StackBed.WEST, StackBed.EAST));
        Said back = bed.add(StackBed.tunnel(), StackBed.EAST, StackBed.WEST);
        bed.group(back, bed.add(StackBed.esp("aes128gcm16", NAT), StackBed.EAST, StackBed.WEST));
        for (int i = 0; i < NETS; i++) {
            var net = new Prefix(IpAddress.v4(FIRST_NET + (i << 8)), 24 + random.nextInt(2));
            for (int n = random.nextInt(5); n < 6; n += 3) {
                var source = new Prefix(IpAddress.v4(0x0a010000 + (random.nextInt(2) << 16)), 16);
                boolean byPort = random.nextInt(3) == 0;
                PortRange ports = byPort ? PortRange.of(PORTS[random.nextInt(3)]) : PortRange.ANY;
                int protocol = byPort || random.nextInt(3) == 0 ? IpProtocol.UDP : Selector.ANY_PROTOCOL;
                var selector = new Selector(
                        random.nextBoolean() ? source : Prefix.all(Family.INET), net, protocol, PortRange.ANY, ports);
                switch (random.nextInt(5)) {
                    case 0 -> bed.eroute(selector, Shunt.PASS);
                    case 1 -> bed.eroute(selector, Shunt.DROP);
                    case 2 -> bed.eroute(selector, nat);
                    default -> bed.eroute(selector, plain);
                }
            }
        }
        if (random.nextBoolean()) {
            bed.eroute(StackBed.all(Family.INET), plain);
        }
        for (int i = 0; i < others; i++) {
            Prefix host = Prefix.host(IpAddress.v4(0x14000000 + i));
            bed.eroute(Selector.between(Prefix.all(Family.INET), host), Shunt.DROP);
        }
        Only only = List.of(Only.values()).get((int) (seed % Only.values().length));
        return bed.with(EngineOptions.DEFAULT.withLocal(Set.of(StackBed.WEST)).withOnly(only));
    }

    private static List<byte[]> traffic(Random random) {
        List<byte[]> packets = new ArrayList<>();
        for (int i = 0; i < 299; i++) {
            IpAddress source = switch (random.nextInt(4)) {
                case 0 -> StackBed.WEST;
                case 1 -> IpAddress.v4(0x0a020000 + random.nextInt(4));
                default -> IpAddress.v4(0x0a010000 + random.nextInt(4));
            };
            IpAddress destination = switch (random.nextInt(8)) {
                case 0 -> StackBed.WEST;
                case 1 -> StackBed.EAST;
                default -> IpAddress.v4(FIRST_NET + (random.nextInt(NETS) << 8) + random.nextInt(256));
            };
            byte[] packet = Clear.udp(
                    source, destination, PORTS[random.nextInt(3)], PORTS[random.nextInt(3)], random.nextInt(60));
            packets.add(random.nextInt(4) == 0 ? Clear.ip(source, destination, IpProtocol.TCP, 20) : packet);
        }
        packets.add(
                random.nextInt(packets.size()),
                Clear.udp(StackBed.EAST, StackBed.WEST, 4500, 4500, new byte[] {(byte) 0xff}));
        return packets;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10_000})
    void they_go_where_parsed_ones_go(int otherEroutes) {
        Set<Verdict> met = EnumSet.noneOf(Verdict.class);
        for (int seed = 0; seed < (otherEroutes == 0 ? 60 : 9); seed++) {
            StackBed straight = bed(seed, false, otherEroutes);
            StackBed parsed = bed(seed, true, otherEroutes);
            List<byte[]> packets = traffic(new Random(seed));
            for (int from = 0; from < packets.size(); from += 60) {
                List<byte[]> some = packets.subList(from, from + 60);
                for (TrainsTest.Entrance entrance : ENTRANCES) {
                    assertThat(TrainsTest.run(straight, some, entrance))
                            .as("seed " + seed)
                            .isEqualTo(TrainsTest.run(parsed, some, entrance));
                }
            }
            parsed.run(packets).forEach(event -> met.add(event.verdict()));
        }
        assertThat(met)
                .contains(
                        Verdict.PROTECTED,
                        Verdict.KEEPALIVE,
                        Verdict.PASSED_OWN,
                        Verdict.PASSED_BY_SHUNT,
                        Verdict.DROPPED_BY_SHUNT);
    }
}
