package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.engine.EngineOptions.Only;
import org.spigrp.engine.EngineOptions.Unmatched;
import org.spigrp.sa.Direction;
import org.spigrp.sa.ErouteUse;
import org.spigrp.sa.Lifetimes;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.NumberLedger;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.Said;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Shunt;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Prefix;
import org.spigrp.wire.Verdict;

/** Every way a packet can end, and who counts it. */
class VerdictsTest {
    private static final EngineOptions PEEL = EngineOptions.DEFAULT.withOnly(Only.PEEL);

    private static final NatTraversal NAT = new NatTraversal(NatTraversal.Kind.NONESP, 4500, 4500);

    private static Said esp(StackBed bed, String suite) {
        return bed.add(StackBed.esp(suite), StackBed.WEST, StackBed.EAST);
    }

    private static Said ah(StackBed bed) {
        return bed.add(StackBed.ah("hmac-sha1-96"), StackBed.WEST, StackBed.EAST);
    }

    private static Said tunnel(StackBed bed) {
        return bed.add(StackBed.tunnel(), StackBed.WEST, StackBed.EAST);
    }

    private static long counted(StackBed bed, Said said, Verdict verdict, boolean out) {
        long[] count = {0};
        bed.engine().forEachUse((each, use) -> {
            if (each.equals(said)) {
                count[0] = (out ? use.out() : use.in()).getOrDefault(verdict, 0L);
            }
        });
        return count[0];
    }

    // Not for any SA

    @Test
    void octets_that_are_no_ip_packet_are_named_so() {
        var bed = new StackBed();
        assertThat(bed.verdict(new byte[] {0x12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}))
                .isEqualTo(Verdict.NOT_IP);
        assertThat(bed.verdict(new byte[0])).isEqualTo(Verdict.TOO_SHORT);
        assertThat(bed.verdict(Arrays.copyOf(Clear.udp(0), 19))).isEqualTo(Verdict.TOO_SHORT);
        assertThat(bed.verdict(Arrays.copyOf(Clear.udp(9), 30))).isEqualTo(Verdict.BAD_LENGTH);
        assertThat(bed.verdict(Arrays.copyOf(Clear.udp6(9), 50))).isEqualTo(Verdict.BAD_LENGTH);
    }

    @Test
    void header_chains_without_end_are_refused() {
        var bed = new StackBed();
        byte[] loop = Clear.ip(StackBed.WEST6, StackBed.EAST6, IpProtocol.DESTINATION_OPTIONS, 8 * 40);
        for (int at = 40; at < loop.length; at += 8) {
            loop[at] = IpProtocol.DESTINATION_OPTIONS;
        }
        assertThat(bed.verdict(loop)).isEqualTo(Verdict.BAD_HEADER_CHAIN);
        byte[] beyond = Clear.ip(StackBed.WEST6, StackBed.EAST6, IpProtocol.ROUTING, 8);
        beyond[41] = 9;
        assertThat(bed.verdict(beyond)).isEqualTo(Verdict.BAD_HEADER_CHAIN);
    }

    @Test
    void what_nobody_selects_passes_or_is_dropped() {
        var bed = new StackBed();
        assertThat(bed.one(Clear.udp(9)).what()).isEqualTo("forward");
        assertThat(bed.verdict(Clear.udp(9))).isEqualTo(Verdict.PASSED);
        bed.with(EngineOptions.DEFAULT.withUnmatched(Unmatched.DROP));
        assertThat(bed.one(Clear.udp(9)).what()).isEqualTo("dropped");
        assertThat(bed.verdict(Clear.udp(9))).isEqualTo(Verdict.NO_EROUTE);
    }

    @Test
    void link_padding_is_cut_off() {
        var bed = new StackBed();
        byte[] clear = Clear.udp(4);
        assertThat(bed.one(Arrays.copyOf(clear, 60)).octets()).isEqualTo(clear);
    }

