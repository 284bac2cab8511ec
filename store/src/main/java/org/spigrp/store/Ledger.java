package org.spigrp.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.spigrp.sa.NumberLedger;
import org.spigrp.sa.SaState;
import org.spigrp.sa.SecurityAssociation;

/*
 * What stands where:
 *
 *     numbers.base   everything up to the last compaction, sorted, mapped
 *     numbers        the journal since then; its entries are also in memory
 *
 * Entries of the journal are absolute ("sent up to N"), the last one counts; epochs add up. A journal whose generation is
 * below the base's was folded into it already and counts for nothing.
 *
 * A torn end of the journal is an unclear write, and an unclear write counts as spent: everything the ledger knows moves
 * on by the largest block (and, where anything was received, by the largest lead) that one record may have granted, and a
 * SAID and key that it does not know begins behind one block, since its first grant may be what was lost. Where the crash
 * tore the record nothing of it was used, so this is needed only when an acknowledged record lost its end later on (a disk
 * that lied, a cut file). A ceiling that jumped further than the largest lead in that one record is not covered.
 *
 * What no ledger can see is that its directory was copied or set back. So sequence numbers and ceilings can repeat then;
 * IVs do not, but by a chance of 2^-32 for each pair of starts, because every start draws its epochs at random.
 */
/** The {@link NumberLedger} of a state directory. Nothing is read before it is first asked for something. */
final class Ledger implements NumberLedger, AutoCloseable {
    static final String JOURNAL = "numbers";
    static final String BASE = "numbers.base";
    private static final String NEW = ".new";

    /** By how much a torn end raises what was sent, and what was received. */
    static final long SENT_SKIP = NumberLedger.BLOCK;

    static final long CEILING_SKIP = SaState.LARGEST_LEAD;

    /** A journal below this is not folded while SAs wait; above it, when it is larger than a part of the base. */
    private static final long COMPACT_FROM_OCTETS = 4 << 20;

    private static final int BASE_TO_JOURNAL = 8;
    /** What a clean end leaves: the next command reads this much. */
    private static final long COMPACT_AT_END_OCTETS = 1 << 19;

    private static final int SENT = 1;
    private static final int EPOCH = 2;
    private static final int CEILING = 3;
    private static final int EXACT = 4;
    private static final int SKIP = 5;

    private final Disk disk;
    private final @Nullable Path directory;
    private final boolean readOnly;
    private final Fingerprints fingerprints;
    private final RandomGenerator random;
    private final List<String> notices;
    private final long compactFrom;

    private final Map<LedgerKey, Entry> entries = new HashMap<>();
    private final Map<LedgerKey, Epochs> epochs = new HashMap<>();
    private @Nullable LedgerBase base;
    private @Nullable Journal journal;
    private boolean loaded;
    /** Torn ends since the base was written. */
    private int skips;

    private final RowWriter pending = new RowWriter();
    private final List<Entry> touched = new ArrayList<>();
    private long commits;
    private long compactAt;

    /** @param directory null = nothing is kept */
    Ledger(
            Disk disk,
            @Nullable Path directory,
            boolean readOnly,
            Fingerprints fingerprints,
            RandomGenerator random,
            List<String> notices) {
        this(disk, directory, readOnly, fingerprints, random, notices, COMPACT_FROM_OCTETS);
    }

    Ledger(
            Disk disk,
            @Nullable Path directory,
            boolean readOnly,
            Fingerprints fingerprints,
            RandomGenerator random,
            List<String> notices,
            long compactFrom) {
        this.disk = disk;
        this.directory = directory;
        this.readOnly = readOnly;
        this.fingerprints = fingerprints;
        this.random = random;
        this.notices = notices;
        this.compactFrom = compactFrom;
    }

    /** Makes an empty journal in a new state directory; it counts once it has been renamed to its name. */
    static void create(Disk disk, Path path, RandomGenerator random) throws IOException {
        Journal.create(disk, path, new Journal.Identity(random.nextLong(), random.nextLong(), 0));
    }

    // What is known of one key

    /** Numbers of one SAID and key. */
    private static final class Entry {
        final LedgerKey key;
        final List<Handle> handles = new ArrayList<>(1);
        /** Everything up to here may have been sent, staged and failed grants among it. */
        long sent;
        /** With what is staged. */
        long ceiling;

        long durableSent;
        long durableCeiling;
        /** No exact release goes behind these. */
        long floorSent;

        long floorCeiling;
        /** The commit that the last block waits or waited for. */
        long blockStagedFor = -1;

        boolean touched;

        Entry(LedgerKey key, long sent, long ceiling) {
            this.key = key;
            set(sent, ceiling);
        }

