package org.spigrp.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.spigrp.command.Samples.ah;
import static org.spigrp.command.Samples.esp;
import static org.spigrp.command.Samples.hardAddtime;
import static org.spigrp.command.Samples.hardUsetime;
import static org.spigrp.command.Samples.said;
import static org.spigrp.command.Samples.saids;
import static org.spigrp.command.Samples.tun;
import static org.spigrp.command.Samples.with;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.recursive.comparison.RecursiveComparisonConfiguration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.ErouteUse;
import org.spigrp.sa.Group;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.SaUse;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Shunt;
import org.spigrp.wire.Prefix;
import org.spigrp.wire.Verdict;

/** What all tables promise. A kind of tables passes it by a subclass that opens new ones. */
public abstract class TablesContract {
    protected static final RecursiveComparisonConfiguration BY_CONTENT = new RecursiveComparisonConfiguration();

    protected Tables tables = new MemoryTables();

    /** Empty ones, as after a first start. */
    protected abstract Tables openNew();

    /** What a later process finds: tables on disk are closed without a commit and opened again. */
    protected Tables openAgain(Tables before) {
        before.rollback();
        return before;
    }

    @BeforeEach
    void opensNew() {
        tables = openNew();
    }

    private void commitAndOpenAgain() {
        tables.commit();
        tables = openAgain(tables);
    }

    private void rollbackAndOpenAgain() {
        tables.rollback();
        tables = openAgain(tables);
    }

    @Test
    void a_new_database_has_two_ipsec_interfaces_a_mast_and_nothing_else() {
        assertThat(tables.attachments()).containsExactlyElementsOf(Attachment.AT_START);
        assertThat(tables.saCount()).isZero();
        assertThat(tables.sas()).isEmpty();
        assertThat(tables.groups()).isEmpty();
        assertThat(tables.eroutes()).isEmpty();
        assertThat(tables.erouteCount()).isZero();
        assertThat(tables.debug()).isEmpty();
        assertThat(tables.due(Long.MAX_VALUE)).isEmpty();
    }

    @Test
    void what_is_put_is_seen_before_the_commit_and_found_after_it() {
        SecurityAssociation esp = with(hardAddtime(60), esp(0x1001).withRef(7).withAddedAtSeconds(1000));
        tables.putSa(esp, List.of("cipher", "auth"));
        assertThat(tables.sa(esp.said())).isEqualTo(esp);
        commitAndOpenAgain();
        assertThat(tables.sa(esp.said())).isEqualTo(esp);
        assertThat(tables.saCount()).isEqualTo(1);
        assertThat(tables.saidsWithKey("cipher")).containsExactly(esp.said());
        assertThat(tables.saidsWithKey("auth")).containsExactly(esp.said());
        assertThat(tables.saidWithRef(7)).isEqualTo(esp.said());
        assertThat(tables.saidWithRef(8)).isNull();
        assertThat(tables.sa(said(SaProtocol.AH, 0x1001))).isNull();
    }

    @Test
    void every_kind_of_sa_comes_back_as_it_was() {
        List<SecurityAssociation> all = List.of(
                tun(0x1000).withRef(1),
                Samples.comp(0x1001).withRef(2),
                esp(0x1002).withRef(3),
                esp(0x1003, Samples.GCM).withRef(4),
                esp(0x1004, Samples.DES3_ALONE).withRef(5),
                Samples.espNat(0x1005).withRef(6),
                ah(0x1006).withRef(7),
                ah(0x1007, Samples.GMAC).withRef(8),
                esp(0x1008, Samples.NULL_SHA256).withRef(9),
                Samples.to(Samples.PEER6, esp(0xfffffff0)).withRef(10),
                Samples.legacy(Samples.numbered(true, 65_536, -2L, esp(0x1009))).withRef(11));
        for (SecurityAssociation sa : all) {
            tables.putSa(sa, List.of());
        }
        commitAndOpenAgain();
        assertThat(tables.sas()).containsExactlyElementsOf(all);
        assertThat(tables.saids())
                .containsExactlyElementsOf(
                        all.stream().map(SecurityAssociation::said).toList());
    }