    @ParameterizedTest
    @EnumSource(Shunt.class)
    void shunts_act(Shunt shunt) {
        var bed = new StackBed().eroute(StackBed.all(Family.INET), shunt);
        List<StackBed.Event> events = bed.run(Clear.udp(9));
        Verdict expected = switch (shunt) {
            case PASS -> Verdict.PASSED_BY_SHUNT;
            case DROP -> Verdict.DROPPED_BY_SHUNT;
            case REJECT -> Verdict.REJECTED_BY_SHUNT;
            case HOLD -> Verdict.HELD_BY_SHUNT;
            case TRAP, TRAPSUBNET -> Verdict.TRAPPED_BY_SHUNT;
        };
        assertThat(events.getLast().verdict()).isEqualTo(expected);
        assertThat(events).hasSize(shunt == Shunt.REJECT ? 2 : 1);
        assertThat(bed.engine().counters().of(expected)).isEqualTo(1);
    }

    @Test
    void eroutes_count_their_packets() {
        var bed = new StackBed().eroute(StackBed.all(Family.INET), Shunt.PASS);
        bed.run(Clear.udp(9), Clear.udp(10));
        bed.restart().run(Clear.udp(9));
        bed.restart();
        assertThat(bed.tables.erouteUse(StackBed.all(Family.INET)))
                .isEqualTo(new ErouteUse(3, bed.now.getEpochSecond()));
    }

    @Test
    void an_eroute_without_its_sa_drops() {
        var bed = new StackBed();
        bed.erouteAll(new Said(SaProtocol.TUN, 0x999, StackBed.EAST));
        assertThat(bed.verdict(Clear.udp(9))).isEqualTo(Verdict.NO_SA);
    }

    @Test
    void ipsec_for_an_unknown_sa_is_dropped_only_where_it_is_for_this_host() {
        var bed = new StackBed();
        byte[] stranger = Clear.ip(StackBed.WEST, StackBed.EAST, IpProtocol.ESP, 40);
        assertThat(bed.verdict(stranger)).isEqualTo(Verdict.PASSED);
        bed.with(EngineOptions.DEFAULT.withLocal(Set.of(StackBed.EAST)));
        assertThat(bed.verdict(stranger)).isEqualTo(Verdict.NO_SA);
        byte[] cut = Clear.ip(StackBed.WEST, StackBed.EAST, IpProtocol.AH, 4);
        assertThat(bed.verdict(cut)).isEqualTo(Verdict.TOO_SHORT);
    }

    @Test
    void the_hosts_own_ike_and_esp_stay_out_of_the_tunnel_to_the_peer_they_go_to() {
        StackBed bed = StackBed.threeMembers().with(EngineOptions.DEFAULT.withLocal(Set.of(StackBed.WEST)));
        byte[] ike = Clear.udp(StackBed.WEST, StackBed.EAST, 500, 500, 20);
        assertThat(bed.verdict(ike)).isEqualTo(Verdict.PASSED_OWN);
        assertThat(bed.verdict(Clear.udp(StackBed.WEST, StackBed.EAST, 4500, 4500, 20)))
                .isEqualTo(Verdict.PASSED_OWN);
        assertThat(bed.verdict(Clear.ip(StackBed.WEST, StackBed.EAST, IpProtocol.ESP, 40)))
                .isEqualTo(Verdict.PASSED_OWN);
        assertThat(bed.verdict(Clear.udp(StackBed.WEST, StackBed.EAST, 53, 53, 20)))
                .isEqualTo(Verdict.PROTECTED);
        assertThat(bed.verdict(Clear.udp(StackBed.WEST, StackBed.EAST_HOST, 500, 500, 20)))
                .isEqualTo(Verdict.PROTECTED);
        bed.with(EngineOptions.DEFAULT);
        assertThat(bed.verdict(ike)).as("no address is local").isEqualTo(Verdict.PROTECTED);
    }

