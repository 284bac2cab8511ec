package org.spigrp.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.spigrp.command.Change;
import org.spigrp.command.MemoryTables;
import org.spigrp.command.Outcome;
import org.spigrp.command.Registry;
import org.spigrp.command.Target;
import org.spigrp.engine.CryptoEngines;
import org.spigrp.engine.Engine;
import org.spigrp.engine.EngineOptions;
import org.spigrp.engine.EngineSeams;
import org.spigrp.engine.PacketSink;
import org.spigrp.sa.Direction;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Transform;
import org.spigrp.wire.Family;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Prefix;

/** One group in memory, through which all traffic goes or comes. */
final class Stack {
    private final Engine engine;

    private Stack(Engine engine) {
        this.engine = engine;
    }

    /** @param sas inner to outer */
    static Stack of(List<SecurityAssociation> sas, EngineSeams seams) {
        var random = new SecureRandom();
        var tables = new MemoryTables();
        var ledger = new MemoryLedger(random);
        var changes = new ArrayList<Change>();
        sas.forEach(sa -> changes.add(new Change.AddSa(sa)));
        List<Target> members = sas.stream().map(sa -> Target.of(sa.said())).toList();
        if (members.size() > 1) {
            changes.add(new Change.MakeGroup(members, null));
        }
        boolean tunnel = sas.getFirst().transform() instanceof Transform.Tunnel;
        for (Family family : Family.values()) {
            if (!tunnel && family != sas.getFirst().said().family()) {
                continue;
            }
            var everything = Selector.between(Prefix.all(family), Prefix.all(family));
            if (sas.getFirst().direction() != Direction.IN) {
                changes.add(new Change.AddEroute(everything, members.getFirst()));
            } else if (tunnel) {
                changes.add(new Change.AddInbound(everything, members.getFirst()));
            }
        }
        var registry = new Registry(tables, _ -> List.of(), ledger, InstantSource.system());
        assertThat(registry.apply(changes)).isInstanceOf(Outcome.Done.class);
        return new Stack(new Engine(
                tables, ledger, CryptoEngines.best(), EngineOptions.DEFAULT, InstantSource.system(), random, seams));
    }

    /** What comes out when these go in, all of them at once. */
    List<byte[]> forwarded(List<byte[]> packets) {
        var out = new ArrayList<byte[]>();
        var sink = new PacketSink() {
            @Override
            public void forward(Packet packet) {
                out.add(packet.toBytes());
            }

            @Override
            public void dropped(Packet packet) {
                throw new AssertionError(packet.verdict() + " at layer " + packet.layer());
            }

            @Override
            public void reply(Packet icmp, Packet about) {
                throw new AssertionError("an ICMP error");
            }
        };
        Packet[] batch = packets.stream().map(Packet::of).toArray(Packet[]::new);
        engine.process(batch, batch.length, sink);
        engine.finish(sink);
        return out;
    }
}
