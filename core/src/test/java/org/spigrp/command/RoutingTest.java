package org.spigrp.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.spigrp.command.Office.addin;
import static org.spigrp.command.Office.eroute;
import static org.spigrp.command.Office.replace;
import static org.spigrp.command.Samples.directed;
import static org.spigrp.command.Samples.esp;
import static org.spigrp.command.Samples.group;
import static org.spigrp.command.Samples.said;
import static org.spigrp.command.Samples.to;
import static org.spigrp.command.Samples.tun;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.spigrp.command.Outcome.Reason;
import org.spigrp.sa.Direction;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.ErouteUse;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Selector.PortRange;
import org.spigrp.sa.Shunt;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Prefix;

final class RoutingTest {
    private static final SecurityAssociation T = tun(0x1301);
    private static final SecurityAssociation E = esp(0x1301);

    private final Office office = new Office();

    @BeforeEach
    void group_a_tunnel_and_esp() {
        office.has(T, E);
        office.quietly(group(T, E));
    }

    @Test
    void an_eroute_names_the_first_of_a_group() {
        office.quietly(eroute(Samples.OUT, T.said()));
        Outcome.Refused refused = office.refused(
                Reason.NOT_FIRST,
                eroute(Samples.IN, E.said()),
                "esp0x1301@192.0.2.9",
                "the first, tun0x1301@192.0.2.9");
        assertThat(refused.reason().errno()).isEqualTo(22);
    }

    @Test
    void the_same_selector_twice_is_refused_and_a_narrower_one_is_not() {
        office.quietly(eroute(Samples.OUT, T.said()));
        Outcome.Refused refused = office.refused(
                Reason.EROUTE_EXISTS,
                eroute(Samples.OUT, Shunt.DROP.said()),
                "198.51.100.0/25 -> 203.0.113.0/26",
                "tun0x1301@192.0.2.9",
                "--replace");
        assertThat(refused.reason().errno()).isEqualTo(17);
        office.quietly(eroute(imaps(), T.said()));
        office.refused(Reason.EROUTE_EXISTS, eroute(imaps(), T.said()), "203.0.113.0/26:993 protocol 6");
    }

    private static Selector imaps() {
        return new Selector(Samples.OUR_NET, Samples.THEIR_NET, 6, PortRange.ANY, PortRange.of(993));
    }

    @Test
    void replacing_swaps_in_place_and_counts_anew_and_adds_what_is_missing() {
        office.quietly(eroute(Samples.OUT, T.said()), eroute(Samples.IN, Shunt.PASS.said()));
        office.tables.putErouteUse(Samples.OUT, new ErouteUse(7, 8));
        office.tables.commit();
        office.quietly(replace(Samples.OUT, Shunt.HOLD.said()), replace(imaps(), T.said()));
        assertThat(office.tables.eroutes())
                .containsExactly(
                        new Eroute(Samples.OUT, Shunt.HOLD.said()),
                        new Eroute(Samples.IN, Shunt.PASS.said()),
                        new Eroute(imaps(), T.said()));
        assertThat(office.tables.erouteUse(Samples.OUT)).isEqualTo(ErouteUse.NONE);
        office.refused(Reason.NOT_FIRST, replace(Samples.OUT, E.said()), "tun0x1301@192.0.2.9");
    }