        void set(long newSent, long newCeiling) {
            sent = newSent;
            ceiling = newCeiling;
            durableSent = newSent;
            durableCeiling = newCeiling;
            floorSent = newSent;
            floorCeiling = newCeiling;
        }
    }

    /** IV epochs of one cipher key. */
    private static final class Epochs {
        /** In the base, or negative. */
        int place;
        /** Those since then, ascending. */
        int[] recent = new int[4];

        int count;

        Epochs(int place) {
            this.place = place;
        }

        boolean add(int epoch) {
            int at = Arrays.binarySearch(recent, 0, count, epoch);
            if (at >= 0) {
                return false;
            }
            at = -at - 1;
            if (count == recent.length) {
                recent = Arrays.copyOf(recent, 2 * count);
            }
            System.arraycopy(recent, at, recent, at + 1, count - at);
            recent[at] = epoch;
            count++;
            return true;
        }
    }

    private Entry entry(LedgerKey key) {
        Entry entry = entries.get(key);
        if (entry == null) {
            LedgerBase known = base;
            int place = known == null ? -1 : known.findNumbers(key);
            if (known == null || place < 0) {
                entry = new Entry(key, hasSkipped() ? SENT_SKIP : 0, 0);
            } else {
                entry = new Entry(key, skipSent(known.sentUpTo(place)), skipCeiling(known.ceiling(place)));
            }
            entries.put(key, entry);
        }
        return entry;
    }

    private Epochs epochs(LedgerKey key) {
        Epochs found = epochs.get(key);
        if (found == null) {
            LedgerBase known = base;
            found = new Epochs(known == null ? -1 : known.findKey(key));
            epochs.put(key, found);
        }
        return found;
    }

    private boolean hasSkipped() {
        LedgerBase known = base;
        return skips > 0 || (known != null && known.skipped());
    }

    private long skipSent(long sent) {
        long after = sent;
        for (int i = 0; i < skips; i++) {
            after = plus(after, SENT_SKIP);
        }
        return after;
    }

    private long skipCeiling(long ceiling) {
        long after = ceiling;
        for (int i = 0; i < skips && after != 0; i++) {
            after = plus(after, CEILING_SKIP);
        }
        return after;
    }

    /** Unsigned, stopping at the end of the numbers. */
    private static long plus(long number, long more) {
        long sum = number + more;
        return Long.compareUnsigned(sum, number) < 0 ? -1L : sum;
    }

    private static long larger(long a, long b) {
        return Long.compareUnsigned(a, b) > 0 ? a : b;
    }

    // Reading

    private void load() {
        if (loaded) {
            return;
        }
        Path where = directory;
        if (where != null) {
            read(where);
        }
        loaded = true;
    }

    private void read(Path where) {
        Path journalPath = where.resolve(JOURNAL);
        Path basePath = where.resolve(BASE);
        LedgerBase known = disk.exists(basePath) ? LedgerBase.open(disk, basePath) : null;
        Journal.Identity identity = Journal.identityOf(disk, journalPath);
        long generation = 0;
        if (known != null) {
            if (!known.identity().isSibling(identity)) {
                throw Journal.damaged(journalPath, "it does not belong to " + BASE);
            }
            generation = known.identity().generation();
        }
        if (identity.generation() > generation) {
            throw Journal.damaged(
                    basePath, known == null ? "it is missing" : "it is older than the journal that goes with it");
        }
        base = known;
        if (identity.generation() == generation) {
            Journal opened = Journal.open(disk, journalPath, !readOnly, this::apply);
            journal = opened;
            if (opened.isTorn()) {
                repair(opened, journalPath);
            }
        } else if (!readOnly && known != null) {
            journal = nextJournal(where, known.identity());
        }
        compactAt = Math.max(compactFrom, known == null ? 0 : known.size() / BASE_TO_JOURNAL);
    }

    /** A compaction was cut off between its two renamings. */
    private Journal nextJournal(Path where, Journal.Identity identity) {
        Path journalPath = where.resolve(JOURNAL);
        try {
            Path fresh = where.resolve(JOURNAL + NEW);
            Journal.create(disk, fresh, identity);
            disk.rename(fresh, journalPath);
            disk.forceDirectory(where);
        } catch (IOException e) {
            throw new StoreTrouble(journalPath + " cannot be written: " + StateLock.reason(e), e);
        }
        return Journal.open(disk, journalPath, true, this::apply);
    }

