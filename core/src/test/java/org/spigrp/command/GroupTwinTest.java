package org.spigrp.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.spigrp.command.Samples.esp;
import static org.spigrp.command.Samples.group;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.Group;
import org.spigrp.sa.Said;
import org.spigrp.sa.Selector;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Prefix;

/**
 * Random changes to groups against a twin that thinks as KLIPS did: every SA has a next and a previous one, and a list
 * is linked pair by pair. The twin is slow and copies itself before each change; the registry must always agree.
 */
final class GroupTwinTest {
    private static final int SAS = 20;
    private static final int EROUTES = 6;
    private static final int FIRST_SPI = 0x1000;

    /** Numbers stand for SAs, letters for eroutes. */
    private static final class Twin {
        final TreeSet<Integer> sas = new TreeSet<>();
        final TreeMap<Integer, Integer> next = new TreeMap<>();
        final TreeMap<Integer, Integer> previous = new TreeMap<>();
        final TreeMap<Integer, Integer> eroutes = new TreeMap<>();

        Twin copy() {
            var copy = new Twin();
            copy.sas.addAll(sas);
            copy.next.putAll(next);
            copy.previous.putAll(previous);
            copy.eroutes.putAll(eroutes);
            return copy;
        }

        boolean link(List<Integer> list) {
            for (int i = 0; i + 1 < list.size(); i++) {
                int x = list.get(i);
                int y = list.get(i + 1);
                if (!sas.contains(x) || !sas.contains(y) || next.containsKey(x) || previous.containsKey(y)) {
                    return false;
                }
                if (chain(y).contains(x)) {
                    return false;
                }
                next.put(x, y);
                previous.put(y, x);
            }
            List<Integer> chain = chain(list.getFirst());
            eroutes.replaceAll((_, sa) -> chain.contains(sa) ? chain.getFirst() : sa);
            return chain.size() <= Group.MAX_MEMBERS;
        }

        List<Integer> chain(int member) {
            int at = member;
            while (previous.containsKey(at)) {
                at = previous.get(at);
            }
            var chain = new ArrayList<Integer>();
            for (Integer each = at; each != null; each = next.get(each)) {
                chain.add(each);
            }
            return chain;
        }

        boolean unlink(int member) {
            for (int each : chain(member)) {
                next.remove(each);
                previous.remove(each);
            }
            return sas.contains(member);
        }

        boolean delete(int member) {
            List<Integer> chain = chain(member);
            return unlink(member) && sas.removeAll(chain);
        }

        boolean route(int eroute, int sa) {
            boolean may = !eroutes.containsKey(eroute) && !previous.containsKey(sa);
            eroutes.putIfAbsent(eroute, sa);
            return may;
        }

        Map<Integer, List<Integer>> groups() {
            var groups = new TreeMap<Integer, List<Integer>>();
            for (int sa : sas) {
                List<Integer> chain = chain(sa);
                if (chain.size() > 1) {
                    groups.put(chain.getFirst(), chain);
                }
            }
            return groups;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void the_registry_agrees_with_its_twin(long seed) {
        var random = new Random(seed);
        var office = new Office();
        var twin = new Twin();
        int[] accepted = new int[2];
        for (int step = 0; step < 2_000; step++) {
            var attempt = twin.copy();
            List<Change> changes = new ArrayList<>();
            List<String> story = new ArrayList<>();
            boolean good = true;
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                // the twin, too, stops at the first refusal
                good = good && act(random, attempt, changes, story);
            }
            boolean done = office.registry.apply(changes).isDone();
            assertThat(done).as("seed %d, step %d: %s", seed, step, story).isEqualTo(good);
            accepted[done ? 1 : 0]++;
            if (good) {
                twin = attempt;
            }
            assertThat(groups(office.tables))
                    .as("groups; seed %d, step %d: %s", seed, step, story)
                    .isEqualTo(twin.groups());
            assertThat(eroutes(office.tables))
                    .as("eroutes; seed %d, step %d: %s", seed, step, story)
                    .isEqualTo(twin.eroutes);
            assertThat(office.tables.saCount()).isEqualTo(twin.sas.size());
        }
        assertThat(Math.min(accepted[0], accepted[1]))
                .as("seed %d: both outcomes are common", seed)
                .isGreaterThan(200);
    }

    private static boolean act(Random random, Twin twin, List<Change> changes, List<String> story) {
        int sa = random.nextInt(SAS);
        return switch (random.nextInt(8)) {
            case 0, 1, 2 -> {
                var list = new ArrayList<Integer>();
                for (int i = random.nextInt(2, 6); i > 0; i--) {
                    list.add(random.nextInt(SAS));
                }
                changes.add(group(list.stream().map(GroupTwinTest::said).toArray(Said[]::new)));
                story.add("group " + list);
                yield twin.link(list);
            }
            case 3 -> {
                changes.add(new Change.Ungroup(Target.of(said(sa))));
                story.add("ungroup " + sa);
                yield twin.unlink(sa);
            }
            case 4 -> {
                changes.add(new Change.DeleteSa(Target.of(said(sa))));
                story.add("delete " + sa);
                yield twin.delete(sa);
            }
            case 5 -> {
                changes.add(new Change.Expire(said(sa)));
                story.add("expire " + sa);
                twin.delete(sa);
                yield true;
            }
            case 6 -> {
                int eroute = random.nextInt(EROUTES);
                if (twin.eroutes.containsKey(eroute)) {
                    changes.add(new Change.DeleteEroute(selector(eroute)));
                    twin.eroutes.remove(eroute);
                    story.add("delete eroute " + eroute);
                    yield true;
                }
                changes.add(Office.eroute(selector(eroute), said(sa)));
                story.add("eroute " + eroute + " to " + sa);
                yield twin.route(eroute, sa);
            }
            default -> {
                story.add("add all missing");
                for (int i = 0; i < SAS; i++) {
                    if (twin.sas.add(i)) {
                        changes.add(Office.add(esp(FIRST_SPI + i)));
                    }
                }
                yield true;
            }
        };
    }

    private static Said said(int sa) {
        return Samples.said(org.spigrp.sa.SaProtocol.ESP, FIRST_SPI + sa);
    }

    private static Selector selector(int eroute) {
        return Selector.between(Samples.OUR_NET, Prefix.host(IpAddress.v4(0x0a000000 + eroute)));
    }

    private static Map<Integer, List<Integer>> groups(Snapshot snapshot) {
        var groups = new TreeMap<Integer, List<Integer>>();
        for (Group group : snapshot.groups()) {
            List<Integer> members =
                    group.members().stream().map(said -> said.spi() - FIRST_SPI).toList();
            groups.put(members.getFirst(), members);
            for (Said member : group.members()) {
                assertThat(snapshot.groupOf(member)).isEqualTo(group);
            }
        }
        return groups;
    }

    private static Map<Integer, Integer> eroutes(Snapshot snapshot) {
        var eroutes = new TreeMap<Integer, Integer>();
        for (Eroute eroute : snapshot.eroutes()) {
            eroutes.put(
                    (int) eroute.selector().destination().base().low() - 0x0a000000,
                    eroute.said().spi() - FIRST_SPI);
        }
        return eroutes;
    }
}
