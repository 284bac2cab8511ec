package org.spigrp.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.command.Change;
import org.spigrp.command.Registry;
import org.spigrp.command.Target;
import org.spigrp.engine.CryptoEngines;
import org.spigrp.engine.Engine;
import org.spigrp.engine.EngineOptions;
import org.spigrp.engine.PacketSink;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.AlgorithmNames;
import org.spigrp.sa.CompAlgorithm;
import org.spigrp.sa.KeyMaterial;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Shunt;
import org.spigrp.sa.Transform;
import org.spigrp.store.Store;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Parsed;
import org.spigrp.wire.Prefix;

/**
 * An engine that is told what each change was about, and goes on, does the same to every packet as one that is made anew
 * from the tables. The changes are random ones of all kinds, several in a transaction, through the registry.
 */
class RefreshTwinTest {
    private static final int STEPS = 400;
    private static final IpAddress WEST = LiveBed.WEST;
    private static final IpAddress EAST = LiveBed.EAST;
    private static final SaProtocol[] PROTOCOLS = {SaProtocol.TUN, SaProtocol.ESP, SaProtocol.AH, SaProtocol.COMP};
    private static final List<Selector> SELECTORS = List.of(
            LiveBed.TO_EAST,
            Selector.between(LiveBed.WEST_NET, new Prefix(IpAddress.v4(0x0a020100), 24)),
            Selector.between(new Prefix(IpAddress.v4(0x0a010003), 32), LiveBed.EAST_NET));

    @TempDir
    private Path directory;

    private final InstantSource clock = () -> Instant.parse("2026-01-01T00:00:00Z");
    private int keys;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void a_told_engine_is_as_good_as_a_new_one(long seed) {
        var random = new Random(seed);
        try (Store store = Store.open(directory.resolve("state"), Store.Mode.WRITE, random, clock)) {
            var tables = new NotedTables(store.tables());
            var registry = new Registry(tables, store.fingerprints(), store.ledger(), clock);
            Engine told = engine(tables, store);
            int done = 0;
            int peeled = 0;
            var history = new ArrayList<Object>();
            for (int step = 0; step < STEPS; step++) {
                List<Change> changes = new ArrayList<>();
                for (int i = random.nextInt(2); i >= 0; i--) {
                    changes.add(change(tables, random));
                }
                if (!registry.apply(changes).isDone()) {
                    continue;
                }
                done++;
                tables.commitAll();
                told.refresh(tables.takeSas(), tables.takeEroutes());
                history.add(changes.stream().map(Named::say).toList());
                Engine fresh = engine(tables, store);
                var sent = new Notes();
                fresh.protect(clear(), clear().length, 0, sent);
                var toldSent = new Notes();
                told.protect(clear(), clear().length, 0, toldSent);
                assertThat(toldSent.said).as("out, seed %d: %s", seed, history).isEqualTo(sent.said);
                var received = new Notes();
                fresh.peel(sent.protectedOnes(), sent.packets.size(), received);
                var toldReceived = new Notes();
                told.peel(sent.protectedOnes(), sent.packets.size(), toldReceived);
                assertThat(toldReceived.said)
                        .as("in, seed %d: %s", seed, history)
                        .isEqualTo(received.said);
                peeled += (int) received.said.stream()
                        .filter(say -> say.startsWith("PEELED"))
                        .count();
                fresh.close();
            }
            told.close();
            assertThat(done).as("changes that were done").isGreaterThan(STEPS / 3);
            assertThat(peeled).as("packets through groups").isGreaterThan(STEPS / 10);
        }
    }

    private Engine engine(NotedTables tables, Store store) {
        return new Engine(
                tables,
                store.ledger(),
                CryptoEngines.best(),
                EngineOptions.DEFAULT.withFreshWindows(true),
                clock,
                new Random(1));
    }

    // Changes

