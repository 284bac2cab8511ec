package org.spigrp.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Attachment;
import org.spigrp.command.DebugFlag;
import org.spigrp.command.NotDurable;
import org.spigrp.command.Tables;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.ErouteUse;
import org.spigrp.sa.Group;
import org.spigrp.sa.SaUse;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;
import org.spigrp.wire.Octets;

/*
 * Every object gets a place, a number that only grows; the tables by place iterate in the order of insertion, and the
 * others are ways to a place:
 *
 *     sa        place            -> SA                    said      SAID             -> place
 *     group     place            -> members, name         member    SAID             -> place
 *                                                         name      text             -> place
 *     eroute    place            -> selector, SAID        selector  selector         -> place
 *                                                         target    SAID, place      -> .
 *     inbound   SAID             -> selectors             key       text, 0, place   -> .      (of the SA)
 *     use       SAID             -> use                   ref       SAref            -> SAID
 *     erouteuse selector         -> use                   due       second, place    -> .      (of the SA)
 *     misc      one letter       -> attachments, debug flags, next place, next SAref
 */
/** {@link Tables} over MVStore. One writer; a reader's is a file opened for reading, and never changes. */
final class MvTables implements Tables {
    static final List<String> NAMES = List.of(
            "sa",
            "said",
            "group",
            "member",
            "name",
            "eroute",
            "selector",
            "target",
            "inbound",
            "use",
            "erouteuse",
            "key",
            "ref",
            "due",
            "misc");

    private static final byte[] ATTACHMENTS = {'a'};
    private static final byte[] DEBUG = {'d'};
    private static final byte[] NEXT = {'n'};

    private final TablesStore store;
    private final boolean readOnly;
    private final Seconds clock;
    private final Table sas;
    private final Table saids;
    private final Table groups;
    private final Table members;
    private final Table names;
    private final Table eroutes;
    private final Table selectors;
    private final Table targets;
    private final Table inbound;
    private final Table uses;
    private final Table erouteUses;
    private final Table keys;
    private final Table refs;
    private final Table due;
    private final Table misc;

    private final RowWriter row = new RowWriter();
    private final RowWriter key = new RowWriter();
    private long nextPlace;
    private int nextRef;
    private boolean dirty;

    /** Now, since 1970. */
    interface Seconds {
        long now();
    }

    MvTables(TablesStore store, boolean readOnly, Seconds clock) {
        this.store = store;
        this.readOnly = readOnly;
        this.clock = clock;
        sas = store.table("sa");
        saids = store.table("said");
        groups = store.table("group");
        members = store.table("member");
        names = store.table("name");
        eroutes = store.table("eroute");
        selectors = store.table("selector");
        targets = store.table("target");
        inbound = store.table("inbound");
        uses = store.table("use");
        erouteUses = store.table("erouteuse");
        keys = store.table("key");
        refs = store.table("ref");
        due = store.table("due");
        misc = store.table("misc");
        readNext();
    }

    private void readNext() {
        Next next = read(misc, NEXT, MvTables::next);
        nextPlace = next == null ? 1 : next.place();
        nextRef = next == null ? 1 : next.ref();
    }

    private static Next next(byte[] found) {
        RowReader from = RowReader.sealed(found);
        return new Next(from.u64(), from.u32());
    }

    /** What the next object gets. */
    private record Next(long place, int ref) {}

    /** How a row becomes an object. */
    private interface Form<T> {
        T read(byte[] row);
    }

    private <T> @Nullable T read(Table table, byte[] at, Form<T> form) {
        byte[] found = table.get(at);
        if (found == null) {
            return null;
        }
        try {
            return form.read(found);
        } catch (DamagedRow e) {
            throw store.trouble(e);
        }
    }

    /** What an index points to must be there. */
    private <T> T must(@Nullable T row) {
        if (row == null) {
            throw store.trouble(new DamagedRow());
        }
        return row;
    }

    private void changing() {
        if (readOnly) {
            throw new IllegalStateException("the state directory was opened for reading");
        }
        dirty = true;
    }

    // Keys

    private byte[] of(Said said) {
        return key.clear().said(said).bare();
    }

