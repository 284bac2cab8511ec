package org.spigrp.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.spigrp.command.Samples.ah;
import static org.spigrp.command.Samples.comp;
import static org.spigrp.command.Samples.directed;
import static org.spigrp.command.Samples.esp;
import static org.spigrp.command.Samples.espNat;
import static org.spigrp.command.Samples.group;
import static org.spigrp.command.Samples.legacy;
import static org.spigrp.command.Samples.said;
import static org.spigrp.command.Samples.saids;
import static org.spigrp.command.Samples.to;
import static org.spigrp.command.Samples.tun;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.command.Outcome.Reason;
import org.spigrp.sa.Direction;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Shunt;

/** The outcomes of spigrp. A, B, C, ... are ESP SAs with these numbers; T is a tunnel. */
final class GroupingTest {
    private static final SecurityAssociation A = esp(0xa00);
    private static final SecurityAssociation B = esp(0xb00);
    private static final SecurityAssociation C = esp(0xc00);
    private static final SecurityAssociation D = esp(0xd00);
    private static final SecurityAssociation E = esp(0xe00);
    private static final SecurityAssociation Z = esp(0xf00);
    private static final SecurityAssociation T = tun(0x113);

    private final Office office = new Office();

    @BeforeEach
    void add() {
        office.has(A, B, C, D, E, Z, T);
    }

    private static String line(SecurityAssociation... sas) {
        return String.join(" ", saids(sas).stream().map(Said::toString).toList());
    }

    // Making and growing

    @Test
    void three_sas_become_one_group_inner_to_outer() {
        office.has(esp(0x115), ah(0x116));
        office.quietly(group(T, esp(0x115), ah(0x116)));
        assertThat(office.tables.groupOf(ah(0x116).said()))
                .extracting(Office::members)
                .isEqualTo(saids(T, esp(0x115), ah(0x116)));
        assertThat(office.groups()).contains("tun0x113@192.0.2.9 esp0x115@192.0.2.9 ah0x116@192.0.2.9");
    }

    @Test
    void a_group_grows_pair_by_pair_at_its_outer_end() {
        office.quietly(group(A, B));
        office.quietly(group(B, C));
        office.quietly(group(C, D, E));
        assertThat(office.groups()).startsWith(line(A, B, C, D, E));
    }

    @Test
    void a_new_first_member_goes_in_front() {
        office.quietly(group(A, B));
        office.quietly(group(Z, A));
        assertThat(office.groups()).contains(line(Z, A, B));
        assertThat(office.tables.groupOf(B.said())).extracting(Office::members).isEqualTo(saids(Z, A, B));
        office.quietly(group(D, E, Z));
        assertThat(office.tables.groupOf(B.said())).extracting(Office::members).isEqualTo(saids(D, E, Z, A, B));
    }

    @Test
    void two_groups_are_joined_end_to_end() {
        office.quietly(group(A, B), group(D, E));
        office.quietly(group(B, C, D));
        assertThat(office.groups()).startsWith(line(A, B, C, D, E));
        office.quietly(ungroup(C));
        office.quietly(group(A, B), group(D, E));
        office.quietly(group(B, D));
        assertThat(office.tables.groupOf(E.said())).extracting(Office::members).isEqualTo(saids(A, B, D, E));
        assertThat(office.tables.groups()).hasSize(1);
    }

    private static Change ungroup(SecurityAssociation member) {
        return Office.ungroup(member);
    }

    // What the table of outcomes refuses

    @Test
    void an_inner_member_gets_no_second_neighbour() {
        office.quietly(group(A, B));
        Outcome.Refused refused = office.refused(
                Reason.ALREADY_GROUPED,
                group(A, D),
                A.said().toString(),
                B.said().toString(),
                "ungroup");
        assertThat(refused.reason().errno()).isEqualTo(17);
    }

