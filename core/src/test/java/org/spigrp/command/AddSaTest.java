package org.spigrp.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.spigrp.command.Samples.ah;
import static org.spigrp.command.Samples.comp;
import static org.spigrp.command.Samples.directed;
import static org.spigrp.command.Samples.esp;
import static org.spigrp.command.Samples.espOf;
import static org.spigrp.command.Samples.key;
import static org.spigrp.command.Samples.legacy;
import static org.spigrp.command.Samples.numbered;
import static org.spigrp.command.Samples.sa;
import static org.spigrp.command.Samples.said;
import static org.spigrp.command.Samples.sentBy;
import static org.spigrp.command.Samples.to;
import static org.spigrp.command.Samples.tun;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.command.Outcome.Reason;
import org.spigrp.sa.Direction;
import org.spigrp.sa.EspCipher;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.KeyMaterial;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Shunt;
import org.spigrp.sa.Transform;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;

final class AddSaTest {
    private final Office office = new Office();

    @Test
    void a_sound_sa_is_added_without_a_word_and_gets_time_and_number() {
        office.has(tun(0x113), esp(0x115), ah(0x116), comp(0x117));
        assertThat(office.tables.sas()).extracting(SecurityAssociation::ref).containsExactly(1, 2, 3, 4);
        assertThat(office.tables.sas())
                .extracting(SecurityAssociation::addedAtSeconds)
                .containsOnly(office.now.getEpochSecond());
        assertThat(office.tables.sas())
                .extracting(SecurityAssociation::windowBits)
                .as("SAs without sequence numbers have no window")
                .containsExactly(0, 1024, 1024, 0);
    }

    @Test
    void the_same_spi_may_be_used_for_every_protocol_and_destination() {
        office.has(
                tun(0x583),
                esp(0x583),
                ah(0x583),
                comp(0x583),
                to(Samples.v4(192, 0, 2, 10), sa(said(SaProtocol.ESP, 0x583), espOf(Samples.CTR, key(20, 99)))));
        assertThat(office.tables.saCount()).isEqualTo(5);
    }

