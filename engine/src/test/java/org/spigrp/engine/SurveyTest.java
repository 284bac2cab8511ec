package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.command.MemoryTables;
import org.spigrp.command.Tables;
import org.spigrp.sa.AlgorithmNames;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.Group;
import org.spigrp.sa.KeyMaterial;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Transform;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Parsed;
import org.spigrp.wire.Prefix;

/** What is known of all SAs, told of changes one by one, against the same read anew; and the tables below it. */
class SurveyTest {
    private static final int MOST_POLICIES = 4096;
    private static final IpAddress[] ADDRESSES = {
        StackBed.WEST, StackBed.EAST, StackBed.WEST6, StackBed.EAST6, IpAddress.ANY_V4
    };
    private static final int[] PORTS = {4500, 500, 1111, 2222};

    private static SecurityAssociation tunnel(int spi, IpAddress source, IpAddress destination) {
        return SecurityAssociation.of(new Said(SaProtocol.TUN, spi, destination), source, new Transform.Tunnel());
    }

    private static SecurityAssociation esp(int spi, IpAddress source, IpAddress destination, int natPort) {
        if (!(AlgorithmNames.esp("aes128gcm16") instanceof Parsed.Ok<EspSuite>(EspSuite suite))) {
            throw new AssertionError("aes128gcm16 is known");
        }
        NatTraversal nat = natPort == 0 ? NatTraversal.NONE : new NatTraversal(NatTraversal.Kind.NONESP, 4500, natPort);
        return SecurityAssociation.of(
                new Said(SaProtocol.ESP, spi, destination),
                source,
                new Transform.Esp(suite, KeyMaterial.copyOf(new byte[20]), KeyMaterial.NONE, nat));
    }

    private static IpAddress any(Random random, int from) {
        return ADDRESSES[random.nextInt(ADDRESSES.length - 1 - from) + from];
    }