    @Test
    void a_rollback_forgets_everything_since_the_last_commit() {
        SecurityAssociation kept = with(hardAddtime(60), esp(0x1001).withRef(1).withAddedAtSeconds(1000));
        tables.putSa(kept, List.of("k"));
        tables.putSa(tun(0x1001).withRef(2), List.of());
        Group group = new Group(saids(tun(0x1001), kept), "office");
        tables.putGroup(group);
        tables.putEroute(new Eroute(Samples.OUT, tun(0x1001).said()));
        tables.putErouteUse(Samples.OUT, new ErouteUse(5, 6));
        tables.putInboundPolicy(tun(0x1001).said(), List.of(Samples.IN));
        int ref = tables.nextRef();
        tables.commit();

        tables.removeGroup(group.first());
        tables.removeSa(kept.said());
        tables.putSa(ah(0x1003).withRef(3), List.of("k"));
        tables.putEroute(new Eroute(Samples.OUT, Shunt.DROP.said()));
        tables.putErouteUse(Samples.OUT, new ErouteUse(50, 60));
        tables.putEroute(new Eroute(Samples.IN, Shunt.PASS.said()));
        tables.putInboundPolicy(tun(0x1001).said(), List.of());
        tables.putAttachment(new Attachment("ipsec0", "eth1", 1500));
        tables.removeAttachment("ipsec1");
        tables.putDebug(Set.of(DebugFlag.ESP));
        tables.nextRef();
        tables.clearSas();
        tables.clearEroutes();
        tables.putSa(esp(0x1001).withRef(4), List.of());
        rollbackAndOpenAgain();

        assertThat(tables.sas()).extracting(SecurityAssociation::said).containsExactly(kept.said(), group.first());
        assertThat(tables.sa(kept.said())).isEqualTo(kept);
        assertThat(tables.saidsWithKey("k")).containsExactly(kept.said());
        assertThat(tables.saidWithRef(1)).isEqualTo(kept.said());
        assertThat(tables.saidWithRef(3)).isNull();
        assertThat(tables.due(2000)).containsExactly(kept.said());
        assertThat(tables.groupOf(kept.said())).isEqualTo(group);
        assertThat(tables.groupNamed("office")).isEqualTo(group);
        assertThat(tables.eroutes()).containsExactly(new Eroute(Samples.OUT, group.first()));
        assertThat(tables.eroutesTo(group.first())).hasSize(1);
        assertThat(tables.eroutesTo(Shunt.DROP.said())).isEmpty();
        assertThat(tables.erouteUse(Samples.OUT)).isEqualTo(new ErouteUse(5, 6));
        assertThat(tables.inboundPolicy(group.first())).containsExactly(Samples.IN);
        assertThat(tables.attachments()).containsExactlyElementsOf(Attachment.AT_START);
        assertThat(tables.debug()).isEmpty();
        assertThat(tables.nextRef()).isGreaterThan(ref);
    }

    @Test
    void sas_come_in_order_of_insertion_and_keep_their_place_when_changed() {
        for (int spi : new int[] {0x1003, 0x1001, 0x1002}) {
            tables.putSa(esp(spi).withRef(spi), List.of());
        }
        tables.commit();
        tables.putSa(with(hardAddtime(9), esp(0x1003)).withRef(0x1003), List.of());
        tables.removeSa(esp(0x1001).said());
        tables.rollback();
        tables.putSa(esp(0x1000).withRef(0x1000), List.of());
        commitAndOpenAgain();
        assertThat(tables.sas()).extracting(sa -> sa.said().spi()).containsExactly(0x1003, 0x1001, 0x1002, 0x1000);
        tables.removeSa(esp(0x1001).said());
        tables.putSa(esp(0x1001).withRef(0x1001), List.of());
        commitAndOpenAgain();
        assertThat(tables.sas()).extracting(sa -> sa.said().spi()).containsExactly(0x1003, 0x1002, 0x1000, 0x1001);
    }

    @Test
    void an_sa_put_again_keeps_use_and_policy_and_one_removed_loses_them() {
        SecurityAssociation tunnel = tun(0x1001).withRef(1);
        tables.putSa(tunnel, List.of());
        tables.putUse(tunnel.said(), use(0, 12));
        tables.putInboundPolicy(tunnel.said(), List.of(Samples.IN, Samples.OUT));
        tables.putSa(tunnel, List.of());
        commitAndOpenAgain();
        assertThat(tables.use(tunnel.said()).packets()).isEqualTo(12);
        assertThat(tables.inboundPolicy(tunnel.said())).containsExactly(Samples.IN, Samples.OUT);
        tables.removeSa(tunnel.said());
        tables.putSa(tunnel, List.of());
        commitAndOpenAgain();
        assertThat(tables.use(tunnel.said()).packets()).isZero();
        assertThat(tables.inboundPolicy(tunnel.said())).isEmpty();
    }

