package org.spigrp.command;

import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.spigrp.command.Outcome.Reason;
import org.spigrp.sa.NumberLedger;
import org.spigrp.sa.SaProtocol;

/**
 * The {@link Backend} over tables: checks changes and applies them, all of a list as one transaction.
 *
 * <p>Each change is checked against what the changes before it left, and applied; the tables make all of it durable at
 * the end, or forget all of it at the first refusal. So a list of 300,000 changes costs 300,000 times what one costs.
 *
 * <p>Whatever is asked, SAs whose time has run out (hard addtime or usetime) go first, with their groups: an idle SA
 * does not outlive its limit until the next packet, as it did in KLIPS. One thread.
 */
public final class Registry implements Backend {
    private final Tables tables;
    private final InstantSource clock;
    private final SaRules sas;
    private final Grouping groups;
    private final Routing eroutes;
    private final Interfaces interfaces;

    public Registry(Tables tables, KeyFingerprints fingerprints, NumberLedger ledger, InstantSource clock) {
        this.tables = tables;
        this.clock = clock;
        this.eroutes = new Routing(tables);
        this.groups = new Grouping(tables, eroutes);
        this.sas = new SaRules(tables, fingerprints, ledger, eroutes);
        this.interfaces = new Interfaces(tables);
    }

    @Override
    public Snapshot snapshot() {
        return tables;
    }

    @Override
    public Outcome apply(List<Change> changes) {
        var notices = new Notices();
        boolean done = false;
        int at = 0;
        try {
            eroutes.begin();
            groups.expireDue(now(), notices);
            for (; at < changes.size(); at++) {
                apply(changes.get(at), notices);
            }
            eroutes.tellOfMissing(notices);
            tables.commit();
            done = true;
            return new Outcome.Done(notices.lines());
        } catch (Refusal refusal) {
            return refusal.outcome(at);
        } catch (NotDurable trouble) {
            String say = trouble.getMessage();
            return new Outcome.Failed(say == null ? "the state could not be written" : say);
        } finally {
            if (!done) {
                tables.rollback();
            }
        }
    }

    private long now() {
        return clock.instant().getEpochSecond();
    }

    private void apply(Change change, Notices notices) {
        switch (change) {
            case Change.AddSa add -> sas.add(add.sa(), now(), notices);
            case Change.DeleteSa delete -> groups.delete(delete.target());
            case Change.ClearSas clear -> clearSas(clear);
            case Change.Expire expire -> groups.expire(expire.said(), notices);
            case Change.MakeGroup make -> groups.make(make, notices);
            case Change.Ungroup ungroup -> groups.ungroup(ungroup.member(), notices);
            case Change.AddEroute add -> eroutes.add(add.selector(), add.target());
            case Change.ReplaceEroute replace -> eroutes.replace(replace.selector(), replace.target());
            case Change.DeleteEroute delete -> eroutes.delete(delete.selector());
            case Change.ClearEroutes _ -> tables.clearEroutes();
            case Change.AddInbound add -> eroutes.addInbound(add.selector(), add.target());
            case Change.ReplaceInbound replace -> eroutes.replaceInbound(replace.selector(), replace.target());
            case Change.DeleteInbound delete -> eroutes.deleteInbound(delete.selector(), delete.target());
            case Change.CreateInterface create -> interfaces.create(create.name());
            case Change.DeleteInterface delete -> interfaces.delete(delete.name());
            case Change.Attach attach -> interfaces.attach(attach);
            case Change.Detach detach -> interfaces.detach(detach.virtual());
            case Change.DetachAll _ -> interfaces.detachAll();
            case Change.SetDebug set -> setDebug(set.flags(), true);
            case Change.ClearDebug clear -> setDebug(clear.flags(), false);
        }
    }

    private void clearSas(Change.ClearSas clear) {
        SaProtocol protocol = clear.protocol();
        if (protocol == null) {
            tables.clearSas();
        } else if (protocol == SaProtocol.INT) {
            throw new Refusal(Reason.INVALID, "int is the protocol of shunts: there are no SAs of it to clear");
        } else {
            groups.deleteAllOf(protocol);
        }
    }

    private void setDebug(Set<DebugFlag> flags, boolean on) {
        var all = EnumSet.noneOf(DebugFlag.class);
        all.addAll(tables.debug());
        for (DebugFlag flag : flags) {
            if (on) {
                all.addAll(flag.withParts());
            } else {
                all.removeAll(flag.withParts());
            }
        }
        tables.putDebug(all);
    }
}