    private byte[] of(Selector selector) {
        return key.clear().selector(selector).bare();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private byte[] keyPlace(String fingerprint, byte[] place) {
        return key.clear().raw(utf8(fingerprint)).u8(0).raw(place).bare();
    }

    private byte[] targetPlace(Said said, byte[] place) {
        return key.clear().said(said).raw(place).bare();
    }

    private byte[] duePlace(long second, byte[] place) {
        return key.clear().u64(second).raw(place).bare();
    }

    private byte[] newPlace() {
        return key.clear().u64(nextPlace++).bare();
    }

    private static long number(byte @Nullable [] place) {
        return place == null ? -1 : new Octets(place).u64(0);
    }

    // SAs

    @Override
    public @Nullable SecurityAssociation sa(Said said) {
        byte[] place = saids.get(of(said));
        return place == null ? null : saAt(place).sa();
    }

    private Rows.SaRow saAt(byte[] place) {
        return must(read(sas, place, Rows::sa));
    }

    @Override
    public Iterable<SecurityAssociation> sas() {
        return () -> new Walk<>(sas.all()) {
            @Override
            SecurityAssociation item(byte[] at, byte[] value) {
                return Rows.sa(value).sa();
            }
        };
    }

    @Override
    public Iterable<Said> saids() {
        return () -> new Walk<>(sas.all()) {
            @Override
            Said item(byte[] at, byte[] value) {
                return Rows.said(value);
            }
        };
    }

    @Override
    public long place(Said said) {
        return number(saids.get(of(said)));
    }

    @Override
    public int saCount() {
        return sas.size();
    }

    @Override
    public void putSa(SecurityAssociation sa, List<String> fingerprints) {
        changing();
        byte[] said = of(sa.said());
        byte[] place = saids.get(said);
        if (place == null) {
            place = newPlace();
            saids.put(said, place);
        } else {
            unindex(saAt(place), place, use(sa.said()));
        }
        sas.put(place, Rows.write(row, sa, fingerprints));
        for (String fingerprint : fingerprints) {
            keys.put(keyPlace(fingerprint, place), Table.NOTHING);
        }
        if (sa.ref() != 0) {
            refs.put(key.clear().u32(sa.ref()).bare(), said);
        }
        indexDue(sa, place, uses.isEmpty() ? SaUse.NONE : use(sa.said()));
    }

    private void indexDue(SecurityAssociation sa, byte[] place, SaUse use) {
        long second = sa.lastSecond(use);
        if (second != Long.MAX_VALUE) {
            due.put(duePlace(second, place), Table.NOTHING);
        }
    }

    private void unindexDue(SecurityAssociation sa, byte[] place, SaUse use) {
        long second = sa.lastSecond(use);
        if (second != Long.MAX_VALUE) {
            due.remove(duePlace(second, place));
        }
    }

    /** Takes out every way to the SA but the one by its SAID. */
    private void unindex(Rows.SaRow old, byte[] place, SaUse use) {
        for (String fingerprint : old.fingerprints()) {
            keys.remove(keyPlace(fingerprint, place));
        }
        SecurityAssociation sa = old.sa();
        if (sa.ref() != 0 && sa.said().equals(saidWithRef(sa.ref()))) {
            refs.remove(key.clear().u32(sa.ref()).bare());
        }
        unindexDue(sa, place, use);
    }

    @Override
    public void removeSa(Said said) {
        changing();
        byte[] saidKey = of(said);
        byte[] place = saids.get(saidKey);
        if (place == null) {
            return;
        }
        unindex(saAt(place), place, use(said));
        sas.remove(place);
        saids.remove(saidKey);
        uses.remove(saidKey);
        inbound.remove(saidKey);
    }

    @Override
    public void clearSas() {
        changing();
        sas.clear();
        saids.clear();
        groups.clear();
        members.clear();
        names.clear();
        inbound.clear();
        uses.clear();
        keys.clear();
        refs.clear();
        due.clear();
    }

    @Override
    public SaUse use(Said said) {
        SaUse found = read(uses, of(said), Rows::use);
        return found == null ? SaUse.NONE : found;
    }

    @Override
    public void putUse(Said said, SaUse use) {
        changing();
        byte[] saidKey = of(said);
        byte[] place = saids.get(saidKey);
        if (place == null) {
            return;
        }
        SecurityAssociation sa = saAt(place).sa();
        unindexDue(sa, place, use(said));
        uses.put(saidKey, Rows.write(row, use));
        indexDue(sa, place, use);
    }

    @Override
    public Iterable<Said> saidsWithKey(String fingerprint) {
        byte[] prefix = key.clear().raw(utf8(fingerprint)).u8(0).bare();
        return () -> new Walk<>(keys.startingWith(prefix)) {
            @Override
            Said item(byte[] at, byte[] value) {
                return saAt(tail(at)).sa().said();
            }
        };
    }

    @Override
    public @Nullable Said saidWithRef(int ref) {
        return read(
                refs, key.clear().u32(ref).bare(), said -> RowReader.bare(said).said());
    }

    @Override
    public Iterable<Said> due(long nowSeconds) {
        return () -> new Walk<>(due.all()) {
            @Override
            boolean isLast(byte[] at) {
                return RowReader.bare(at).u64() >= nowSeconds;
            }

            @Override
            Said item(byte[] at, byte[] value) {
                return saAt(tail(at)).sa().said();
            }
        };
    }

    @Override
    public int nextRef() {
        changing();
        return nextRef++;
    }

    // Groups

    @Override
    public @Nullable Group groupOf(Said member) {
        return groupAt(members.get(of(member)));
    }

    @Override
    public @Nullable Group groupNamed(String name) {
        return groupAt(names.get(utf8(name)));
    }

    private @Nullable Group groupAt(byte @Nullable [] place) {
        return place == null ? null : must(read(groups, place, Rows::group));
    }

    @Override
    public Iterable<Group> groups() {
        return () -> new Walk<>(groups.all()) {
            @Override
            Group item(byte[] at, byte[] value) {
                return Rows.group(value);
            }
        };
    }

    @Override
    public void putGroup(Group group) {
        changing();
        byte[] place = members.get(of(group.first()));
        Group old = groupAt(place);
        if (place == null || old == null || !old.first().equals(group.first())) {
            place = newPlace();
        } else {
            forget(old);
        }
        groups.put(place, Rows.write(row, group));
        for (Said member : group.members()) {
            members.put(of(member), place);
        }
        String name = group.name();
        if (name != null) {
            names.put(utf8(name), place);
        }
    }

    @Override
    public void removeGroup(Said first) {
        changing();
        byte[] place = members.get(of(first));
        Group old = groupAt(place);
        if (place != null && old != null && old.first().equals(first)) {
            forget(old);
            groups.remove(place);
        }
    }

    private void forget(Group old) {
        for (Said member : old.members()) {
            members.remove(of(member));
        }
        String name = old.name();
        if (name != null) {
            names.remove(utf8(name));
        }
    }

    // Eroutes

    @Override
    public @Nullable Eroute eroute(Selector selector) {
        byte[] place = selectors.get(of(selector));
        return place == null ? null : erouteAt(place);
    }

    private Eroute erouteAt(byte[] place) {
        return must(read(eroutes, place, Rows::eroute));
    }

    @Override
    public Iterable<Eroute> eroutes() {
        return () -> new Walk<>(eroutes.all()) {
            @Override
            Eroute item(byte[] at, byte[] value) {
                return Rows.eroute(value);
            }
        };
    }

    @Override
    public long place(Selector selector) {
        return number(selectors.get(of(selector)));
    }

    @Override
    public int erouteCount() {
        return eroutes.size();
    }

    @Override
    public Iterable<Eroute> eroutesTo(Said said) {
        byte[] prefix = of(said);
        return () -> new Walk<>(targets.startingWith(prefix)) {
            @Override
            Eroute item(byte[] at, byte[] value) {
                return erouteAt(tail(at));
            }
        };
    }

    @Override
    public void putEroute(Eroute eroute) {
        changing();
        byte[] selector = of(eroute.selector());
        byte[] place = selectors.get(selector);
        if (place == null) {
            place = newPlace();
            selectors.put(selector, place);
        } else {
            targets.remove(targetPlace(erouteAt(place).said(), place));
        }
        eroutes.put(place, Rows.write(row, eroute));
        targets.put(targetPlace(eroute.said(), place), Table.NOTHING);
    }

    @Override
    public void removeEroute(Selector selector) {
        changing();
        byte[] selectorKey = of(selector);
        byte[] place = selectors.get(selectorKey);
        if (place == null) {
            return;
        }
        targets.remove(targetPlace(erouteAt(place).said(), place));
        eroutes.remove(place);
        selectors.remove(selectorKey);
        erouteUses.remove(selectorKey);
    }

    @Override
    public void clearEroutes() {
        changing();
        eroutes.clear();
        selectors.clear();
        targets.clear();
        erouteUses.clear();
    }

    @Override
    public ErouteUse erouteUse(Selector selector) {
        ErouteUse found = read(erouteUses, of(selector), Rows::erouteUse);
        return found == null ? ErouteUse.NONE : found;
    }

    @Override
    public void putErouteUse(Selector selector, ErouteUse use) {
        changing();
        byte[] selectorKey = of(selector);
        if (selectors.get(selectorKey) != null) {
            erouteUses.put(selectorKey, Rows.write(row, use));
        }
    }

    @Override
    public List<Selector> inboundPolicy(Said tunnel) {
        List<Selector> found = read(inbound, of(tunnel), Rows::policy);
        return found == null ? List.of() : found;
    }

    @Override
    public void putInboundPolicy(Said tunnel, List<Selector> policy) {
        changing();
        if (policy.isEmpty()) {
            inbound.remove(of(tunnel));
        } else {
            inbound.put(of(tunnel), Rows.write(row, policy));
        }
    }

    // Interfaces and switches

    @Override
    public List<Attachment> attachments() {
        List<Attachment> found = read(misc, ATTACHMENTS, Rows::attachments);
        return found == null ? Attachment.AT_START : List.copyOf(found);
    }

    @Override
    public @Nullable Attachment attachment(String virtual) {
        for (Attachment attachment : attachments()) {
            if (attachment.virtual().equals(virtual)) {
                return attachment;
            }
        }
        return null;
    }

    @Override
    public void putAttachment(Attachment attachment) {
        changing();
        var list = new ArrayList<>(attachments());
        int at = 0;
        while (at < list.size() && !list.get(at).virtual().equals(attachment.virtual())) {
            at++;
        }
        if (at < list.size()) {
            list.set(at, attachment);
        } else {
            list.add(attachment);
        }
        misc.put(ATTACHMENTS, Rows.writeAttachments(row, list));
    }

    @Override
    public void removeAttachment(String virtual) {
        changing();
        var list = new ArrayList<Attachment>();
        for (Attachment attachment : attachments()) {
            if (!attachment.virtual().equals(virtual)) {
                list.add(attachment);
            }
        }
        misc.put(ATTACHMENTS, Rows.writeAttachments(row, list));
    }

    @Override
    public Set<DebugFlag> debug() {
        Set<DebugFlag> found = read(misc, DEBUG, Rows::debug);
        return found == null ? EnumSet.noneOf(DebugFlag.class) : found;
    }

    @Override
    public void putDebug(Set<DebugFlag> flags) {
        changing();
        misc.put(DEBUG, Rows.write(row, flags));
    }

    // Transactions

    @Override
    public void commit() {
        if (!dirty) {
            return;
        }
        misc.put(NEXT, row.clear().u64(nextPlace).u32(nextRef).sealed());
        try {
            store.commit(clock.now());
            dirty = false;
        } catch (IOException e) {
            dirty = false;
            readNext();
            throw new NotDurable("the state directory did not take the change: " + StateLock.reason(e), e);
        }
    }

    @Override
    public void rollback() {
        if (dirty) {
            store.rollback();
            readNext();
            dirty = false;
        }
    }

    /** The place at the end of a key. */
    private static byte[] tail(byte[] key) {
        if (key.length < Long.BYTES) {
            throw RowReader.damaged();
        }
        return Arrays.copyOfRange(key, key.length - Long.BYTES, key.length);
    }

    /** A walk through rows as objects. */
    private abstract class Walk<T> implements Iterator<T> {
        private final Table.Rows rows;
        private @Nullable T next;

        Walk(Table.Rows rows) {
            this.rows = rows;
            advance();
        }

        abstract T item(byte[] at, byte[] value);

        /** True where the walk ends before the row at this key. */
        @SuppressWarnings("UnusedVariable") // for those who look
        boolean isLast(byte[] at) {
            return false;
        }

        private void advance() {
            next = null;
            try {
                if (rows.hasNext()) {
                    byte[] at = rows.next();
                    if (!isLast(at)) {
                        next = item(at, rows.value());
                    }
                }
            } catch (DamagedRow e) {
                throw store.trouble(e);
            }
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public T next() {
            T item = next;
            if (item == null) {
                throw new NoSuchElementException();
            }
            advance();
            return item;
        }
    }
}