    @Test
    void the_same_group_again_says_that_it_is_grouped_already() {
        office.quietly(group(A, B, C));
        office.refused(Reason.ALREADY_GROUPED, group(A, B, C), "grouped already, in this order");
        office.refused(Reason.ALREADY_GROUPED, group(A, B), "grouped already, in this order");
        office.refused(Reason.ALREADY_GROUPED, group(B, C), "grouped already, in this order");
    }

    @Test
    void a_loop_is_refused() {
        office.quietly(group(A, B, C));
        office.refused(Reason.ALREADY_GROUPED, group(C, A), "loop");
        office.refused(Reason.ALREADY_GROUPED, group(C, D, A), "loop");
    }

    @Test
    void an_sa_twice_is_refused() {
        office.refused(Reason.ALREADY_GROUPED, group(A, A), "twice");
        office.refused(Reason.ALREADY_GROUPED, group(A, B, A), "twice");
    }

    @Test
    void a_second_way_into_a_group_is_refused() {
        office.quietly(group(A, B));
        office.refused(Reason.ALREADY_GROUPED, group(D, B), B.said().toString(), "only the first member " + A.said());
    }

    @Test
    void a_middle_of_the_list_must_be_free() {
        office.quietly(group(A, B));
        office.refused(Reason.ALREADY_GROUPED, group(C, A, D), A.said().toString());
        office.refused(Reason.ALREADY_GROUPED, group(C, B, D), B.said().toString());
        office.refused(Reason.ALREADY_GROUPED, group(B, A), "loop");
        office.refused(Reason.ALREADY_GROUPED, group(A, C, D), "outermost member " + B.said());
    }

    @Test
    void where_one_of_three_is_grouped_elsewhere_nothing_is_grouped() {
        office.quietly(group(C, D));
        office.refused(Reason.ALREADY_GROUPED, group(A, B, D), D.said().toString());
        assertThat(office.tables.groupOf(A.said())).isNull();
        assertThat(office.tables.groupOf(B.said())).isNull();
    }

    @Test
    void a_missing_sa_is_named_with_the_way_out() {
        Outcome.Refused refused = office.refused(
                Reason.NO_SUCH_SA,
                group(A.said(), said(SaProtocol.ESP, 0x115)),
                "esp0x115@192.0.2.9 does not exist",
                "ipsec spi");
        assertThat(refused.reason().errno()).isEqualTo(2);
        office.refused(Reason.NO_SUCH_SA, group(said(SaProtocol.ESP, 0x115), A.said()), "esp0x115@192.0.2.9");
    }

    @Test
    void a_shunt_cannot_be_grouped() {
        office.refused(Reason.INVALID, group(A.said(), Shunt.PASS.said()), "%pass", "shunt");
    }

    @Test
    void sixteen_members_fit_and_seventeen_do_not() {
        List<Said> members = new ArrayList<>();
        for (int i = 0; i < 17; i++) {
            office.has(ah(0x2000 + i));
            members.add(ah(0x2000 + i).said());
        }
        office.refused(Reason.GROUP_TOO_LARGE, group(members.toArray(Said[]::new)), "17 members", "16 is the most");
        office.quietly(group(members.subList(0, 16).toArray(Said[]::new)));
        office.refused(Reason.GROUP_TOO_LARGE, group(members.get(15), members.get(16)), "17 members", "16");
    }

    // Names

    @Test
    void a_group_may_have_a_name_which_stands_for_its_first_member() {
        office.quietly(named("to-gw2", A, B));
        office.quietly(new Change.AddEroute(Samples.OUT, new Target.ByName("to-gw2")));
        assertThat(office.tables.eroutes()).containsExactly(new Eroute(Samples.OUT, A.said()));
        List<String> notices =
                office.done(new Change.MakeGroup(List.of(Target.of(Z.said()), new Target.ByName("to-gw2")), null));
        assertThat(notices).hasSize(1);
        assertThat(office.tables.groupNamed("to-gw2"))
                .extracting(Office::members)
                .isEqualTo(saids(Z, A, B));
        office.done(new Change.Ungroup(new Target.ByName("to-gw2")));
        assertThat(office.tables.groups()).isEmpty();
        office.refused(
                Reason.NO_SUCH_SA, new Change.DeleteSa(new Target.ByName("to-gw2")), "'to-gw2'", "spigrp --name");
    }

