package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.spigrp.engine.EngineOptions.Only;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.Said;
import org.spigrp.sa.Shunt;
import org.spigrp.sa.Transform;
import org.spigrp.wire.Checksum;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Verdict;

/** Fragments of protected packets, and ICMP errors. */
class MtuTest {
    private static StackBed bed(Transform.DfPolicy df, boolean v6) {
        var bed = new StackBed();
        IpAddress west = v6 ? StackBed.WEST6 : StackBed.WEST;
        IpAddress east = v6 ? StackBed.EAST6 : StackBed.EAST;
        Said tunnel = bed.add(StackBed.tunnel(df), west, east);
        Said esp = bed.add(StackBed.esp("aes128-sha256"), west, east);
        Said ah = bed.add(StackBed.ah("hmac-sha1-96"), west, east);
        return bed.group(tunnel, esp, ah).erouteAll(tunnel).policyAll(tunnel);
    }

    private static EngineOptions mtu(int mtu) {
        return EngineOptions.DEFAULT.withMtu(mtu).withOnly(Only.PROTECT);
    }

    @ParameterizedTest
    @CsvSource({"false, 1500", "false, 576", "false, 68", "true, 1500", "true, 1280"})
    void outer_fragments_fit_the_mtu_and_come_together_again(boolean v6, int mtu) {
        StackBed bed = bed(Transform.DfPolicy.CLEAR, v6).with(mtu(mtu));
        List<byte[]> clear = List.of(Clear.udp(3000), Clear.udp6(1400), Clear.udp(10));
        List<byte[]> pieces = bed.forwarded(bed.run(clear));
        assertThat(pieces).hasSizeGreaterThan(4).allMatch(piece -> piece.length <= mtu);
        assertThat(bed.engine().counters().of(Verdict.PROTECTED)).isEqualTo(3);
        List<byte[]> peeled =
                bed.with(EngineOptions.DEFAULT.withOnly(Only.PEEL)).forwarded(bed.run(pieces));
        assertThat(peeled).hasSize(3);
        for (int i = 0; i < 3; i++) {
            assertThat(peeled.get(i)).isEqualTo(clear.get(i));
        }
    }

    @Test
    void the_mtu_that_the_sender_is_told_is_the_largest_that_fits() {
        for (int payload : new int[] {1400, 1480, 2000}) {
            StackBed bed = bed(Transform.DfPolicy.SET, false).with(mtu(1500));
            byte[] clear = Clear.udp(payload);
            List<StackBed.Event> events = bed.run(clear);
            if (events.size() == 1) {
                assertThat(events.getFirst().octets()).hasSizeLessThanOrEqualTo(1500);
                continue;
            }
            StackBed.Event reply = events.getFirst();
            assertThat(reply.what()).isEqualTo("reply");
            assertThat(events.get(1).verdict()).isEqualTo(Verdict.EXCEEDS_MTU);
            var icmp = new Octets(reply.octets());
            assertThat(Ipv4Header.checksumIsGood(icmp, 0)).isTrue();
            assertThat(Checksum.of(icmp, 20, icmp.length() - 20)).isZero();
            assertThat(icmp.u8(20)).isEqualTo(3);
            assertThat(icmp.u8(21)).isEqualTo(4);
            assertThat(IpAddress.read(Family.INET, icmp, 16)).isEqualTo(StackBed.WEST_HOST);
            assertThat(icmp.length()).isLessThanOrEqualTo(576);
            for (int i = 28; i < icmp.length(); i++) {
                assertThat(reply.octets()[i]).isEqualTo(clear[i - 28]);
            }
            int fits = icmp.u16(26);
            assertThat(bed.verdict(Clear.udp(fits - 28))).isEqualTo(Verdict.PROTECTED);
            assertThat(bed.run(Clear.udp(fits - 27)))
                    .extracting(StackBed.Event::verdict)
                    .contains(Verdict.EXCEEDS_MTU);
        }
    }

    @Test
    void a_small_ipv6_packet_is_never_refused_for_its_size() {
        StackBed bed = bed(Transform.DfPolicy.COPY, false).with(mtu(1300));
        List<StackBed.Event> events = bed.run(Clear.udp6(1280 - 48));
        assertThat(events).hasSize(2).allMatch(event -> event.verdict() == Verdict.PROTECTED);
        List<StackBed.Event> larger = bed.run(Clear.udp6(1281 - 48));
        assertThat(larger.getFirst().what()).isEqualTo("reply");
        var icmp = new Octets(larger.getFirst().octets());
        assertThat(icmp.u8(40)).isEqualTo(2);
        assertThat(icmp.u32(44)).isEqualTo(1280);
        assertThat(icmp.length()).isEqualTo(1280);
        assertThat(Checksum.ofUpper(icmp, Family.INET6, 8, 24, IpProtocol.ICMPV6, 40, icmp.length() - 40))
                .isZero();
    }