    @Test
    void only_one_half_is_done_where_one_was_asked_for() {
        StackBed bed = StackBed.threeMembers();
        byte[] clear = Clear.udp(9);
        byte[] sealed = bed.protect(clear);
        assertThat(bed.with(PEEL).verdict(clear)).isEqualTo(Verdict.PASSED);
        assertThat(bed.with(EngineOptions.DEFAULT.withOnly(Only.PROTECT)).verdict(sealed))
                .isEqualTo(Verdict.PROTECTED);
    }

    // Layers of the wrong kind, place or number

    @Test
    void directions_are_kept() {
        var bed = new StackBed();
        bed.direction = Direction.OUT;
        Said out = esp(bed, "aes128gcm16");
        byte[] arriving = Clear.ip(StackBed.WEST, StackBed.EAST, IpProtocol.ESP, 60);
        new Octets(arriving).putU32(20, out.spi());
        assertThat(bed.verdict(arriving)).isEqualTo(Verdict.WRONG_DIRECTION);
        assertThat(counted(bed, out, Verdict.WRONG_DIRECTION, false)).isEqualTo(1);
        bed.direction = Direction.IN;
        Said in = esp(bed, "aes128gcm16");
        bed.erouteAll(in).with(EngineOptions.DEFAULT);
        assertThat(bed.verdict(Clear.udp(9))).isEqualTo(Verdict.WRONG_DIRECTION);
        assertThat(counted(bed, in, Verdict.WRONG_DIRECTION, true)).isEqualTo(1);
    }

    /** Protected by a group of its own on the sender's side, the same SAs grouped otherwise on the receiver's. */
    private static Verdict received(StackBed receiver, List<Said> senderGroup, List<Said> receiverGroup) {
        receiver.group(senderGroup.toArray(Said[]::new)).erouteAll(senderGroup.getFirst());
        byte[] sealed = receiver.protect(Clear.udp(StackBed.WEST, StackBed.EAST, 1, 2, 50));
        if (senderGroup.size() > 1) {
            receiver.tables.removeGroup(senderGroup.getFirst());
        }
        receiver.group(receiverGroup.toArray(Said[]::new));
        return receiver.with(PEEL).verdict(sealed);
    }

    @Test
    void the_first_header_must_be_the_outermost_members() {
        var bed = new StackBed();
        Said esp = esp(bed, "aes128gcm16");
        Said ah = ah(bed);
        assertThat(received(bed, List.of(esp), List.of(esp, ah))).isEqualTo(Verdict.SA_NOT_FIRST);
        assertThat(counted(bed, esp, Verdict.SA_NOT_FIRST, false)).isEqualTo(1);
    }

    @Test
    void headers_in_another_order_than_the_groups_are_refused() {
        var bed = new StackBed();
        Said inner = esp(bed, "aes128gcm16");
        Said other = esp(bed, "aes128gcm16");
        Said ah = ah(bed);
        assertThat(received(bed, List.of(other, ah), List.of(inner, ah))).isEqualTo(Verdict.WRONG_ORDER);
        assertThat(counted(bed, inner, Verdict.WRONG_ORDER, false)).isEqualTo(1);
    }

    @Test
    void a_missing_layer_makes_the_group_incomplete() {
        var bed = new StackBed();
        Said esp = esp(bed, "aes128gcm16");
        Said ah = ah(bed);
        assertThat(received(bed, List.of(ah), List.of(esp, ah))).isEqualTo(Verdict.INCOMPLETE_GROUP);
        Said tunnel = tunnel(bed);
        Said middle = esp(bed, "aes128gcm16");
        Said outer = ah(bed);
        assertThat(received(bed, List.of(tunnel, outer), List.of(tunnel, middle, outer)))
                .isEqualTo(Verdict.INCOMPLETE_GROUP);
    }