    @Test
    void the_whole_use_comes_back() {
        Map<Verdict, Long> out = new EnumMap<>(Map.of(Verdict.PROTECTED, 3L, Verdict.TOO_BIG, 1L));
        Map<Verdict, Long> in = new EnumMap<>(Map.of(Verdict.BAD_ICV, 1L << 40));
        var use = new SaUse(-1, -2, new long[] {5, -6, 7}, 8, 9, 10, 11, 12, 13, 14, true, out, in);
        tables.putSa(esp(0x1001).withRef(1), List.of());
        tables.putUse(esp(0x1001).said(), use);
        commitAndOpenAgain();
        assertThat(tables.use(esp(0x1001).said()))
                .usingRecursiveComparison(BY_CONTENT)
                .isEqualTo(use);
    }

    @Test
    void use_of_what_is_not_there_is_not_kept() {
        tables.putUse(esp(0x1001).said(), use(0, 12));
        tables.putErouteUse(Samples.OUT, new ErouteUse(3, 4));
        tables.commit();
        tables.putSa(esp(0x1001).withRef(1), List.of());
        tables.putEroute(new Eroute(Samples.OUT, esp(0x1001).said()));
        commitAndOpenAgain();
        assertThat(tables.use(esp(0x1001).said()).packets()).isZero();
        assertThat(tables.erouteUse(Samples.OUT)).isEqualTo(ErouteUse.NONE);
    }

    @Test
    void sas_that_share_a_key_are_found_by_it_until_they_go() {
        tables.putSa(esp(0x1001).withRef(1), List.of("a", "b"));
        tables.putSa(esp(0x1002).withRef(2), List.of("b"));
        tables.commit();
        assertThat(tables.saidsWithKey("b"))
                .containsExactlyInAnyOrder(esp(0x1001).said(), esp(0x1002).said());
        tables.removeSa(esp(0x1001).said());
        commitAndOpenAgain();
        assertThat(tables.saidsWithKey("a")).isEmpty();
        assertThat(tables.saidsWithKey("b")).containsExactly(esp(0x1002).said());
        tables.putSa(esp(0x1002).withRef(2), List.of("c"));
        assertThat(tables.saidsWithKey("b")).isEmpty();
        assertThat(tables.saidsWithKey("c")).containsExactly(esp(0x1002).said());
    }

    @Test
    void an_sa_is_due_after_its_last_second_the_soonest_first() {
        tables.putSa(with(hardAddtime(100), esp(0x1001)).withRef(1).withAddedAtSeconds(1000), List.of());
        tables.putSa(with(hardAddtime(50), esp(0x1002)).withRef(2).withAddedAtSeconds(1000), List.of());
        tables.putSa(with(hardUsetime(10), esp(0x1003)).withRef(3).withAddedAtSeconds(1000), List.of());
        tables.putSa(esp(0x1004).withRef(4).withAddedAtSeconds(1), List.of());
        commitAndOpenAgain();
        assertThat(tables.due(1050)).isEmpty();
        assertThat(tables.due(1051)).containsExactly(esp(0x1002).said());
        assertThat(tables.due(5000))
                .containsExactly(esp(0x1002).said(), esp(0x1001).said());
        tables.putUse(esp(0x1003).said(), use(1020, 1));
        commitAndOpenAgain();
        assertThat(tables.due(1030)).isEmpty();
        assertThat(tables.due(1031)).containsExactly(esp(0x1003).said());
        tables.removeSa(esp(0x1002).said());
        commitAndOpenAgain();
        assertThat(tables.due(5000))
                .containsExactly(esp(0x1003).said(), esp(0x1001).said());
    }

    @Test
    void a_group_is_found_by_every_member_and_by_its_name() {
        Group group = new Group(saids(tun(1), esp(1), ah(1)), "to-gw2");
        tables.putGroup(group);
        commitAndOpenAgain();
        for (Said member : group.members()) {
            assertThat(tables.groupOf(member)).isEqualTo(group);
        }
        assertThat(tables.groupNamed("to-gw2")).isEqualTo(group);
        assertThat(tables.groups()).containsExactly(group);
        assertThat(tables.groupOf(tun(2).said())).isNull();
        assertThat(tables.groupNamed("to-gw3")).isNull();
    }

