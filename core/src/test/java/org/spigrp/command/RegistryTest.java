package org.spigrp.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.spigrp.command.Samples.ah;
import static org.spigrp.command.Samples.esp;
import static org.spigrp.command.Samples.group;
import static org.spigrp.command.Samples.tun;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.command.Outcome.Reason;
import org.spigrp.sa.Selector;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Prefix;

final class RegistryTest {
    private final Office office = new Office();

    @Test
    void a_list_is_done_whole() {
        office.quietly(
                Office.add(tun(0x113)),
                Office.add(esp(0x115)),
                Office.add(ah(0x116)),
                group(tun(0x113), esp(0x115), ah(0x116)),
                Office.eroute(Samples.OUT, tun(0x113).said()));
        assertThat(office.groups()).containsExactly("tun0x113@192.0.2.9 esp0x115@192.0.2.9 ah0x116@192.0.2.9");
    }

    @Test
    void a_list_is_refused_whole_and_the_change_is_pointed_at() {
        office.has(ah(0x100));
        List<String> before = everything();
        Outcome.Refused refused = office.refused(
                Reason.ALREADY_GROUPED,
                List.of(
                        Office.add(tun(0x113)),
                        Office.add(esp(0x115)),
                        group(tun(0x113), esp(0x115)),
                        Office.eroute(Samples.OUT, tun(0x113).said()),
                        new Change.DeleteSa(Target.of(ah(0x100).said())),
                        new Change.Attach("ipsec0", "eth1"),
                        new Change.SetDebug(Set.of(DebugFlag.ESP)),
                        group(tun(0x113), esp(0x115))),
                "grouped already");
        assertThat(refused.at()).isEqualTo(7);
        assertThat(everything()).isEqualTo(before);
        office.has(esp(0x115));
    }

    private List<String> everything() {
        var lines = new ArrayList<String>();
        Listings.spi(office.tables, office.now, lines::add);
        Listings.spigrp(office.tables, lines::add);
        Listings.eroute(office.tables, lines::add);
        Listings.tncfg(office.tables, lines::add);
        Listings.klipsdebug(office.tables, lines::add);
        return lines;
    }

    @Test
    void a_disk_that_says_no_makes_it_fail_with_nothing_done() {
        var memory = new MemoryTables();
        Tables full = wrapped(memory, name -> {
            if (name.equals("commit")) {
                throw new NotDurable("no space left in the state directory", new java.io.IOException());
            }
        });
        Outcome outcome = new Office(full).registry.apply(Office.add(esp(0x115)));
        assertThat(outcome).isEqualTo(new Outcome.Failed("no space left in the state directory"));
        assertThat(memory.saCount()).isZero();
    }

    private interface Watcher {
        void called(String method);
    }