    @Test
    void deleting_wants_exactly_the_selector() {
        office.quietly(eroute(imaps(), T.said()));
        Outcome.Refused refused = office.refused(
                Reason.NO_SUCH_EROUTE,
                new Change.DeleteEroute(Samples.OUT),
                "198.51.100.0/25 -> 203.0.113.0/26",
                "exactly");
        assertThat(refused.reason().errno()).isEqualTo(2);
        office.quietly(new Change.DeleteEroute(imaps()));
        assertThat(office.tables.eroutes()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Shunt.class)
    void every_shunt_is_taken_for_both_families(Shunt shunt) {
        office.quietly(eroute(Samples.OUT, shunt.said()), eroute(Samples.OUT6, shunt.said()));
    }

    @Test
    void what_looks_like_a_shunt_and_is_none_is_refused() {
        office.refused(Reason.INVALID, eroute(Samples.OUT, said(SaProtocol.INT, 262)), "%drop", "no shunt");
        office.refused(
                Reason.INVALID,
                eroute(Samples.OUT, new Said(SaProtocol.TUN, 0, IpAddress.any(Family.INET))),
                "%passthrough4",
                "%pass");
    }

    @Test
    void an_sa_that_is_to_come_is_taken_with_a_notice() {
        assertThat(office.done(eroute(Samples.IN, said(SaProtocol.TUN, 0x9999))))
                .singleElement()
                .asString()
                .contains("tun0x9999@192.0.2.9", "does not exist yet");
        office.quietly(
                eroute(Samples.OUT, tun(0x8888).said()),
                replace(imaps(), tun(0x8888).said()),
                Office.add(tun(0x8888)));
    }

    @Test
    void an_sa_that_only_receives_carries_no_eroute() {
        office.has(directed(Direction.IN, esp(0x1400)));
        office.refused(Reason.INVALID, eroute(Samples.IN, esp(0x1400).said()), "only receives", "--addin");
    }

    @Test
    void transport_wants_selectors_of_its_family_and_a_tunnel_takes_both() {
        office.has(to(Samples.PEER6, esp(0x1400)), esp(0x1401));
        office.quietly(eroute(Samples.OUT6, T.said()), eroute(Samples.OUT, T.said()));
        office.refused(
                Reason.FAMILY_MISMATCH,
                eroute(Samples.IN, to(Samples.PEER6, esp(0x1400)).said()),
                "esp0x1400@2001:db8::9",
                "inet6",
                "tunnel");
        office.refused(Reason.FAMILY_MISMATCH, replace(Samples.OUT6, esp(0x1401).said()), "esp0x1401@192.0.2.9");
    }

    @Test
    void clearing_eroutes_leaves_inbound_policies() {
        office.quietly(eroute(Samples.OUT, T.said()), addin(Samples.IN, T.said()), new Change.ClearEroutes());
        assertThat(office.tables.eroutes()).isEmpty();
        assertThat(office.tables.inboundPolicy(T.said())).containsExactly(Samples.IN);
    }

    @Test
    void an_inbound_policy_belongs_to_the_innermost_tunnel_whichever_member_is_named() {
        office.has(tun(0x1400), esp(0x1401));
        office.quietly(
                group(E, tun(0x1400), esp(0x1401)),
                addin(Samples.IN, esp(0x1401).said()));
        assertThat(office.tables.inboundPolicy(T.said())).containsExactly(Samples.IN);
        assertThat(office.tables.inboundPolicy(tun(0x1400).said())).isEmpty();
    }

    @Test
    void inbound_selectors_add_up_and_one_replaces_them_all() {
        office.quietly(addin(Samples.IN, T.said()), addin(imaps(), T.said()), addin(Samples.IN, T.said()));
        assertThat(office.tables.inboundPolicy(T.said())).containsExactly(Samples.IN, imaps());
        office.quietly(new Change.DeleteInbound(Samples.IN, Target.of(T.said())));
        assertThat(office.tables.inboundPolicy(T.said())).containsExactly(imaps());
        office.refused(
                Reason.NO_SUCH_EROUTE,
                new Change.DeleteInbound(Samples.IN, Target.of(T.said())),
                "203.0.113.0/26 -> 198.51.100.0/25");
        office.quietly(new Change.ReplaceInbound(Samples.OUT6, Target.of(T.said())));
        assertThat(office.tables.inboundPolicy(T.said())).containsExactly(Samples.OUT6);
    }

    @Test
    void an_inbound_policy_needs_a_tunnel_that_may_receive() {
        office.has(esp(0x1400), directed(Direction.OUT, tun(0x1401)));
        office.refused(Reason.NO_SUCH_SA, addin(Samples.IN, esp(0x1400).said()), "esp0x1400@192.0.2.9", "no tunnel");
        office.refused(Reason.NO_SUCH_SA, addin(Samples.IN, said(SaProtocol.TUN, 0x9999)), "does not exist");
        office.refused(Reason.INVALID, addin(Samples.IN, tun(0x1401).said()), "only sends");
        office.refused(Reason.INVALID, addin(Samples.IN, Shunt.PASS.said()), "%pass", "shunt");
        office.has(esp(0x1402), esp(0x1403));
        office.quietly(group(esp(0x1402), esp(0x1403)));
        office.refused(Reason.NO_SUCH_SA, addin(Samples.IN, esp(0x1402).said()), "no tunnel in the group");
    }

    @Test
    void an_inbound_policy_has_a_limit() {
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i <= Routing.MOST_INBOUND; i++) {
            Prefix host = Prefix.host(IpAddress.v4(0x0a000000 + i));
            changes.add(addin(Selector.between(host, Samples.OUR_NET), T.said()));
        }
        Outcome.Refused refused = office.refused(Reason.INVALID, changes, "1024");
        assertThat(refused.at()).isEqualTo(Routing.MOST_INBOUND);
        assertThat(office.tables.inboundPolicy(T.said())).isEmpty();
    }
}