    @Test
    void outer_size_is_what_comes_out() {
        String[] suites = {"aes128gcm16", "aes256-sha512", "3des-md5", "null-sha1", "aes128ctr-sha256"};
        for (long seed = 1; seed <= 60; seed++) {
            var random = new Random(seed);
            var bed = new StackBed();
            List<Said> group = new ArrayList<>();
            for (int i = 0; i < 1 + random.nextInt(5); i++) {
                boolean v6 = random.nextBoolean();
                IpAddress west = v6 ? StackBed.WEST6 : StackBed.WEST;
                IpAddress east = v6 ? StackBed.EAST6 : StackBed.EAST;
                group.add(bed.add(StackBed.tunnel(), west, east));
                if (random.nextBoolean()) {
                    NatTraversal nat = random.nextInt(3) == 0
                            ? new NatTraversal(NatTraversal.Kind.NONIKE, 500, 500)
                            : NatTraversal.NONE;
                    group.add(bed.add(StackBed.esp(suites[random.nextInt(suites.length)], nat), west, east));
                }
                if (random.nextBoolean()) {
                    group.add(bed.add(StackBed.ah("hmac-sha2-256-128"), west, east));
                }
            }
            bed.group(group.toArray(Said[]::new)).erouteAll(group.getFirst());
            var sad = new Sad(bed.tables, bed.ledger, worker(bed), false);
            SaEntry first = sad.find(group.getFirst());
            for (int i = 0; i < 10; i++) {
                byte[] clear = Clear.udp(random.nextInt(1500));
                assertThat(OuterSize.of(first.plan, 20, clear.length))
                        .as("seed " + seed + " " + group)
                        .isEqualTo(bed.protect(clear).length);
                assertThat(bed.protect(clear).length - clear.length).isLessThanOrEqualTo(first.plan.mostOverhead);
            }
        }
    }

    private static Worker worker(StackBed bed) {
        return new Worker(bed.crypto, EngineSeams.NONE, () -> bed.now, new Random(1));
    }

    // %reject

    private static StackBed rejecting() {
        return new StackBed()
                .eroute(StackBed.all(Family.INET), Shunt.REJECT)
                .eroute(StackBed.all(Family.INET6), Shunt.REJECT);
    }

    @Test
    void reject_tells_the_sender() {
        StackBed bed = rejecting();
        List<StackBed.Event> events = bed.run(Clear.udp(30), Clear.udp6(30));
        var v4 = new Octets(events.get(0).octets());
        assertThat(v4.u8(9)).isEqualTo(IpProtocol.ICMP);
        assertThat(v4.u8(20)).isEqualTo(3);
        assertThat(v4.u8(21)).isEqualTo(13);
        assertThat(IpAddress.read(Family.INET, v4, 12)).isEqualTo(StackBed.EAST_HOST);
        var v6 = new Octets(events.get(2).octets());
        assertThat(v6.u8(6)).isEqualTo(IpProtocol.ICMPV6);
        assertThat(v6.u8(40)).isEqualTo(1);
        assertThat(v6.u8(41)).isEqualTo(1);
        assertThat(events.get(1).verdict()).isEqualTo(Verdict.REJECTED_BY_SHUNT);
    }

    @Test
    void replies_come_from_this_hosts_own_address_where_it_has_one() {
        StackBed bed = rejecting().with(EngineOptions.DEFAULT.withLocal(Set.of(StackBed.WEST)));
        var icmp = new Octets(bed.run(Clear.udp(30)).getFirst().octets());
        assertThat(IpAddress.read(Family.INET, icmp, 12)).isEqualTo(StackBed.WEST);
    }

    @Test
    void nobody_is_told_about_errors_later_fragments_and_multicast() {
        StackBed bed = rejecting();
        byte[] error = Clear.ip(StackBed.WEST_HOST, StackBed.EAST_HOST, IpProtocol.ICMP, 40);
        error[20] = 3;
        byte[] error6 = Clear.ip(StackBed.WEST_HOST6, StackBed.EAST_HOST6, IpProtocol.ICMPV6, 40);
        error6[40] = 1;
        byte[] many = Clear.udp(StackBed.WEST_HOST, IpAddress.v4(0xe0000001), 1, 2, 5);
        byte[] many6 = Clear.udp(StackBed.WEST_HOST6, IpAddress.v6(0xff02L << 48, 1), 1, 2, 5);
        byte[] nobody = Clear.udp(IpAddress.v4(0), StackBed.EAST_HOST, 1, 2, 5);
        byte[] later = Clear.fragment(Clear.udp(40), 1, 24, 48, false);
        assertThat(bed.run(error, error6, many, many6, nobody, later))
                .hasSize(6)
                .allMatch(event -> event.what().equals("dropped") && event.verdict() == Verdict.REJECTED_BY_SHUNT);
        byte[] echo = Clear.ip(StackBed.WEST_HOST, StackBed.EAST_HOST, IpProtocol.ICMP, 40);
        echo[20] = 8;
        assertThat(bed.run(echo)).hasSize(2);
    }
}
