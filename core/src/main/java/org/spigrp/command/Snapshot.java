package org.spigrp.command;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.ErouteUse;
import org.spigrp.sa.Group;
import org.spigrp.sa.SaUse;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;

/**
 * What there is, to be read. Sequences come in the order of insertion. Lookups by key are cheap also with a million
 * entries; iterating reads entries one after another and never holds all of them. Nothing may be changed meanwhile.
 */
public interface Snapshot {
    @Nullable
    SecurityAssociation sa(Said said);

    Iterable<SecurityAssociation> sas();

    /** The names of {@link #sas}, for who needs no more: a listing of groups reads no keys. */
    default Iterable<Said> saids() {
        return () -> {
            Iterator<SecurityAssociation> all = sas().iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return all.hasNext();
                }

                @Override
                public Said next() {
                    return all.next().said();
                }
            };
        };
    }

    int saCount();

    /** The same of SAs in the order of {@link #sas} as {@link #place(Selector)} of eroutes. */
    long place(Said said);

    /** The group that {@code member} is in, or null. */
    @Nullable
    Group groupOf(Said member);

    /** The group with that {@code --name}, or null. */
    @Nullable
    Group groupNamed(String name);

    /** Groups of two and more. */
    Iterable<Group> groups();

    @Nullable
    Eroute eroute(Selector selector);

    Iterable<Eroute> eroutes();

    /**
     * Where an eroute stands in the order of {@link #eroutes}, -1 if there is none: behind all that are older, which have
     * smaller places. One that is replaced keeps its place; one that is removed and added again gets a new one. A place
     * that was committed is given to no other as long as the tables are open.
     */
    long place(Selector selector);

    int erouteCount();

    /** The eroutes that name this SAID. */
    Iterable<Eroute> eroutesTo(Said said);

    /** What may come in through this tunnel SA; empty = no policy. */
    List<Selector> inboundPolicy(Said tunnel);

    /** What the SA has done; {@link SaUse#NONE} if nothing. */
    SaUse use(Said said);

    /** How packets ended at SAs that are no more, as far as that was kept: their verdicts, and nothing else. */
    default Map<Said, SaUse> gone() {
        return Map.of();
    }

    /** {@link ErouteUse#NONE} if nothing. */
    ErouteUse erouteUse(Selector selector);

    /**
     * SAs whose cipher or authentication key has this fingerprint ({@link KeyFingerprints}). The first is had without
     * reading the others: a hundred thousand SAs may share a key.
     */
    Iterable<Said> saidsWithKey(String fingerprint);

    /** The SA with this SAref, or null. */
    @Nullable
    Said saidWithRef(int ref);

    /**
     * The SAs whose {@link SecurityAssociation#lastSecond} lies before {@code nowSeconds}, soonest first. Cheap when
     * there are none, however many SAs there are.
     */
    Iterable<Said> due(long nowSeconds);

    /** In order of creation; of a new database {@link Attachment#AT_START}. */
    Iterable<Attachment> attachments();

    @Nullable
    Attachment attachment(String virtual);

    /** The MTU that a virtual interface has: that of KLIPS where no live stack says better. */
    default int virtualMtu(Attachment attachment) {
        return attachment.isAttached() ? Attachment.KLIPS_MTU : 0;
    }

    /** The longest packet that goes through uncut by the groups in use. */
    default int effectiveMtu(Attachment attachment) {
        return attachment.physicalMtu();
    }

    /** The MTU of the physical interface, as it is known here. */
    default int physicalMtu(Attachment attachment) {
        return attachment.physicalMtu();
    }

    Set<DebugFlag> debug();
}