    /** Everything that it can be asked. */
    private static Map<String, Object> answers(Survey survey) {
        var answers = new HashMap<String, Object>();
        var octets = new Octets(new byte[64]);
        for (IpAddress destination : ADDRESSES) {
            Family family = destination.family();
            destination.write(octets, 16);
            for (IpAddress source : ADDRESSES) {
                if (source.family() == family) {
                    source.write(octets, 0);
                    answers.put(source + ">" + destination, String.valueOf(survey.bareTunnel(octets, family, 0, 16)));
                }
            }
            for (int port : PORTS) {
                answers.put(destination + " " + port, survey.isNatPort(octets, family, 16, port));
            }
            answers.put(destination + " nat", survey.isNatDestination(octets, family, 16));
        }
        answers.put("policies", List.copyOf(survey.policies()));
        return answers;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void told_of_changes_it_knows_what_one_read_anew_knows(long seed) {
        var random = new Random(seed);
        var tables = new MemoryTables();
        var told = new Survey(tables, MOST_POLICIES);
        answers(told);
        List<Said> known = new ArrayList<>();
        for (int step = 0; step < 400; step++) {
            Set<Said> touched = new HashSet<>();
            for (int i = random.nextInt(3); i >= 0; i--) {
                change(tables, random, known, touched);
            }
            told.refresh(touched);
            assertThat(answers(told))
                    .as("seed %d step %d", seed, step)
                    .isEqualTo(answers(new Survey(tables, MOST_POLICIES)));
        }
    }

    private static void change(MemoryTables tables, Random random, List<Said> known, Set<Said> touched) {
        int kind = random.nextInt(5);
        if (kind <= 1 || known.isEmpty()) {
            IpAddress destination = any(random, 0);
            IpAddress source = random.nextInt(4) == 0 ? IpAddress.any(destination.family()) : any(random, 0);
            SecurityAssociation sa = random.nextBoolean()
                    ? tunnel(256 + random.nextInt(6), source, destination)
                    : esp(256 + random.nextInt(6), source, destination, PORTS[random.nextInt(4)] * random.nextInt(2));
            dissolve(tables, sa.said(), touched);
            tables.putSa(sa, List.of());
            known.add(sa.said());
            touched.add(sa.said());
            return;
        }
        Said said = known.get(random.nextInt(known.size()));
        if (tables.sa(said) == null) {
            return;
        }
        touched.add(said);
        if (kind == 2) {
            dissolve(tables, said, touched);
            tables.removeSa(said);
        } else if (kind == 3 && said.protocol() == SaProtocol.TUN) {
            tables.putInboundPolicy(said, random.nextBoolean() ? List.of() : List.of(policy(random), policy(random)));
        } else {
            Said other = known.get(random.nextInt(known.size()));
            if (tables.sa(other) != null && !other.equals(said)) {
                dissolve(tables, said, touched);
                dissolve(tables, other, touched);
                tables.putGroup(new Group(List.of(said, other), null));
                touched.add(other);
            }
        }
    }

    private static Selector policy(Random random) {
        return Selector.between(Prefix.host(IpAddress.v4(random.nextInt(9))), Prefix.all(Family.INET));
    }

    private static void dissolve(MemoryTables tables, Said said, Set<Said> touched) {
        Group group = tables.groupOf(said);
        if (group != null) {
            tables.removeGroup(group.first());
            touched.addAll(group.members());
        }
    }

    @Test
    void where_there_are_too_many_policies_others_take_the_places_of_those_that_go() {
        var tables = new MemoryTables();
        for (int i = 0; i < 30; i++) {
            SecurityAssociation sa = tunnel(256 + i, StackBed.WEST, StackBed.EAST);
            tables.putSa(sa, List.of());
            tables.putInboundPolicy(
                    sa.said(), List.of(Selector.between(Prefix.host(IpAddress.v4(i)), Prefix.all(Family.INET))));
        }
        var survey = new Survey(tables, 10);
        assertThat(survey.policies()).hasSize(10);
        Said oldest = survey.policies().getFirst().tunnel();
        assertThat(oldest.spi()).isEqualTo(256);
        for (int gone = 0; gone < 25; gone++) {
            Said said = new Said(SaProtocol.TUN, 256 + gone, StackBed.EAST);
            tables.removeSa(said);
            survey.refresh(Set.of(said));
            assertThat(survey.policies()).as("without %d", gone + 1).hasSizeBetween(5, 10);
            assertThat(survey.policies().getFirst().tunnel().spi()).isEqualTo(257 + gone);
        }
    }

    @Test
    void a_change_of_one_among_many_reads_few() {
        var memory = new MemoryTables();
        var tables = new CountingTables(memory);
        for (int i = 0; i < 10_000; i++) {
            fill(memory, i);
        }
        var sad = new Sad(tables, new MemoryLedger(), worker(), false);
        Said tunnel = fill(memory, 7).getFirst();
        sad.find(tunnel);
        sad.policies();
        tables.clear();
        memory.removeGroup(tunnel);
        Set<Said> touched = Set.copyOf(fill(memory, 7));
        sad.refresh(touched);
        var octets = new Octets(new byte[32]);
        assertThat(sad.isNatDestination(octets, Family.INET, 0)).isFalse();
        assertThat(sad.findBareTunnel(octets, Family.INET, 0, 4)).isNull();
        assertThat(sad.find(tunnel)).isNotNull();
        assertThat(tables.walks).as("walks through all SAs").isZero();
        assertThat(tables.lookups).as("look-ups of one").isLessThan(20);
    }

    private static List<Said> fill(Tables tables, int i) {
        IpAddress peer = IpAddress.v4(0x0b000000 + i);
        SecurityAssociation tunnel = tunnel(1000, StackBed.WEST, peer);
        SecurityAssociation esp = esp(1001, StackBed.WEST, peer, 0);
        tables.putSa(tunnel, List.of());
        tables.putSa(esp, List.of());
        tables.putGroup(new Group(List.of(tunnel.said(), esp.said()), null));
        return List.of(tunnel.said(), esp.said());
    }

    private static Worker worker() {
        return new Worker(new StubCrypto(), EngineSeams.NONE, InstantSource.system(), new Random(1));
    }

    @Test
    void sas_are_told_of_in_the_order_in_which_they_were_asked_for() {
        var tables = new MemoryTables();
        for (int i = 0; i < 20; i++) {
            fill(tables, i);
        }
        var sad = new Sad(tables, new MemoryLedger(), worker(), false);
        List<Said> expected = new ArrayList<>();
        for (int i = 19; i >= 0; i -= 2) {
            List<Said> group = fill(tables, i);
            sad.find(group.getLast());
            expected.addAll(group);
        }
        assertThat(loaded(sad)).isEqualTo(expected);
        List<Said> regrouped = fill(tables, 9);
        sad.refresh(regrouped);
        expected.removeAll(regrouped);
        assertThat(loaded(sad)).containsAll(expected).hasSize(20);
        assertThat(loaded(sad).subList(0, 18)).isEqualTo(expected);
    }

    private static List<Said> loaded(Sad sad) {
        List<Said> loaded = new ArrayList<>();
        sad.loaded().forEach(entry -> loaded.add(entry.sa.said()));
        return loaded;
    }

    /** Against a HashMap, with keys that collide. */
    @Test
    void a_tag_table_forgets_what_is_removed_and_nothing_else() {
        long seed = 11;
        var random = new Random(seed);
        var table = new TagTable<Long>() {
            @Override
            boolean is(Long value, long a, long b, long c) {
                return (value & 0xffff) == a && a == c && b == 0;
            }
        };
        var twin = new HashMap<Long, Long>();
        for (int i = 0; i < 200_000; i++) {
            long key = random.nextInt(300);
            if (random.nextInt(3) == 0) {
                table.remove(key, 0, key);
                twin.remove(key);
            } else {
                long value = (long) i << 16 | key;
                table.put(key, 0, key, value);
                twin.put(key, value);
            }
            long asked = random.nextInt(300);
            assertThat(table.get(asked, 0, asked))
                    .as("seed %d, step %d", seed, i)
                    .isEqualTo(twin.get(asked));
        }
        assertThat(table.size()).isEqualTo(twin.size());
        List<Long> all = new ArrayList<>();
        table.forEach(all::add);
        assertThat(all).containsExactlyInAnyOrderElementsOf(twin.values());
    }

    @Test
    void what_was_told_and_lost_is_told_again_and_what_was_kept_is_not() {
        final class Thing extends Changes.Item {}
        var changes = new Changes<Thing>();
        var one = new Thing();
        var two = new Thing();
        changes.note(one);
        changes.note(one);
        assertThat(tell(changes)).containsExactly(one);
        assertThat(tell(changes)).isEmpty();
        changes.lost();
        assertThat(tell(changes)).containsExactly(one);
        changes.kept();
        changes.lost();
        assertThat(tell(changes)).isEmpty();
        changes.note(two);
        tell(changes);
        changes.note(two);
        changes.lost();
        assertThat(tell(changes)).containsExactly(two);
    }

    private static <T extends Changes.Item> List<T> tell(Changes<T> changes) {
        List<T> told = new ArrayList<>();
        changes.tell(told::add);
        return told;
    }
}