    @Test
    void a_said_that_exists_is_refused_with_the_way_out() {
        office.has(esp(0x115));
        Outcome.Refused refused =
                office.refused(Reason.SA_EXISTS, Office.add(esp(0x115)), "esp0x115@192.0.2.9", "--del");
        assertThat(refused.reason().errno()).isEqualTo(17);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 255})
    void reserved_spis_are_refused_and_named(int spi) {
        office.refused(Reason.INVALID, Office.add(esp(spi)), "(" + spi + ")", "reserved", "256");
    }

    @ParameterizedTest
    @ValueSource(ints = {256, 0x7fffffff, 0x80000000, 0xffffffff})
    void every_other_spi_is_taken(int spi) {
        office.has(esp(spi));
    }

    @Test
    void a_cpi_has_sixteen_bits() {
        office.has(comp(0xffff));
        office.refused(
                Reason.INVALID, Office.add(comp(0x10000)), "comp0x10000@192.0.2.9", "65536", "16 bits", "0xffff");
    }

    @Test
    void a_shunt_is_no_sa() {
        office.refused(Reason.INVALID, Office.add(sa(Shunt.DROP.said(), Samples.tunnel())), "%drop", "shunt");
    }

    @Test
    void protocol_and_action_must_agree() {
        office.refused(
                Reason.INVALID,
                Office.add(sa(said(SaProtocol.ESP, 0x115), Samples.tunnel())),
                "esp0x115@192.0.2.9",
                "is esp",
                "tun",
                "--proto");
    }

    @Test
    void a_destination_is_needed() {
        office.refused(
                Reason.INVALID,
                Office.add(to(IpAddress.ANY_V4, esp(0x115))),
                "esp0x115@0.0.0.0",
                "destination 0.0.0.0");
    }

    @Test
    void source_and_destination_are_of_one_family() {
        office.refused(
                Reason.FAMILY_MISMATCH,
                Office.add(sentBy(Samples.OURS6, tun(0x113))),
                "tun0x113@192.0.2.9",
                "2001:db8::4",
                "inet6",
                "inet");
    }

    @Test
    void only_a_tunnel_that_sends_needs_a_source() {
        office.has(
                sentBy(IpAddress.any(Family.INET), esp(0x115)),
                directed(Direction.IN, sentBy(IpAddress.any(Family.INET), tun(0x114))));
        office.refused(
                Reason.INVALID,
                Office.add(sentBy(IpAddress.any(Family.INET), tun(0x113))),
                "tun0x113@192.0.2.9",
                "--src");
    }

    @Test
    void replay_windows_have_bounds_and_small_ones_a_warning() {
        assertThat(office.done(Office.add(numbered(false, 31, 0, esp(0x100)))))
                .singleElement()
                .asString()
                .contains("esp0x100@192.0.2.9", "31", "32");
        assertThat(office.done(Office.add(numbered(false, 0, 0, esp(0x101)))))
                .singleElement()
                .asString()
                .contains("esp0x101@192.0.2.9", "no replay protection");
        office.has(numbered(false, 32, 0, esp(0x102)), numbered(false, 65_536, 0, ah(0x103)));
        office.refused(Reason.INVALID, Office.add(numbered(false, 65_537, 0, esp(0x104))), "65537", "65536");
        office.refused(Reason.INVALID, Office.add(numbered(false, -1, 0, esp(0x104))), "-1");
    }

    @Test
    void extended_numbers_need_a_window_and_integrity_and_a_protocol_that_has_numbers() {
        office.has(numbered(true, 64, 0, esp(0x100)));
        office.refused(Reason.INVALID, Office.add(numbered(true, 0, 0, esp(0x101))), "esp0x101", "window");
        office.refused(Reason.INVALID, Office.add(numbered(true, 64, 0, esp(0x102, Samples.AES_ALONE))), "integrity");
        office.refused(Reason.INVALID, Office.add(numbered(true, 64, 0, tun(0x103))), "--esn");
        office.refused(Reason.INVALID, Office.add(numbered(false, 64, 9, comp(0x103))), "--seq");
    }

    @Test
    void keys_must_have_the_length_of_their_algorithm_and_are_never_shown() {
        KeyMaterial tooShort = KeyMaterial.copyOf("secret secret".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        Outcome.Refused gcm = office.refused(
                Reason.INVALID,
                Office.add(sa(said(SaProtocol.ESP, 0x115), espOf(Samples.GCM, tooShort))),
                "encryption key has 104 bits",
                "160 bits",
                "20 octets",
                "the last 4 of them the salt");
        assertThat(gcm.say()).doesNotContain("secret").doesNotContain("736563");
        office.refused(
                Reason.INVALID,
                Office.add(sa(said(SaProtocol.AH, 0x115), new Transform.Ah(Samples.SHA1, key(16, 1), 0))),
                "authentication key has 128 bits",
                "160 bits");
        office.refused(
                Reason.INVALID,
                Office.add(sa(
                        said(SaProtocol.ESP, 0x115),
                        new Transform.Esp(Samples.AES_SHA256, key(16, 1), KeyMaterial.NONE, NatTraversal.NONE))),
                "needs an authentication key");
        office.refused(
                Reason.INVALID,
                Office.add(sa(
                        said(SaProtocol.ESP, 0x115),
                        new Transform.Esp(Samples.GCM, key(20, 1), key(20, 2), NatTraversal.NONE))),
                "takes no authentication key");
        assertThat(office.tables.saCount()).isZero();
    }

    @Test
    void encryption_that_is_none_and_integrity_that_is_none_is_refused() {
        var nothing = new EspSuite("null", EspCipher.NULL, 0, 0, null);
        office.refused(Reason.INVALID, Office.add(esp(0x115, nothing)), "protects nothing");
        office.has(esp(0x115, Samples.NULL_SHA256));
    }

    @Test
    void obsolete_algorithms_and_missing_integrity_are_warned_about_unless_legacy() {
        assertThat(office.done(Office.add(esp(0x100, Samples.DES3_MD5))))
                .singleElement()
                .asString()
                .contains("3des-md5-96", "obsolete", "RFC 8221", "IPSEC_LEGACY=ok");
        assertThat(office.done(Office.add(ah(0x100, Samples.MD5))))
                .singleElement()
                .asString()
                .contains("hmac-md5-96", "obsolete");
        assertThat(office.done(Office.add(esp(0x101, Samples.AES_ALONE))))
                .singleElement()
                .asString()
                .contains("aes128", "no integrity", "covers");
        assertThat(office.done(Office.add(esp(0x102, Samples.DES3_ALONE)))).hasSize(2);
        office.has(legacy(esp(0x103, Samples.DES3_ALONE)), legacy(ah(0x103, Samples.MD5)));
    }

    @Test
    void ports_of_udp_encapsulation_must_be_ports() {
        var plain = (Transform.Esp) esp(0x115).transform();
        var esp = new Transform.Esp(
                plain.suite(),
                plain.encryptionKey(),
                plain.authenticationKey(),
                new NatTraversal(NatTraversal.Kind.NONESP, 0, 4500));
        office.refused(
                Reason.INVALID, Office.add(sa(said(SaProtocol.ESP, 0x115), esp)), "--sport", "UDP port 0", "4500");
        office.has(directed(Direction.IN, sa(said(SaProtocol.ESP, 0x115), esp)));
    }

    @Test
    void ah_is_aligned_to_four_or_eight() {
        Transform six = new Transform.Ah(Samples.SHA1, key(20, 1), 6);
        office.refused(Reason.INVALID, Office.add(sa(said(SaProtocol.AH, 0x115), six)), "6 octets", "--ah-align");
    }

    @Test
    void a_counter_mode_key_belongs_to_one_sa_alone_whatever_salt_and_mode() {
        byte[] octets = key(16, 77).octets();
        office.has(sa(said(SaProtocol.ESP, 0x100), espOf(Samples.GCM, salted(octets, 1))));
        office.refused(
                Reason.KEY_IN_USE,
                Office.add(sa(said(SaProtocol.ESP, 0x101), espOf(Samples.CTR, salted(octets, 2)))),
                "esp0x101@192.0.2.9",
                "esp0x100@192.0.2.9",
                "counter mode");
        office.refused(
                Reason.KEY_IN_USE,
                Office.add(sa(said(SaProtocol.ESP, 0x101), espOf(Samples.AES_SHA256, KeyMaterial.copyOf(octets)))),
                "esp0x100@192.0.2.9 uses it in counter mode");
        office.refused(
                Reason.KEY_IN_USE,
                Office.add(sa(said(SaProtocol.AH, 0x101), new Transform.Ah(Samples.GMAC, salted(octets, 3), 0))),
                "esp0x100@192.0.2.9");
        office.quietly(Office.delete(esp(0x100)));
        office.has(sa(said(SaProtocol.ESP, 0x101), espOf(Samples.AES_SHA256, KeyMaterial.copyOf(octets))));
        office.refused(
                Reason.KEY_IN_USE,
                Office.add(sa(said(SaProtocol.ESP, 0x102), espOf(Samples.GCM, salted(octets, 1)))),
                "esp0x102@192.0.2.9 uses it in counter mode");
    }

    private static KeyMaterial salted(byte[] cipherKey, int salt) {
        byte[] key = java.util.Arrays.copyOf(cipherKey, cipherKey.length + 4);
        key[cipherKey.length] = (byte) salt;
        return KeyMaterial.copyOf(key);
    }

    @Test
    void another_key_in_two_sas_is_a_warning_that_legacy_silences() {
        office.has(ah(0x100));
        SecurityAssociation back =
                to(Samples.OURS, sa(said(SaProtocol.AH, 0x200), ah(0x100).transform()));
        assertThat(office.done(Office.add(sentBy(Samples.PEER, back))))
                .singleElement()
                .asString()
                .contains("ah0x200@192.0.2.4", "ah0x100@192.0.2.9");
        office.has(legacy(sa(said(SaProtocol.AH, 0x300), ah(0x100).transform())));
    }

    @Test
    void a_key_whose_numbers_are_used_up_is_refused_also_after_deletion() {
        office.has(esp(0x115));
        office.quietly(Office.delete(esp(0x115)));
        office.ledger.numbersOf(esp(0x115)).sent = 0xffff_ffffL;
        Outcome.Refused refused = office.refused(
                Reason.NUMBERS_USED_UP, Office.add(esp(0x115)), "esp0x115@192.0.2.9", "4294967295", "new key");
        assertThat(refused.say()).contains("sent");
        office.ledger.numbersOf(esp(0x115)).sent = 0xffff_fffeL;
        office.has(esp(0x115));
        office.ledger.numbersOf(esp(0x116)).sent = 0xffff_ffffL;
        office.has(numbered(true, 64, 0, esp(0x116)));
        office.ledger.numbersOf(esp(0x117)).sent = -1L;
        office.refused(Reason.NUMBERS_USED_UP, Office.add(numbered(true, 64, 0, esp(0x117))), "18446744073709551615");
        office.ledger.numbersOf(esp(0x118)).ceiling = 0xffff_ffffL;
        office.refused(Reason.NUMBERS_USED_UP, Office.add(directed(Direction.IN, esp(0x118))), "received");
    }

    @Test
    void numbers_handed_over_go_forward_only() {
        office.ledger.numbersOf(esp(0x115)).sent = 70_000;
        office.ledger.numbersOf(esp(0x115)).ceiling = 500;
        office.refused(
                Reason.INVALID, Office.add(numbered(false, 64, 70_000, esp(0x115))), "--seq 70000", "not above 70000");
        office.refused(
                Reason.INVALID,
                Office.add(directed(Direction.IN, numbered(false, 64, 499, esp(0x115)))),
                "--seq 499",
                "below 500");
        office.refused(
                Reason.INVALID, Office.add(numbered(false, 64, 0x1_0000_0000L, esp(0x115))), "4294967296", "--esn");
        office.has(numbered(false, 64, 70_001, esp(0x115)));
        office.quietly(Office.delete(esp(0x115)));
        office.has(directed(Direction.IN, numbered(false, 64, 500, esp(0x115))));
    }

    @Test
    void a_saref_may_be_chosen_but_not_taken_twice_and_the_automatic_ones_step_around_it() {
        office.has(Samples.referenced(2, esp(0x100)));
        office.refused(
                Reason.REF_TAKEN,
                Office.add(Samples.referenced(2, esp(0x101))),
                "esp0x101@192.0.2.9",
                "SAref 2",
                "esp0x100@192.0.2.9");
        office.has(esp(0x102), esp(0x103), esp(0x104));
        assertThat(office.tables.sas()).extracting(SecurityAssociation::ref).containsExactly(2, 1, 3, 4);
    }

    @Test
    void an_inbound_sa_that_an_eroute_names_already_is_pointed_out() {
        office.done(Office.eroute(Samples.OUT, said(SaProtocol.ESP, 0x115)));
        List<String> notices = office.done(Office.add(directed(Direction.IN, esp(0x115))));
        assertThat(notices).singleElement().asString().contains("esp0x115@192.0.2.9", "only receives");
    }

    @Test
    void many_warnings_of_one_kind_are_counted_instead_of_told() {
        Change[] many = new Change[Notices.MOST_OF_A_KIND + 5];
        for (int i = 0; i < many.length; i++) {
            many[i] = Office.add(ah(0x1000 + i, Samples.MD5));
        }
        assertThat(office.done(many))
                .hasSize(Notices.MOST_OF_A_KIND + 1)
                .last()
                .asString()
                .contains("5 more");
    }

    @Test
    void messages_name_saids_in_the_form_of_the_listings() {
        office.refused(Reason.INVALID, Office.add(to(Samples.PEER6, esp(7))), "esp0x7@2001:db8::9");
        assertThat(new Said(SaProtocol.TUN, 0x113, Samples.PEER)).hasToString("tun0x113@192.0.2.9");
    }
}
