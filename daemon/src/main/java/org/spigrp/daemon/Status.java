package org.spigrp.daemon;

import java.time.Instant;
import java.util.List;
import java.util.function.ToLongFunction;
import org.spigrp.command.Json;
import org.spigrp.command.Snapshot;
import org.spigrp.engine.Engine;
import org.spigrp.engine.FaultPort;

/** What {@code ipsec setup status} tells. */
final class Status {
    private Status() {}

    static String json(
            RunOptions options,
            Instant since,
            Instant now,
            Interfaces interfaces,
            Engine engine,
            Holds holds,
            Snapshot tables) {
        var json = new Json().object();
        json.member("running", true);
        json.member("pid", ProcessHandle.current().pid());
        json.member("since", since.toString());
        json.member("now", now.toString());
        json.member("state", options.stateDirectory().toString());
        json.member("sas", tables.saCount());
        json.member("eroutes", tables.erouteCount());
        json.array("interfaces");
        for (Attached at : interfaces.all()) {
            json.object()
                    .member("virtual", at.virtual())
                    .member("physical", at.physical())
                    .member("mtu", at.virtualMtu())
                    .member("physical_mtu", at.physicalMtu())
                    .member("working", at.isWired())
                    .member("unsendable", at.unsendable())
                    .member("refused", at.refused())
                    .end();
        }
        json.end();
        json.array("guarded");
        interfaces.guarded().forEach(network -> json.value(network.toString()));
        json.end();
        json.object("verdicts");
        engine.counters().toMap().forEach((verdict, count) -> json.member(verdict.name(), count));
        json.end();
        json.member("workers", options.workers());
        json.member("fragments_waiting", engine.waitingFragments());
        faults(json, interfaces.faulty());
        json.member("held_given_up", holds.givenUp());
        return json.end().toString();
    }

    /** What {@code --fault} has done so far, over all ports. */
    private static void faults(Json json, List<FaultPort> ports) {
        if (ports.isEmpty()) {
            return;
        }
        json.object("faults")
                .member("taken", sum(ports, FaultPort::taken))
                .member("given", sum(ports, FaultPort::given))
                .member("lost", sum(ports, FaultPort::lost))
                .member("duplicated", sum(ports, FaultPort::duplicated))
                .member("reordered", sum(ports, FaultPort::reordered))
                .member("corrupted", sum(ports, FaultPort::corrupted))
                .member("delayed", sum(ports, FaultPort::delayed))
                .member("held", sum(ports, FaultPort::held))
                .end();
    }

    private static long sum(List<FaultPort> ports, ToLongFunction<FaultPort> count) {
        return ports.stream().mapToLong(count).sum();
    }
}