    private void repair(Journal opened, Path path) {
        skip();
        String what = path + " ended in a torn record: every SA skips " + SENT_SKIP
                + " sequence numbers when sending, and receivers refuse up to " + CEILING_SKIP
                + " numbers beyond what they may have seen";
        if (!readOnly) {
            try {
                opened.repair(new byte[] {SKIP});
            } catch (IOException e) {
                throw new StoreTrouble(
                        path + " ended in a torn record and cannot be repaired: " + StateLock.reason(e), e);
            }
        }
        notices.add(what);
    }

    /** One record of the journal. */
    private void apply(ByteBuffer body) {
        while (body.hasRemaining()) {
            int kind = body.get();
            if (kind == SKIP) {
                skip();
                continue;
            }
            LedgerKey key = new LedgerKey(take(body, 8), take(body, 8));
            switch (kind) {
                case SENT -> {
                    Entry entry = entry(key);
                    entry.set(take(body, 8), entry.ceiling);
                }
                case CEILING -> {
                    Entry entry = entry(key);
                    entry.set(entry.sent, take(body, 8));
                }
                case EXACT -> entry(key).set(take(body, 8), take(body, 8));
                case EPOCH -> epochs(key).add((int) take(body, 4));
                default -> throw new DamagedRow();
            }
        }
    }

    private static long take(ByteBuffer body, int octets) {
        if (body.remaining() < octets) {
            throw new DamagedRow();
        }
        return octets == 8 ? body.getLong() : body.getInt();
    }

    private void skip() {
        skips++;
        for (Entry entry : entries.values()) {
            entry.set(plus(entry.sent, SENT_SKIP), entry.ceiling == 0 ? 0 : plus(entry.ceiling, CEILING_SKIP));
        }
    }

    // Granting

    @Override
    public Numbers numbersOf(SecurityAssociation sa) {
        load();
        Entry entry = entry(fingerprints.numbersOf(sa));
        LedgerKey cipherKey = sa.isCounterMode() ? fingerprints.epochsOf(sa) : null;
        for (Handle handle : entry.handles) {
            if (handle.fits(sa.lastNumber(), cipherKey)) {
                return handle;
            }
        }
        var handle = new Handle(entry, sa.lastNumber(), cipherKey);
        entry.handles.add(handle);
        return handle;
    }

    private void staging() {
        if (readOnly) {
            throw new IllegalStateException("the state directory was opened for reading");
        }
    }

    private void touch(Entry entry) {
        if (!entry.touched) {
            entry.touched = true;
            touched.add(entry);
        }
    }

    private void stage(int kind, LedgerKey key) {
        pending.u8(kind).u64(key.high()).u64(key.low());
    }

    @Override
    public boolean commit() {
        if (pending.length() == 0) {
            return true;
        }
        Journal open = journal;
        boolean durable = directory == null || (open != null && open.append(pending.bare()));
        for (Entry entry : touched) {
            entry.touched = false;
            if (durable) {
                entry.durableSent = entry.sent;
                entry.durableCeiling = entry.ceiling;
            } else {
                // what was to be sent stays spent; what was to be received is refused as before
                entry.ceiling = entry.durableCeiling;
            }
        }
        touched.clear();
        pending.clear();
        commits++;
        if (durable && open != null && open.size() > compactAt) {
            compact();
        }
        return durable;
    }

    private final class Handle implements Numbers {
        private final Entry entry;
        private final long lastNumber;
        private final @Nullable LedgerKey cipherKey;

        Handle(Entry entry, long lastNumber, @Nullable LedgerKey cipherKey) {
            this.entry = entry;
            this.lastNumber = lastNumber;
            this.cipherKey = cipherKey;
        }

        boolean fits(long last, @Nullable LedgerKey cipher) {
            return last == lastNumber && (cipher == null ? cipherKey == null : cipher.equals(cipherKey));
        }

        @Override
        public long sentUpTo() {
            return entry.sent;
        }

        @Override
        public long stageBlock() {
            staging();
            if (entry.blockStagedFor == commits) {
                return entry.sent;
            }
            if (Long.compareUnsigned(entry.sent, lastNumber) >= 0) {
                return lastNumber;
            }
            long end = plus(entry.sent, BLOCK);
            entry.sent = Long.compareUnsigned(end, lastNumber) > 0 ? lastNumber : end;
            entry.blockStagedFor = commits;
            stage(SENT, entry.key);
            pending.u64(entry.sent);
            touch(entry);
            return entry.sent;
        }

        @Override
        public int stageEpoch() {
            staging();
            LedgerKey key = cipherKey;
            if (key == null) {
                throw new IllegalStateException("only ciphers in counter mode have epochs");
            }
            Epochs known = epochs(key);
            LedgerBase bulk = base;
            int epoch = random.nextInt();
            // two or three draws at most while a key has had fewer than a billion epochs
            while ((bulk != null && known.place >= 0 && bulk.hasEpoch(known.place, epoch)) || !known.add(epoch)) {
                epoch = random.nextInt();
            }
            stage(EPOCH, key);
            pending.u32(epoch);
            return epoch;
        }