    @Test
    void an_ipcomp_member_may_be_missing() {
        var bed = new StackBed();
        Said tunnel = tunnel(bed);
        Said comp = bed.add(StackBed.comp(), StackBed.WEST, StackBed.EAST);
        Said esp = esp(bed, "aes128gcm16");
        bed.group(tunnel, comp, esp).erouteAll(tunnel).policyAll(tunnel);
        List<byte[]> clear = List.of(Clear.udp(20), Clear.udp(StackBed.WEST, StackBed.EAST, 1, 2, new byte[900]));
        List<byte[]> sealed = bed.protect(clear);
        assertThat(sealed.get(0)).hasSizeGreaterThan(clear.get(0).length);
        assertThat(sealed.get(1)).hasSizeLessThan(200);
        List<byte[]> peeled = bed.forwarded(bed.with(PEEL).run(sealed));
        assertThat(peeled.get(0)).isEqualTo(clear.get(0));
        assertThat(peeled.get(1)).isEqualTo(clear.get(1));
    }

    @Test
    void the_outer_source_must_be_the_sas_unless_that_is_any() {
        var bed = new StackBed();
        Said ah = bed.add(StackBed.ah("hmac-sha1-96"), StackBed.EAST_HOST, StackBed.EAST);
        assertThat(received(bed, List.of(ah), List.of(ah))).isEqualTo(Verdict.WRONG_SOURCE);
        Said any = bed.add(StackBed.ah("hmac-sha1-96"), IpAddress.any(Family.INET), StackBed.EAST);
        assertThat(received(bed, List.of(any), List.of(any))).isEqualTo(Verdict.PEELED);
    }

    @Test
    void a_group_with_a_tunnel_takes_nothing_else() {
        var bed = new StackBed();
        Said tunnel = tunnel(bed);
        Said esp = esp(bed, "aes128gcm16");
        assertThat(received(bed, List.of(esp), List.of(tunnel, esp))).isEqualTo(Verdict.NOT_A_TUNNEL_PACKET);
    }

    @Test
    void a_layer_of_the_other_family_is_refused() {
        var bed = new StackBed();
        Said esp = bed.add(StackBed.esp("aes128gcm16"), StackBed.WEST6, StackBed.EAST6);
        bed.erouteAll(esp);
        assertThat(bed.verdict(Clear.udp(9))).isEqualTo(Verdict.WRONG_FAMILY);
    }

    @Test
    void encapsulation_must_be_the_sas() {
        var bed = new StackBed();
        Said plain = esp(bed, "aes128gcm16");
        Said inUdp = bed.add(StackBed.esp("aes128gcm16", NAT), StackBed.WEST, StackBed.EAST);
        bed.erouteAll(inUdp);
        byte[] sealed = bed.protect(Clear.udp(StackBed.WEST, StackBed.EAST, 1, 2, 50));
        assertThat(sealed[9]).isEqualTo((byte) IpProtocol.UDP);
        byte[] toPlain = sealed.clone();
        new Octets(toPlain).putU32(28, plain.spi());
        assertThat(bed.with(PEEL).verdict(toPlain)).isEqualTo(Verdict.WRONG_ENCAPSULATION);
        byte[] bare = Clear.ip(StackBed.WEST, StackBed.EAST, IpProtocol.ESP, 60);
        new Octets(bare).putU32(20, inUdp.spi());
        assertThat(bed.verdict(bare)).isEqualTo(Verdict.WRONG_ENCAPSULATION);
        assertThat(bed.verdict(sealed)).isEqualTo(Verdict.PEELED);
    }

    @Test
    void udp_at_the_nat_port_is_esp_ike_or_a_keepalive() {
        var bed = new StackBed();
        bed.add(StackBed.esp("aes128gcm16", NAT), StackBed.WEST, StackBed.EAST);
        StackBed.Event keepalive =
                bed.one(Clear.udp(StackBed.WEST, StackBed.EAST, 4500, 4500, new byte[] {(byte) 0xff}));
        assertThat(keepalive.verdict()).isEqualTo(Verdict.KEEPALIVE);
        assertThat(keepalive.what()).isEqualTo("dropped");
        byte[] ike = new byte[40];
        ike[4] = 1;
        assertThat(bed.verdict(Clear.udp(StackBed.WEST, StackBed.EAST, 4500, 4500, ike)))
                .isEqualTo(Verdict.PASSED);
        byte[] elsewhere = Clear.udp(StackBed.WEST, StackBed.EAST_HOST, 4500, 4500, new byte[] {(byte) 0xff});
        assertThat(bed.verdict(elsewhere)).isEqualTo(Verdict.PASSED);
    }

