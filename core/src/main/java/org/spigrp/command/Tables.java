package org.spigrp.command;

import java.util.List;
import java.util.Set;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.ErouteUse;
import org.spigrp.sa.Group;
import org.spigrp.sa.SaUse;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;

/**
 * The tables behind a {@link Backend}: dumb, they check nothing. What is put is seen by the reads at once and becomes
 * durable with {@link #commit} as one whole; {@link #rollback} forgets everything since the last commit. One writer.
 */
public interface Tables extends Snapshot {
    /**
     * New ones go to the end, known ones keep their place, use and policy. The fingerprints feed {@link #saidsWithKey}.
     */
    void putSa(SecurityAssociation sa, List<String> fingerprints);

    /** Also forgets its use and its inbound policy. */
    void removeSa(Said said);

    /** Replaces whatever group has the same first member. Members must not be in another group. */
    void putGroup(Group group);

    void removeGroup(Said first);

    /** New ones go to the end, known selectors keep their place and use. */
    void putEroute(Eroute eroute);

    /** Also forgets its use. */
    void removeEroute(Selector selector);

    /** An empty list removes the policy. */
    void putInboundPolicy(Said tunnel, List<Selector> selectors);

    /** May move the SA in {@link #due}. Of an SA that is not there: nothing happens. */
    void putUse(Said said, SaUse use);

    /** Of an eroute that is not there: nothing happens. */
    void putErouteUse(Selector selector, ErouteUse use);

    void putAttachment(Attachment attachment);

    void removeAttachment(String virtual);

    void putDebug(Set<DebugFlag> flags);

    /** Hands out the next SAref: 1, 2, 3, ... */
    int nextRef();

    /** Empties SAs, groups, uses and inbound policies at once. */
    void clearSas();

    /** With their uses. */
    void clearEroutes();

    /** Durable when it returns; when the disk says no it rolls back and throws {@link NotDurable}. */
    void commit();

    void rollback();
}