    @Test
    void a_group_put_again_replaces_members_and_name() {
        tables.putGroup(new Group(saids(tun(1), esp(1)), "old"));
        tables.putGroup(new Group(saids(tun(2), esp(2)), null));
        Group grown = new Group(saids(tun(1), esp(3), ah(1)), "new");
        tables.putGroup(grown);
        commitAndOpenAgain();
        assertThat(tables.groupOf(esp(1).said())).isNull();
        assertThat(tables.groupNamed("old")).isNull();
        assertThat(tables.groupNamed("new")).isEqualTo(grown);
        assertThat(tables.groups()).containsExactly(grown, new Group(saids(tun(2), esp(2)), null));
        tables.removeGroup(grown.first());
        commitAndOpenAgain();
        assertThat(tables.groupOf(tun(1).said())).isNull();
        assertThat(tables.groupNamed("new")).isNull();
        assertThat(tables.groups()).hasSize(1);
    }

    @Test
    void eroutes_keep_place_and_use_when_they_point_elsewhere() {
        Selector third = Selector.between(Samples.OUR_NET, Prefix.host(Samples.PEER));
        tables.putEroute(new Eroute(Samples.OUT, tun(1).said()));
        tables.putEroute(new Eroute(Samples.IN, tun(1).said()));
        tables.putEroute(new Eroute(third, Shunt.PASS.said()));
        tables.putErouteUse(Samples.OUT, new ErouteUse(3, 4));
        tables.commit();
        tables.putEroute(new Eroute(Samples.OUT, tun(2).said()));
        commitAndOpenAgain();
        assertThat(tables.eroutes())
                .containsExactly(
                        new Eroute(Samples.OUT, tun(2).said()),
                        new Eroute(Samples.IN, tun(1).said()),
                        new Eroute(third, Shunt.PASS.said()));
        assertThat(tables.erouteUse(Samples.OUT)).isEqualTo(new ErouteUse(3, 4));
        assertThat(tables.eroutesTo(tun(1).said())).containsExactly(new Eroute(Samples.IN, tun(1).said()));
        assertThat(tables.eroutesTo(tun(2).said())).containsExactly(new Eroute(Samples.OUT, tun(2).said()));
        tables.removeEroute(Samples.OUT);
        commitAndOpenAgain();
        assertThat(tables.eroute(Samples.OUT)).isNull();
        assertThat(tables.eroutesTo(tun(2).said())).isEmpty();
        assertThat(tables.erouteCount()).isEqualTo(2);
    }

    @Test
    void selectors_of_every_shape_are_keys_of_their_own() {
        var tcp =
                new Selector(Samples.OUR_NET, Samples.THEIR_NET, 6, Selector.PortRange.ANY, Selector.PortRange.of(993));
        var range = new Selector(
                Samples.OUR_NET, Samples.THEIR_NET, 17, new Selector.PortRange(80, 90), Selector.PortRange.ANY);
        var icmp =
                new Selector(Samples.OUR_NET, Samples.THEIR_NET, 1, Selector.PortRange.of(0), Selector.PortRange.ANY);
        List<Selector> all = List.of(Samples.OUT, tcp, range, icmp, Samples.OUT6);
        for (Selector selector : all) {
            tables.putEroute(new Eroute(selector, Shunt.HOLD.said()));
        }
        commitAndOpenAgain();
        assertThat(tables.eroutes()).extracting(Eroute::selector).containsExactlyElementsOf(all);
        for (Selector selector : all) {
            assertThat(tables.eroute(selector)).isNotNull();
        }
    }