    @Test
    void a_tunnel_by_itself_is_found_by_its_addresses() {
        var bed = new StackBed();
        Said tunnel = tunnel(bed);
        bed.erouteAll(tunnel).policyAll(tunnel);
        byte[] clear = Clear.udp(30);
        byte[] sealed = bed.protect(clear);
        assertThat(bed.with(PEEL).one(sealed).octets()).isEqualTo(clear);
        byte[] stranger = Clear.ip(StackBed.WEST_HOST, StackBed.EAST, IpProtocol.IPV4, 40);
        assertThat(bed.verdict(stranger)).isEqualTo(Verdict.PASSED);
    }

    // Policy

    @Test
    void an_inbound_tunnel_needs_a_policy_and_keeps_to_it() {
        var bed = new StackBed();
        Said tunnel = tunnel(bed);
        Said esp = esp(bed, "aes128gcm16");
        bed.group(tunnel, esp).erouteAll(tunnel);
        List<byte[]> sealed = bed.protect(List.of(Clear.udp(9), Clear.udp(9), Clear.udp(9), Clear.udp6(9)));
        assertThat(bed.with(PEEL).verdict(sealed.get(0))).isEqualTo(Verdict.NO_INBOUND_POLICY);
        assertThat(counted(bed, tunnel, Verdict.NO_INBOUND_POLICY, false)).isEqualTo(1);
        Selector east = Selector.between(Prefix.all(Family.INET), Prefix.host(StackBed.EAST_HOST));
        Selector west = Selector.between(Prefix.all(Family.INET), Prefix.host(StackBed.WEST_HOST));
        bed.restart().policy(tunnel, west).with(PEEL);
        assertThat(bed.verdict(sealed.get(1))).isEqualTo(Verdict.POLICY_MISMATCH);
        bed.restart().policy(tunnel, west, east).with(PEEL);
        assertThat(bed.verdict(sealed.get(2))).isEqualTo(Verdict.PEELED);
        assertThat(bed.verdict(sealed.get(3))).isEqualTo(Verdict.POLICY_MISMATCH);
    }

    @Test
    void a_legacy_tunnel_takes_anything() {
        var bed = new StackBed();
        bed.legacy = true;
        Said tunnel = tunnel(bed);
        Said esp = esp(bed, "aes128gcm16");
        bed.group(tunnel, esp).erouteAll(tunnel);
        byte[] sealed = bed.protect(Clear.udp(9));
        assertThat(bed.with(PEEL).verdict(sealed)).isEqualTo(Verdict.PEELED);
    }

    @Test
    void esp_without_integrity_needs_cover_or_legacy() {
        var bed = new StackBed();
        Said naked = esp(bed, "aes128");
        bed.erouteAll(naked);
        byte[] clear = Clear.udp(StackBed.WEST, StackBed.EAST, 1, 2, 50);
        assertThat(bed.verdict(clear)).isEqualTo(Verdict.UNPROTECTED_ESP);
        byte[] arriving = Clear.ip(StackBed.WEST, StackBed.EAST, IpProtocol.ESP, 72);
        new Octets(arriving).putU32(20, naked.spi());
        assertThat(bed.verdict(arriving)).isEqualTo(Verdict.UNPROTECTED_ESP);
        Said ah = ah(bed);
        bed.group(naked, ah).with(EngineOptions.DEFAULT);
        assertThat(bed.verdict(clear)).isEqualTo(Verdict.PROTECTED);
        bed.legacy = true;
        Said old = esp(bed, "3des");
        bed.erouteAll(old).with(EngineOptions.DEFAULT);
        assertThat(bed.verdict(clear)).isEqualTo(Verdict.PROTECTED);
    }

