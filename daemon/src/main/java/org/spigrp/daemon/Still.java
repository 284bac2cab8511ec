package org.spigrp.daemon;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.spigrp.command.Attachment;
import org.spigrp.command.ForwardingTables;
import org.spigrp.command.MemoryTables;
import org.spigrp.command.Snapshot;
import org.spigrp.command.Tables;
import org.spigrp.engine.Engine;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.ErouteUse;
import org.spigrp.sa.Group;
import org.spigrp.sa.SaUse;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;

/**
 * The tables as they were at one moment, to be read by another thread while their owner goes on. The SAs and eroutes
 * themselves are copied when one of them has changed ({@link #copy}), which is seldom; what they have done lies over them,
 * and is taken each time.
 */
final class Still extends ForwardingTables {
    private final Map<Said, SaUse> uses = new HashMap<>();
    private final Map<Selector, ErouteUse> erouteUses = new HashMap<>();
    private final Map<String, Mtus> mtus = new HashMap<>();

    private record Mtus(int virtual, int effective, int physical) {}

    /**
     * @param copy is not changed any more
     * @param live knows the MTUs of now
     * @param engine knows what SAs and eroutes have done since {@code copy} was made
     */
    Still(Tables copy, Snapshot live, Engine engine) {
        super(copy);
        engine.forEachUse(uses::put);
        engine.forEachErouteUse(erouteUses::put);
        for (Attachment attachment : copy.attachments()) {
            mtus.put(
                    attachment.virtual(),
                    new Mtus(live.virtualMtu(attachment), live.effectiveMtu(attachment), live.physicalMtu(attachment)));
        }
    }

    /** What there is, in the same order, without the fingerprints of keys. */
    static Tables copy(Snapshot from) {
        var to = new MemoryTables();
        for (SecurityAssociation sa : from.sas()) {
            Said said = sa.said();
            to.putSa(sa, List.of());
            to.putUse(said, from.use(said));
            to.putInboundPolicy(said, from.inboundPolicy(said));
        }
        for (Group group : from.groups()) {
            to.putGroup(group);
        }
        for (Eroute eroute : from.eroutes()) {
            to.putEroute(eroute);
            to.putErouteUse(eroute.selector(), from.erouteUse(eroute.selector()));
        }
        for (Attachment attachment : Attachment.AT_START) {
            to.removeAttachment(attachment.virtual());
        }
        for (Attachment attachment : from.attachments()) {
            to.putAttachment(attachment);
        }
        to.putDebug(from.debug());
        to.commit();
        return to;
    }

    @Override
    public SaUse use(Said said) {
        SaUse use = uses.get(said);
        return use == null ? super.use(said) : use;
    }

    @Override
    public ErouteUse erouteUse(Selector selector) {
        ErouteUse use = erouteUses.get(selector);
        return use == null ? super.erouteUse(selector) : use;
    }

    @Override
    public int virtualMtu(Attachment attachment) {
        return known(attachment).virtual();
    }

    @Override
    public int effectiveMtu(Attachment attachment) {
        return known(attachment).effective();
    }

    @Override
    public int physicalMtu(Attachment attachment) {
        return known(attachment).physical();
    }

    private Mtus known(Attachment attachment) {
        return Objects.requireNonNull(mtus.get(attachment.virtual()));
    }
}