        @Override
        public long ceiling() {
            return entry.ceiling;
        }

        @Override
        public void stageCeiling(long upTo) {
            staging();
            if (Long.compareUnsigned(upTo, entry.ceiling) > 0) {
                entry.ceiling = upTo;
                stage(CEILING, entry.key);
                pending.u64(upTo);
                touch(entry);
            }
        }

        @Override
        public void stageExact(long lastSent, long highestReceived) {
            staging();
            long sent = larger(lastSent, entry.floorSent);
            long ceiling = larger(highestReceived, entry.floorCeiling);
            if (!entry.touched && sent == entry.durableSent && ceiling == entry.durableCeiling) {
                entry.sent = sent;
                return;
            }
            entry.sent = sent;
            entry.ceiling = ceiling;
            entry.floorSent = sent;
            entry.floorCeiling = ceiling;
            entry.blockStagedFor = -1;
            stage(EXACT, entry.key);
            pending.u64(sent).u64(ceiling);
            touch(entry);
        }
    }

    // Compaction

    /*
     * A crash at any step leaves one of: the old pair; the new base with the old journal, which then counts for nothing;
     * the new pair. Nothing is appended before the new pair is durable.
     */
    private void compact() {
        Path where = directory;
        Journal old = journal;
        if (where == null || old == null || old.isBroken()) {
            return;
        }
        var next = new Journal.Identity(
                old.identity().high(), old.identity().low(), old.identity().generation() + 1);
        Path newBase = where.resolve(BASE + NEW);
        Path newJournal = where.resolve(JOURNAL + NEW);
        try {
            LedgerBase.write(
                    disk,
                    newBase,
                    next,
                    hasSkipped(),
                    base,
                    (key, sent, ceiling) -> new LedgerBase.NumbersLine(key, skipSent(sent), skipCeiling(ceiling)),
                    numbersLines(),
                    keyLines());
            Journal.create(disk, newJournal, next);
        } catch (IOException e) {
            // no room now: the journal goes on, and is folded when it is twice as long
            compactAt = 2 * old.size();
            return;
        }
        try {
            disk.rename(newBase, where.resolve(BASE));
            disk.forceDirectory(where);
            disk.rename(newJournal, where.resolve(JOURNAL));
            disk.forceDirectory(where);
            old.close();
            LedgerBase fresh = LedgerBase.open(disk, where.resolve(BASE));
            journal = Journal.open(disk, where.resolve(JOURNAL), true, this::apply);
            rebase(fresh);
        } catch (IOException | StoreTrouble e) {
            // which pair stands on the disk is unclear: nothing is granted until the ledger is opened again
            old.giveUp();
        }
    }

    private void rebase(LedgerBase fresh) {
        base = fresh;
        skips = 0;
        for (var key : epochs.entrySet()) {
            Epochs known = key.getValue();
            known.place = fresh.findKey(key.getKey());
            known.recent = new int[4];
            known.count = 0;
        }
        compactAt = Math.max(compactFrom, fresh.size() / BASE_TO_JOURNAL);
    }

    private List<LedgerBase.NumbersLine> numbersLines() {
        var lines = new ArrayList<LedgerBase.NumbersLine>(entries.size());
        LedgerBase old = base;
        long unknown = hasSkipped() ? SENT_SKIP : 0;
        for (Entry entry : entries.values()) {
            boolean says = entry.durableSent != unknown || entry.durableCeiling != 0;
            if (says || (old != null && old.findNumbers(entry.key) >= 0)) {
                lines.add(new LedgerBase.NumbersLine(entry.key, entry.durableSent, entry.durableCeiling));
            }
        }
        lines.sort((a, b) -> a.key().compareTo(b.key()));
        return lines;
    }

    private List<LedgerBase.KeyLine> keyLines() {
        var lines = new ArrayList<LedgerBase.KeyLine>(epochs.size());
        for (var key : epochs.entrySet()) {
            Epochs known = key.getValue();
            if (known.count > 0) {
                lines.add(new LedgerBase.KeyLine(key.getKey(), Arrays.copyOf(known.recent, known.count)));
            }
        }
        lines.sort((a, b) -> a.key().compareTo(b.key()));
        return lines;
    }

    @Override
    public void close() {
        if (journal != null && !readOnly && journal.size() > Math.min(compactFrom, COMPACT_AT_END_OCTETS)) {
            compact();
        }
        Journal open = journal;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                // every record was forced when it was written
            }
        }
    }
}