    @Test
    void integrity_further_in_does_not_cover_esp_further_out() {
        var bed = new StackBed();
        Said ah = ah(bed);
        Said naked = esp(bed, "aes128");
        bed.group(ah, naked).erouteAll(ah);
        assertThat(bed.verdict(Clear.udp(StackBed.WEST, StackBed.EAST, 1, 2, 50)))
                .isEqualTo(Verdict.UNPROTECTED_ESP);
    }

    // Replay and cryptography

    @Test
    void replays_are_refused_within_a_batch_and_across() {
        StackBed bed = StackBed.threeMembers();
        byte[] sealed = bed.protect(Clear.udp(9));
        assertThat(bed.with(PEEL).run(sealed, sealed).stream().map(StackBed.Event::verdict))
                .containsExactly(Verdict.PEELED, Verdict.REPLAYED);
        assertThat(bed.verdict(sealed)).isEqualTo(Verdict.REPLAYED);
    }

    @Test
    void numbers_left_of_the_window_and_zero_are_refused() {
        StackBed bed = StackBed.threeMembers();
        List<byte[]> clear = Collections.nCopies(100, Clear.udp(9));
        List<byte[]> sealed = bed.protect(clear);
        bed.with(PEEL);
        assertThat(bed.verdict(sealed.get(99))).isEqualTo(Verdict.PEELED);
        assertThat(bed.verdict(sealed.get(0))).isEqualTo(Verdict.TOO_OLD);
        byte[] zero = sealed.get(50).clone();
        new Octets(zero).putU32(28, 0);
        assertThat(bed.verdict(zero)).isEqualTo(Verdict.SEQUENCE_ZERO);
    }

    @Test
    void a_changed_octet_is_noticed_at_its_layer_and_moves_no_window() {
        StackBed bed = StackBed.threeMembers();
        byte[] sealed = bed.protect(Clear.udp(9));
        byte[] changed = Clear.changed(sealed, -1);
        StackBed.Event event = bed.with(PEEL).one(changed);
        assertThat(event.verdict()).isEqualTo(Verdict.BAD_ICV);
        assertThat(event.layer()).isEqualTo(2);
        assertThat(bed.verdict(sealed)).isEqualTo(Verdict.PEELED);
    }

    @Test
    void a_bad_icv_behind_a_good_one_of_the_same_number_is_a_replay_in_any_batch() {
        for (int size : new int[] {1, 2}) {
            StackBed bed = StackBed.threeMembers();
            bed.batchSize = size;
            byte[] sealed = bed.protect(Clear.udp(9));
            assertThat(bed.with(PEEL).run(sealed, Clear.changed(sealed, -1)).stream()
                            .map(StackBed.Event::verdict))
                    .as("batch of " + size)
                    .containsExactly(Verdict.PEELED, Verdict.REPLAYED);
        }
    }

    @Test
    void each_layer_says_when_it_is_cut_short() {
        var bed = new StackBed();
        Said esp = esp(bed, "aes128-sha256");
        Said ah = ah(bed);
        byte[] shortEsp = Clear.ip(StackBed.WEST, StackBed.EAST, IpProtocol.ESP, 30);
        new Octets(shortEsp).putU32(20, esp.spi());
        assertThat(bed.verdict(shortEsp)).isEqualTo(Verdict.TOO_SHORT);
        byte[] odd = Clear.ip(StackBed.WEST, StackBed.EAST, IpProtocol.ESP, 24 + 16 + 17);
        new Octets(odd).putU32(20, esp.spi());
        new Octets(odd).putU32(24, 1);
        assertThat(bed.verdict(odd)).isEqualTo(Verdict.BAD_CIPHERTEXT_LENGTH);
        byte[] badAh = Clear.ip(StackBed.WEST, StackBed.EAST, IpProtocol.AH, 44);
        new Octets(badAh).putU32(24, ah.spi());
        new Octets(badAh).putU8(21, 9);
        assertThat(bed.verdict(badAh)).isEqualTo(Verdict.BAD_LENGTH);
    }