    private static Tables wrapped(Tables inner, Watcher watcher) {
        return (Tables) Proxy.newProxyInstance(
                Tables.class.getClassLoader(), new Class<?>[] {Tables.class}, (_, method, args) -> {
                    watcher.called(method.getName());
                    try {
                        return method.invoke(inner, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** Changes that make {@code count} groups of tunnel and ESP with an eroute each. */
    private static List<Change> triples(int count) {
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int spi = 0x1000 + i;
            changes.add(Office.add(tun(spi)));
            changes.add(Office.add(esp(spi, Samples.GCM)));
            changes.add(group(tun(spi), esp(spi)));
            var net = new Prefix(IpAddress.v4(0x0a000000 + (i << 4)), 28);
            changes.add(Office.eroute(Selector.between(Samples.OUR_NET, net), tun(spi).said()));
        }
        return changes;
    }

    @Test
    void the_work_of_a_list_grows_with_its_length_and_no_faster() {
        long small = tableCalls(1_000);
        long large = tableCalls(10_000);
        assertThat(large).isLessThanOrEqualTo(10 * small);
    }

    private static long tableCalls(int triples) {
        var calls = new AtomicLong();
        var counted = new Office(wrapped(new MemoryTables(), _ -> calls.incrementAndGet()));
        counted.quietly(triples(triples).toArray(Change[]::new));
        return calls.get();
    }

    @Test
    void three_hundred_thousand_changes_are_one_transaction() {
        Outcome done = office.registry.apply(triples(75_000));
        assertThat(done).isEqualTo(Outcome.Done.QUIETLY);
        assertThat(office.tables.saCount()).isEqualTo(150_000);
        assertThat(office.tables.erouteCount()).isEqualTo(75_000);
    }

    @Test
    void as_many_changes_with_one_key_for_all_and_a_refusal_at_the_end_leave_nothing() {
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            changes.add(Office.add(Samples.sa(
                    Samples.said(org.spigrp.sa.SaProtocol.ESP, 0x1000 + i),
                    esp(0x1000).transform())));
        }
        changes.add(Office.add(esp(3)));
        Outcome.Refused refused = office.refused(Reason.INVALID, changes, "reserved");
        assertThat(refused.at()).isEqualTo(100_000);
        assertThat(office.tables.saCount()).isZero();
    }

    // Interfaces

    @Test
    void an_interface_is_attached_once_and_detached() {
        office.quietly(new Change.Attach("ipsec0", "eth1", 1500));
        assertThat(office.tables.attachment("ipsec0")).isEqualTo(new Attachment("ipsec0", "eth1", 1500));
        office.refused(Reason.ALREADY_ATTACHED, new Change.Attach("ipsec0", "eth2"), "ipsec0", "eth1", "detach");
        office.refused(Reason.ALREADY_ATTACHED, new Change.DeleteInterface("ipsec0"), "ipsec0", "eth1", "detach");
        office.quietly(new Change.Detach("ipsec0"));
        assertThat(office.tables.attachment("ipsec0")).isEqualTo(Attachment.free("ipsec0"));
        office.refused(Reason.NOT_ATTACHED, new Change.Detach("ipsec0"), "ipsec0", "not attached");
    }

    @Test
    void an_alias_counts_as_its_interface() {
        office.quietly(new Change.Attach("ipsec0", "eth0:1", 1500));
        assertThat(office.tables.attachment("ipsec0")).isEqualTo(new Attachment("ipsec0", "eth0", 1500));
    }

    @Test
    void all_are_detached_at_once() {
        office.quietly(
                new Change.Attach("ipsec0", "eth0"), new Change.Attach("ipsec1", "eth0"), new Change.DetachAll());
        assertThat(office.tables.attachments()).containsExactlyElementsOf(Attachment.AT_START);
    }

    @Test
    void interfaces_are_made_and_deleted_ipsec0_too() {
        office.quietly(new Change.CreateInterface("ipsec63"), new Change.CreateInterface("mast1"));
        office.refused(Reason.INTERFACE_EXISTS, new Change.CreateInterface("ipsec63"), "ipsec63", "exists");
        office.quietly(new Change.DeleteInterface("ipsec0"));
        office.refused(Reason.NO_SUCH_INTERFACE, new Change.DeleteInterface("ipsec0"), "ipsec0", "--create ipsec0");
        office.refused(Reason.NO_SUCH_INTERFACE, new Change.Attach("ipsec7", "eth0"), "ipsec7", "--create");
        office.quietly(new Change.CreateInterface("ipsec0"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ipsec64", "ipsec", "ipsec01", "mast64", "eth0", "", "ipsec-1", "IPSEC0"})
    void other_names_are_no_virtual_interfaces(String name) {
        office.refused(Reason.INVALID, new Change.CreateInterface(name), "'" + name + "'", "ipsec63");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a/b", "sixteen-letters-", ":1"})
    void names_that_no_interface_can_have_are_refused(String name) {
        office.refused(Reason.INVALID, new Change.Attach("ipsec0", name), "physical");
    }

    @Test
    void virtual_interfaces_are_not_attached_to_each_other_and_mast_to_nothing() {
        office.refused(Reason.INVALID, new Change.Attach("ipsec0", "ipsec1"), "ipsec1", "virtual");
        office.refused(Reason.INVALID, new Change.Attach("mast0", "eth0"), "mast0", "never attached");
    }

    // Debug flags

    @Test
    void flags_accumulate_and_the_tunnel_flag_holds_two_others() {
        office.quietly(
                new Change.SetDebug(Set.of(DebugFlag.ESP)),
                new Change.SetDebug(Set.of(DebugFlag.TUNNEL)),
                new Change.ClearDebug(Set.of(DebugFlag.XMIT)));
        assertThat(office.tables.debug()).containsExactlyInAnyOrder(DebugFlag.ESP, DebugFlag.TUNNEL, DebugFlag.TNCFG);
        office.quietly(new Change.ClearDebug(Set.of(DebugFlag.TUNNEL)));
        assertThat(office.tables.debug()).containsExactly(DebugFlag.ESP);
        office.quietly(new Change.ClearDebug(EnumSet.allOf(DebugFlag.class)));
        assertThat(office.tables.debug()).isEmpty();
    }
}