    private static Change.MakeGroup named(String name, SecurityAssociation... members) {
        return new Change.MakeGroup(group(members).innerToOuter(), name);
    }

    @Test
    void a_name_is_given_once_but_a_group_may_change_its_own() {
        office.quietly(named("one", A, B), named("two", D, E));
        office.refused(Reason.NAME_TAKEN, named("two", B, C), "two", D.said().toString());
        office.quietly(named("three", B, C));
        assertThat(office.tables.groupNamed("one")).isNull();
        assertThat(office.tables.groupNamed("three")).isNotNull();
        office.quietly(named("two", C, D));
        assertThat(office.tables.groupNamed("two")).extracting(Office::members).isEqualTo(saids(A, B, C, D, E));
        assertThat(office.tables.groupNamed("three")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "esp@1.2.3.4", "%drop", "-x", "--said", "ö", "a/b"})
    void names_that_could_be_taken_for_something_else_are_refused(String name) {
        office.refused(Reason.INVALID, named(name, A, B), "'" + name + "'");
    }

    @Test
    void a_name_has_at_most_63_characters() {
        office.refused(Reason.INVALID, named("n".repeat(64), A, B), "63");
        office.quietly(named("n".repeat(63), A, B));
    }

    // Families, directions, orders

    @Test
    void behind_a_tunnel_an_sa_must_have_the_family_of_its_outer_header() {
        office.has(to(Samples.PEER6, esp(0x500)), to(Samples.PEER6, tun(0x501)));
        office.refused(
                Reason.FAMILY_MISMATCH,
                group(T.said(), to(Samples.PEER6, esp(0x500)).said()),
                "esp0x500@2001:db8::9",
                "the header that tun0x113@192.0.2.9 makes",
                "inet",
                "inet6");
        office.refused(
                Reason.FAMILY_MISMATCH,
                group(A.said(), to(Samples.PEER6, esp(0x500)).said()),
                "the same header as " + A.said());
        office.quietly(group(
                A.said(),
                to(Samples.PEER6, tun(0x501)).said(),
                to(Samples.PEER6, esp(0x500)).said()));
    }

    @Test
    void tunnels_may_be_nested_to_different_destinations_and_families() {
        SecurityAssociation inner = to(Samples.v4(203, 0, 113, 20), tun(0x1901));
        SecurityAssociation innerEsp = to(Samples.v4(203, 0, 113, 20), esp(0x1902));
        SecurityAssociation outer = to(Samples.PEER6, tun(0x1903));
        SecurityAssociation outerEsp = to(Samples.PEER6, esp(0x1904));
        office.has(inner, innerEsp, outer, outerEsp);
        office.quietly(group(inner, innerEsp, outer, outerEsp));
    }

    @Test
    void a_group_goes_one_way() {
        office.has(directed(Direction.IN, esp(0x500)), directed(Direction.OUT, esp(0x501)));
        office.refused(
                Reason.INVALID,
                group(directed(Direction.IN, esp(0x500)), A, esp(0x501)),
                "esp0x500@192.0.2.9 only receives",
                "esp0x501@192.0.2.9 only sends");
        office.quietly(group(A, esp(0x501)));
    }

    @Test
    void ah_does_not_go_with_udp_encapsulation() {
        office.has(espNat(0x500), ah(0x501));
        office.refused(
                Reason.INVALID, group(T, espNat(0x500), ah(0x501)), "ah0x501@192.0.2.9", "esp0x500@192.0.2.9", "NAT");
        office.quietly(group(T, espNat(0x500)));
    }

    @Test
    void orders_that_make_no_sense_are_done_with_a_warning() {
        office.has(comp(0x500));
        assertThat(office.done(group(A, comp(0x500))))
                .singleElement()
                .asString()
                .contains("comp0x500@192.0.2.9", A.said().toString(), "compress");
        assertThat(office.done(group(B, T))).singleElement().asString().contains("tun0x113@192.0.2.9", "outermost");
    }