    @Test
    void what_the_crypto_engine_refuses_does_not_go_out() {
        StackBed bed = StackBed.threeMembers();
        var crypto = new StubCrypto();
        crypto.refuses = _ -> true;
        bed.crypto = crypto;
        assertThat(bed.one(Clear.udp(9)).what()).isEqualTo("dropped");
        assertThat(bed.verdict(Clear.udp(9))).isEqualTo(Verdict.CRYPTO_FAILED);
    }

    @Test
    void a_packet_that_would_get_too_long_is_dropped() {
        StackBed bed = StackBed.threeMembers();
        assertThat(bed.verdict(Clear.udp(65_500))).isEqualTo(Verdict.TOO_BIG);
    }

    // Lives and numbers

    private static Lifetimes packets(long soft, long hard) {
        return new Lifetimes(
                Lifetimes.Limit.NONE,
                Lifetimes.Limit.NONE,
                Lifetimes.Limit.NONE,
                Lifetimes.Limit.NONE,
                new Lifetimes.Limit(soft, hard));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 64})
    void a_hard_limit_ends_the_whole_group(int batch) {
        var bed = new StackBed();
        bed.batchSize = batch;
        Said tunnel = tunnel(bed);
        bed.lifetimes = packets(1, 2);
        Said esp = esp(bed, "aes128gcm16");
        bed.group(tunnel, esp).erouteAll(tunnel);
        List<byte[]> clear = Collections.nCopies(6, Clear.udp(9));
        assertThat(bed.run(clear).stream().map(StackBed.Event::verdict))
                .containsExactly(
                        Verdict.PROTECTED,
                        Verdict.PROTECTED,
                        Verdict.PROTECTED,
                        Verdict.SA_EXPIRED,
                        Verdict.SA_EXPIRED,
                        Verdict.SA_EXPIRED);
        assertThat(bed.engine().expired()).containsExactly(esp);
        assertThat(bed.engine().softReached()).containsExactly(esp);
        assertThat(counted(bed, esp, Verdict.SA_EXPIRED, true)).isEqualTo(3);
        assertThat(counted(bed, tunnel, Verdict.PROTECTED, true)).isEqualTo(3);
    }

    @Test
    void time_ends_lives_too() {
        var bed = new StackBed();
        bed.lifetimes = new Lifetimes(
                Lifetimes.Limit.NONE,
                Lifetimes.Limit.NONE,
                new Lifetimes.Limit(0, 100),
                Lifetimes.Limit.NONE,
                Lifetimes.Limit.NONE);
        Said ah = ah(bed);
        bed.erouteAll(ah);
        byte[] clear = Clear.udp(StackBed.WEST, StackBed.EAST, 1, 2, 50);
        assertThat(bed.verdict(clear)).isEqualTo(Verdict.PROTECTED);
        bed.now = bed.now.plusSeconds(101);
        assertThat(bed.verdict(clear)).isEqualTo(Verdict.SA_EXPIRED);
    }

    /** In one batch, by the layers or by the group's program. */
    @ParameterizedTest
    @CsvSource({"esp ah,1", "esp ah,64", "tun esp,1", "tun esp,64", "tun esp ah,64"})
    void the_last_number_is_used_too(String members, int batch) {
        var bed = new StackBed();
        bed.batchSize = batch;
        bed.direction = Direction.OUT;
        List<Said> group = new ArrayList<>();
        for (String member : members.split(" ", -1)) {
            bed.firstNumber = member.equals("esp") ? 0xffff_fffdL : 0;
            group.add(
                    switch (member) {
                        case "tun" -> bed.add(StackBed.tunnel(), StackBed.WEST, StackBed.EAST);
                        case "esp" -> esp(bed, "aes128gcm16");
                        default -> ah(bed);
                    });
        }
        bed.group(group.toArray(Said[]::new)).erouteAll(group.getFirst());
        List<byte[]> clear = Collections.nCopies(5, Clear.udp(StackBed.WEST, StackBed.EAST, 1, 2, 50));
        assertThat(bed.run(clear).stream().map(StackBed.Event::verdict))
                .containsExactly(
                        Verdict.PROTECTED,
                        Verdict.PROTECTED,
                        Verdict.PROTECTED,
                        Verdict.SEQUENCE_EXHAUSTED,
                        Verdict.SEQUENCE_EXHAUSTED);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 64})
    void numbers_run_out_without_taking_those_of_other_members(int batch) {
        var bed = new StackBed();
        bed.batchSize = batch;
        bed.direction = Direction.OUT;
        Said inner = esp(bed, "aes128gcm16");
        bed.firstNumber = 0xffff_fffeL;
        Said outer = ah(bed);
        bed.group(inner, outer).erouteAll(inner);
        List<byte[]> clear = Collections.nCopies(4, Clear.udp(StackBed.WEST, StackBed.EAST, 1, 2, 50));
        assertThat(bed.run(clear).stream().map(StackBed.Event::verdict))
                .containsExactly(
                        Verdict.PROTECTED, Verdict.PROTECTED, Verdict.SEQUENCE_EXHAUSTED, Verdict.SEQUENCE_EXHAUSTED);
        bed.engine().forEachUse((said, use) -> {
            if (said.equals(inner)) {
                assertThat(use.lastSent()).isEqualTo(2);
            }
        });
    }

    @Test
    void nothing_goes_out_or_comes_in_on_numbers_that_are_not_durable() {
        StackBed bed = StackBed.threeMembers();
        byte[] sealed = bed.protect(Clear.udp(9));
        bed.with(EngineOptions.DEFAULT);
        bed.ledger.broken = true;
        assertThat(bed.verdict(Clear.udp(9))).isEqualTo(Verdict.NUMBERS_NOT_DURABLE);
        assertThat(bed.verdict(sealed)).isEqualTo(Verdict.NUMBERS_NOT_DURABLE);
        bed.ledger.broken = false;
        assertThat(bed.verdict(sealed)).isEqualTo(Verdict.PEELED);
    }

    /** A full disk: what was refused is spent, and a flood must not spend all there is. */
    @Test
    void a_refused_block_is_asked_for_once_a_second() {
        var bed = new StackBed();
        Said esp = esp(bed, "aes128gcm16");
        bed.erouteAll(esp);
        bed.ledger.broken = true;
        for (int i = 0; i < 100; i++) {
            assertThat(bed.verdict(Clear.udp(9))).isEqualTo(Verdict.NUMBERS_NOT_DURABLE);
        }
        assertThat(bed.ledger.commits).isEqualTo(1);
        bed.now = bed.now.plusSeconds(1);
        assertThat(bed.verdict(Clear.udp(9))).isEqualTo(Verdict.NUMBERS_NOT_DURABLE);
        assertThat(bed.ledger.commits).isEqualTo(2);
        bed.ledger.broken = false;
        bed.now = bed.now.plusSeconds(1);
        assertThat(bed.verdict(Clear.udp(9))).isEqualTo(Verdict.PROTECTED);
        bed.engine()
                .forEachUse((_, use) ->
                        assertThat(use.lastSent()).as("two blocks were spent").isEqualTo(2 * NumberLedger.BLOCK + 1));
    }

    @Test
    void every_packet_counts_once_in_the_engine_and_on_the_members() {
        StackBed bed = StackBed.threeMembers();
        List<byte[]> sealed = bed.protect(Collections.nCopies(5, Clear.udp(9)));
        bed.with(PEEL).run(sealed);
        bed.run(sealed.get(0), Clear.changed(sealed.get(1), -1), new byte[0], Clear.udp(3));
        assertThat(bed.engine().counters().total()).isEqualTo(9);
        assertThat(bed.engine().counters().of(Verdict.PEELED)).isEqualTo(5);
        assertThat(bed.engine().counters().dropped()).isEqualTo(3);
        bed.engine()
                .forEachUse(
                        (said, use) -> assertThat(use.in()).as(said.toString()).containsEntry(Verdict.PEELED, 5L));
    }
}