    @Test
    void places_follow_the_order_and_are_never_given_twice() {
        Selector third = Selector.between(Samples.OUR_NET, Prefix.host(Samples.PEER));
        assertThat(tables.place(Samples.OUT)).isEqualTo(-1);
        assertThat(tables.place(tun(1).said())).isEqualTo(-1);
        tables.putEroute(new Eroute(Samples.OUT, tun(1).said()));
        tables.putEroute(new Eroute(Samples.IN, tun(1).said()));
        tables.putSa(tun(1), List.of());
        tables.putSa(tun(2), List.of());
        tables.commit();
        long first = tables.place(Samples.OUT);
        long second = tables.place(Samples.IN);
        assertThat(first).isLessThan(second);
        assertThat(tables.place(tun(1).said())).isLessThan(tables.place(tun(2).said()));
        tables.putEroute(new Eroute(Samples.OUT, tun(2).said()));
        commitAndOpenAgain();
        assertThat(tables.place(Samples.OUT)).as("replaced").isEqualTo(first);
        tables.removeEroute(Samples.OUT);
        tables.putEroute(new Eroute(Samples.OUT, tun(2).said()));
        assertThat(tables.place(Samples.OUT)).as("added again").isGreaterThan(second);
        tables.rollback();
        assertThat(tables.place(Samples.OUT)).as("rolled back").isEqualTo(first);
        long lastSa = tables.place(tun(2).said());
        tables.clearEroutes();
        tables.clearSas();
        tables.putEroute(new Eroute(third, Shunt.PASS.said()));
        tables.putSa(tun(3), List.of());
        assertThat(tables.place(third)).as("after all were cleared").isGreaterThan(second);
        assertThat(tables.place(tun(3).said())).isGreaterThan(lastSa);
    }

    @Test
    void clearing_sas_leaves_eroutes_and_clearing_eroutes_leaves_sas() {
        fillOne();
        tables.clearSas();
        commitAndOpenAgain();
        assertThat(tables.saCount()).isZero();
        assertThat(tables.groups()).isEmpty();
        assertThat(tables.groupNamed("office")).isNull();
        assertThat(tables.groupOf(tun(0x1001).said())).isNull();
        assertThat(tables.saidsWithKey("k")).isEmpty();
        assertThat(tables.saidWithRef(1)).isNull();
        assertThat(tables.due(Long.MAX_VALUE)).isEmpty();
        assertThat(tables.inboundPolicy(tun(0x1001).said())).isEmpty();
        assertThat(tables.eroutesTo(tun(0x1001).said())).hasSize(1);
        fillOne();
        tables.clearEroutes();
        commitAndOpenAgain();
        assertThat(tables.eroutes()).isEmpty();
        assertThat(tables.erouteCount()).isZero();
        assertThat(tables.eroutesTo(tun(0x1001).said())).isEmpty();
        assertThat(tables.saCount()).isEqualTo(2);
    }

    private void fillOne() {
        tables.putSa(with(hardAddtime(1), tun(0x1001)).withRef(1), List.of());
        tables.putSa(esp(0x1001).withRef(2), List.of("k"));
        tables.putGroup(new Group(saids(tun(0x1001), esp(0x1001)), "office"));
        tables.putInboundPolicy(tun(0x1001).said(), List.of(Samples.IN));
        tables.putEroute(new Eroute(Samples.OUT, tun(0x1001).said()));
        tables.commit();
    }

    @Test
    void interfaces_and_debug_flags_are_kept() {
        tables.putAttachment(new Attachment("ipsec0", "eth1", 1500));
        tables.putAttachment(Attachment.free("ipsec7"));
        tables.removeAttachment("ipsec1");
        tables.putDebug(Set.of(DebugFlag.ESP, DebugFlag.COMP));
        commitAndOpenAgain();
        assertThat(tables.attachments())
                .containsExactly(
                        new Attachment("ipsec0", "eth1", 1500), Attachment.free("mast0"), Attachment.free("ipsec7"));
        assertThat(tables.attachment("ipsec0")).isEqualTo(new Attachment("ipsec0", "eth1", 1500));
        assertThat(tables.attachment("ipsec1")).isNull();
        assertThat(tables.debug()).containsExactlyInAnyOrder(DebugFlag.ESP, DebugFlag.COMP);
        tables.putDebug(Set.of());
        commitAndOpenAgain();
        assertThat(tables.debug()).isEmpty();
    }

    @Test
    void numbers_of_new_sas_rise_also_in_a_later_process() {
        int first = tables.nextRef();
        int second = tables.nextRef();
        commitAndOpenAgain();
        int third = tables.nextRef();
        assertThat(List.of(first, second, third)).isSorted().doesNotHaveDuplicates();
        assertThat(first).isEqualTo(1);
    }

    private static SaUse use(long firstUsedSeconds, long packets) {
        return new SaUse(
                0, 0, new long[0], 0, 0, packets, firstUsedSeconds, firstUsedSeconds, 0, 0, false, Map.of(), Map.of());
    }
}