    private Change change(NotedTables tables, Random random) {
        Target one = Target.of(existing(tables, PROTOCOLS[random.nextInt(PROTOCOLS.length)], random));
        Target tunnel = Target.of(existing(tables, SaProtocol.TUN, random));
        Selector selector = SELECTORS.get(random.nextInt(SELECTORS.size()));
        Target to = random.nextInt(8) == 0 ? Target.of(Shunt.DROP.said()) : random.nextBoolean() ? tunnel : one;
        return switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4, 5 -> new Change.AddSa(sa(random));
            case 6 -> new Change.DeleteSa(one);
            case 7, 8, 9, 10, 11 -> new Change.MakeGroup(members(tables, random), null);
            case 12 -> new Change.Ungroup(one);
            case 13, 14, 15 -> new Change.ReplaceEroute(selector, to);
            case 16 -> new Change.DeleteEroute(selector);
            case 17, 18 -> new Change.AddInbound(selector, tunnel);
            default -> random.nextInt(10) == 0 ? new Change.ClearSas(null) : new Change.AddEroute(selector, to);
        };
    }

    /** One that is there, if there is one; any that could be elsewhere, now and then. */
    private static Said existing(NotedTables tables, SaProtocol protocol, Random random) {
        var there = new ArrayList<Said>();
        for (Said said : tables.saids()) {
            if (said.protocol() == protocol) {
                there.add(said);
            }
        }
        return there.isEmpty() || random.nextInt(30) == 0
                ? said(protocol, random)
                : there.get(random.nextInt(there.size()));
    }

    private static Said said(SaProtocol protocol, Random random) {
        return new Said(protocol, 0x100 + random.nextInt(4), EAST);
    }

    /** In an order that makes sense. */
    private static List<Target> members(NotedTables tables, Random random) {
        var members = new ArrayList<Target>();
        for (SaProtocol protocol : List.of(SaProtocol.TUN, SaProtocol.COMP, SaProtocol.ESP, SaProtocol.AH)) {
            if (protocol == SaProtocol.TUN || random.nextInt(3) > 0) {
                members.add(Target.of(existing(tables, protocol, random)));
            }
        }
        return members;
    }

    private SecurityAssociation sa(Random random) {
        Said said = said(PROTOCOLS[random.nextInt(PROTOCOLS.length)], random);
        return switch (said.protocol()) {
            case ESP -> LiveBed.espSa(said.spi(), WEST, EAST, NatTraversal.NONE);
            case AH -> SecurityAssociation.of(said, WEST, new Transform.Ah(suite(), key(), 0));
            case COMP ->
                SecurityAssociation.of(
                        said, WEST, new Transform.Comp(CompAlgorithm.DEFLATE, Transform.CompThreshold.KLIPS));
            default -> SecurityAssociation.of(said, WEST, new Transform.Tunnel());
        };
    }

    private static AhSuite suite() {
        if (AlgorithmNames.ah("hmac-sha2-256-128") instanceof Parsed.Ok<AhSuite>(AhSuite suite)) {
            return suite;
        }
        throw new AssertionError("hmac-sha2-256-128 is known");
    }

    /** Another each time: an SA that comes again under its name is not what it was. */
    private KeyMaterial key() {
        byte[] key = new byte[32];
        new Random(keys++).nextBytes(key);
        return KeyMaterial.copyOf(key);
    }

    // Packets

    private static Packet[] clear() {
        return new Packet[] {
            udp(0x0a010002, 0x0a020002),
            udp(0x0a010003, 0x0a020002),
            udp(0x0a010002, 0x0a020107),
            udp(0x0a010003, 0x0a020107),
            udp(0x0a030001, 0x0a020002),
        };
    }

    private static Packet udp(int source, int destination) {
        return Packet.of(LiveBed.udp(source, destination, 200));
    }

    /** How packets ended, as far as it is the same for both: not their numbers, and what follows from those. */
    private static final class Notes implements PacketSink {
        final List<String> said = new ArrayList<>();
        final List<byte[]> packets = new ArrayList<>();

        @Override
        public void forward(Packet packet) {
            int protocol = packet.u8(Ipv4Header.PROTOCOL);
            int spiAt = protocol == IpProtocol.AH ? 24 : 20;
            said.add(packet.verdict() + " protocol " + protocol + " SPI "
                    + (protocol == IpProtocol.UDP ? 0 : packet.u32(spiAt)) + ", " + packet.length() + " octets to "
                    + IpAddress.v4(packet.u32(Ipv4Header.DESTINATION)));
            packets.add(packet.toBytes());
        }

        @Override
        public void dropped(Packet packet) {
            said.add(packet.verdict() + " at " + packet.layer());
        }

        @Override
        public void reply(Packet icmp, Packet about) {
            said.add("ICMP");
        }

        Packet[] protectedOnes() {
            return packets.stream().map(Packet::of).toArray(Packet[]::new);
        }
    }
}