    @Test
    void compression_inside_encryption_inside_authentication_is_no_matter_for_a_warning() {
        office.has(comp(0x500), ah(0x501));
        office.quietly(group(T, comp(0x500)));
        office.quietly(group(comp(0x500), A));
        office.quietly(group(A, ah(0x501)));
    }

    @Test
    void esp_without_integrity_wants_a_cover_outside_of_it() {
        SecurityAssociation bare = esp(0x500, Samples.AES_ALONE);
        office.done(Office.add(bare));
        office.has(legacy(esp(0x501, Samples.DES3_ALONE)), ah(0x502));
        assertThat(office.done(group(T, bare)))
                .singleElement()
                .asString()
                .contains("esp0x500@192.0.2.9", "UNPROTECTED_ESP");
        office.quietly(group(bare, ah(0x502)));
        office.quietly(group(A, esp(0x501)));
    }

    // Eroutes and policies of groups that change

    @Test
    void eroutes_to_the_old_first_move_to_the_new_one_in_the_same_change() {
        office.quietly(group(A, B), Office.eroute(Samples.OUT, A.said()), Office.eroute(Samples.IN, A.said()));
        assertThat(office.done(group(T, A)))
                .singleElement()
                .asString()
                .contains("2 eroutes", A.said().toString(), T.said().toString());
        assertThat(office.tables.eroutes()).extracting(Eroute::said).containsOnly(T.said());
    }

    @Test
    void an_eroute_to_a_single_sa_moves_when_the_sa_becomes_a_later_member() {
        office.quietly(Office.eroute(Samples.OUT, B.said()));
        assertThat(office.done(group(A, B)).toString()).contains("1 eroute");
        assertThat(office.tables.eroutes()).containsExactly(new Eroute(Samples.OUT, A.said()));
    }

    @Test
    void grouping_is_refused_where_an_eroute_would_not_fit_the_new_first() {
        office.quietly(Office.eroute(Samples.OUT6, T.said()));
        office.refused(Reason.INVALID, group(A, T), A.said().toString(), "edits inet headers", "2001:db8:a::/48");
        assertThat(office.tables.groups()).isEmpty();
        assertThat(office.tables.eroutes()).containsExactly(new Eroute(Samples.OUT6, T.said()));
    }

    @Test
    void a_member_that_only_receives_does_not_come_into_a_group_that_an_eroute_sends_through() {
        office.has(directed(Direction.IN, esp(0x500)));
        office.quietly(Office.eroute(Samples.OUT, A.said()));
        office.refused(Reason.INVALID, group(A, esp(0x500)), "esp0x500@192.0.2.9 only receives");
    }

    @Test
    void the_policy_stays_with_its_tunnel_and_is_said_when_it_is_not_asked_any_more() {
        office.has(tun(0x200), ah(0x201));
        office.quietly(group(T, A), Office.addin(Samples.IN, T.said()));
        assertThat(office.done(group(tun(0x200), ah(0x201), T)))
                .singleElement()
                .asString()
                .contains("inbound policy of tun0x113@192.0.2.9", "tun0x200@192.0.2.9 is the innermost tunnel");
        assertThat(office.tables.inboundPolicy(T.said())).containsExactly(Samples.IN);
    }

    // Ungrouping, deleting, clearing, expiring

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void ungrouping_any_member_releases_all(int index) {
        office.quietly(group(A, B, C));
        office.quietly(ungroup(List.of(A, B, C).get(index)));
        assertThat(office.tables.groups()).isEmpty();
        assertThat(office.tables.saCount()).isEqualTo(7);
        office.quietly(group(C, B, A));
    }

    @Test
    void ungrouping_an_sa_in_no_group_is_done_and_a_missing_one_refused() {
        office.quietly(ungroup(A));
        office.refused(Reason.NO_SUCH_SA, new Change.Ungroup(Target.of(said(SaProtocol.AH, 0x1))), "ah0x1@192.0.2.9");
    }

    @Test
    void ungrouping_says_what_its_eroutes_do_now() {
        office.quietly(group(T, A, B), Office.eroute(Samples.OUT, T.said()));
        assertThat(office.done(ungroup(B)))
                .singleElement()
                .asString()
                .contains("1 eroute to " + T.said(), "alone, without " + A.said() + " " + B.said());
        assertThat(office.tables.eroutes()).containsExactly(new Eroute(Samples.OUT, T.said()));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void deleting_any_member_deletes_the_group_and_leaves_eroutes(int index) {
        office.quietly(group(A, B, C), Office.eroute(Samples.OUT, A.said()));
        office.quietly(Office.delete(List.of(A, B, C).get(index)));
        assertThat(office.groups()).doesNotContain(A.said().toString()).hasSize(4);
        assertThat(office.tables.groups()).isEmpty();
        assertThat(office.tables.erouteCount()).isEqualTo(1);
        office.refused(Reason.NO_SUCH_SA, Office.delete(B), B.said().toString(), "nothing to delete");
    }

    @Test
    void clearing_takes_all_sas_or_those_of_one_protocol_with_their_groups() {
        office.has(comp(0x500), ah(0x501));
        office.quietly(group(T, comp(0x500), A), group(B, C), Office.eroute(Samples.OUT, T.said()));
        office.quietly(new Change.ClearSas(SaProtocol.COMP));
        assertThat(office.tables.sa(T.said())).isNull();
        assertThat(office.tables.sa(A.said())).isNull();
        assertThat(office.tables.sa(ah(0x501).said())).isNotNull();
        assertThat(office.tables.groups()).hasSize(1);
        office.quietly(new Change.ClearSas(null));
        assertThat(office.tables.saCount()).isZero();
        assertThat(office.tables.groups()).isEmpty();
        assertThat(office.tables.erouteCount()).isEqualTo(1);
        office.refused(Reason.INVALID, new Change.ClearSas(SaProtocol.INT), "shunts");
    }

    @Test
    void an_expired_member_takes_its_group_along_once() {
        office.quietly(group(A, B));
        assertThat(office.done(new Change.Expire(B.said())))
                .singleElement()
                .asString()
                .contains(B.said().toString(), "hard lifetime", A.said().toString());
        assertThat(office.tables.sa(A.said())).isNull();
        office.quietly(new Change.Expire(B.said()));
    }

    @Test
    void an_idle_sa_goes_when_its_time_has_come_and_not_a_second_earlier() {
        office.has(Samples.with(Samples.hardAddtime(60), esp(0x500)), Samples.with(Samples.hardUsetime(60), ah(0x501)));
        office.quietly(group(T, esp(0x500)));
        office.now = office.now.plusSeconds(60);
        office.quietly();
        assertThat(office.tables.sa(T.said())).isNotNull();
        office.now = office.now.plusSeconds(1);
        assertThat(office.done()).singleElement().asString().contains("esp0x500@192.0.2.9", "tun0x113@192.0.2.9");
        assertThat(office.tables.sa(T.said())).isNull();
        assertThat(office.tables.sa(ah(0x501).said())).as("never used").isNotNull();
        office.tables.putUse(ah(0x501).said(), Office.used(office.now.getEpochSecond(), 1));
        office.tables.commit();
        office.now = office.now.plusSeconds(61);
        assertThat(office.done()).singleElement().asString().contains("ah0x501@192.0.2.9");
    }

    @Test
    void an_sa_of_an_expired_one_can_be_added_at_once() {
        office.has(Samples.with(Samples.hardAddtime(60), esp(0x500)));
        office.now = office.now.plusSeconds(100);
        assertThat(office.done(Office.add(esp(0x500)))).hasSize(1);
        assertThat(office.tables.sa(esp(0x500).said())).isNotNull();
    }
}
