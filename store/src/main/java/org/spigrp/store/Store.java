package org.spigrp.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.KeyFingerprints;
import org.spigrp.command.Tables;
import org.spigrp.sa.NumberLedger;

/**
 * A state directory: everything that must survive a crash. It is of its owner alone (0700, files 0600).
 *
 * <pre>
 *   lock           who is at it: one command that changes, or several that read
 *   state          format, and the last acknowledged version of the tables
 *   tables         SAs, groups, eroutes, interfaces (MVStore)
 *   numbers        journal of sequence blocks, IV epochs and receive ceilings since
 *   numbers.base   the sorted bulk of them
 *   secret         under which fingerprints of keys are made
 * </pre>
 *
 * <p>An acknowledged change survives kill -9 and power loss. Nothing here can see that the whole directory was copied or
 * set back to an older copy; what stays safe then is said at {@code Ledger}. Not thread-safe.
 *
 * <p>Everything throws {@link StoreTrouble} where the directory cannot be used.
 */
public final class Store implements AutoCloseable {
    /** What a command wants to do. */
    public enum Mode {
        /** Only look. Creates nothing: where there is no state directory, the tables are empty. */
        READ,
        WRITE
    }

    /** How long a command waits for others to end. */
    public static final Duration PATIENCE = Duration.ofSeconds(5);

    /** A clock this far behind the last change is worth a word. */
    private static final long CLOCK_SLACK_SECONDS = 5;

    private static final String NEW = ".new";

    private final List<String> notices;
    private final @Nullable StateLock lock;
    private final @Nullable Acknowledged acknowledged;
    private final TablesStore file;
    private final MvTables tables;
    private final Ledger ledger;
    private final Fingerprints fingerprints;

    private Store(
            List<String> notices,
            @Nullable StateLock lock,
            @Nullable Acknowledged acknowledged,
            TablesStore file,
            MvTables tables,
            Ledger ledger,
            Fingerprints fingerprints) {
        this.notices = notices;
        this.lock = lock;
        this.acknowledged = acknowledged;
        this.file = file;
        this.tables = tables;
        this.ledger = ledger;
        this.fingerprints = fingerprints;
    }

    /**
     * Opens the directory, waiting up to {@link #PATIENCE} for its turn.
     *
     * @param random for secrets and IV epochs: a CSPRNG
     */
    public static Store open(Path stateDirectory, Mode mode, RandomGenerator random, InstantSource clock) {
        return open(RealDisk.INSTANCE, stateDirectory, mode, random, clock, PATIENCE);
    }

    static Store open(
            Disk disk, Path stateDirectory, Mode mode, RandomGenerator random, InstantSource clock, Duration patience) {
        var directory = new StateDirectory(stateDirectory);
        var notices = new ArrayList<String>();
        if (mode == Mode.WRITE) {
            directory.prepare(notices);
            return locked(disk, directory, false, random, clock, patience, notices);
        }
        if (!isBegun(directory)) {
            directory.refuseFileInTheWay();
            return absent(disk, random, clock, notices);
        }
        directory.complain(notices);
        return locked(disk, directory, true, random, clock, patience, notices);
    }

    private static boolean isBegun(StateDirectory directory) {
        // other than "not there", "not allowed to look" must not pass for empty
        if (Files.notExists(directory.path()) || Files.notExists(directory.lock())) {
            return false;
        }
        return !Files.notExists(directory.state()) || !Files.notExists(directory.tables());
    }

    private static Store absent(Disk disk, RandomGenerator random, InstantSource clock, List<String> notices) {
        var fingerprints = new Fingerprints(disk, null, random);
        TablesStore file = TablesStore.empty();
        return new Store(
                notices,
                null,
                null,
                file,
                new MvTables(file, true, () -> clock.instant().getEpochSecond()),
                new Ledger(disk, null, true, fingerprints, random, notices),
                fingerprints);
    }

    private static Store locked(
            Disk disk,
            StateDirectory directory,
            boolean readOnly,
            RandomGenerator random,
            InstantSource clock,
            Duration patience,
            List<String> notices) {
        if (readOnly && Files.notExists(directory.state())) {
            locked(disk, directory, false, random, clock, patience, notices).close();
        }
        StateLock lock = StateLock.take(directory.lock(), readOnly, patience);
        Acknowledged acknowledged = null;
        TablesStore file = null;
        boolean done = false;
        try {
            if (!readOnly) {
                directory.mendFiles(notices);
                if (Files.notExists(directory.state())) {
                    begin(disk, directory, random, clock);
                }
            }
            acknowledged = Acknowledged.open(disk, directory.state(), !readOnly);
            checkClock(acknowledged, clock, notices);
            file = TablesStore.open(disk, directory.tables(), readOnly, acknowledged);
            var fingerprints = new Fingerprints(disk, directory.secret(), random);
            var store = new Store(
                    notices,
                    lock,
                    acknowledged,
                    file,
                    new MvTables(file, readOnly, () -> clock.instant().getEpochSecond()),
                    new Ledger(disk, directory.path(), readOnly, fingerprints, random, notices),
                    fingerprints);
            done = true;
            return store;
        } finally {
            if (!done) {
                if (file != null) {
                    file.close();
                }
                close(acknowledged);
                lock.close();
            }
        }
    }

    /*
     * The file "state" comes last: before it nothing was ever acknowledged, and a beginning that was cut off begins again.
     * Where it is missing among files that say something it was taken away, and we keep our hands off.
     */
    private static void begin(Disk disk, StateDirectory directory, RandomGenerator random, InstantSource clock) {
        Path path = directory.path();
        Path journal = path.resolve(Ledger.JOURNAL);
        try {
            Path freshTables = path.resolve(StateDirectory.TABLES + NEW);
            Acknowledged.Root root = TablesStore.create(
                    disk, freshTables, MvTables.NAMES, clock.instant().getEpochSecond());
            checkIsUnused(disk, directory, freshTables, journal);
            Path fresh = path.resolve(StateDirectory.SECRET + NEW);
            Fingerprints.create(disk, fresh, random);
            disk.rename(fresh, directory.secret());
            fresh = path.resolve(Ledger.JOURNAL + NEW);
            Ledger.create(disk, fresh, random);
            disk.rename(fresh, journal);
            disk.rename(freshTables, directory.tables());
            disk.forceDirectory(path);
            fresh = path.resolve(StateDirectory.STATE + NEW);
            Acknowledged.create(disk, fresh, root);
            disk.rename(fresh, directory.state());
            disk.forceDirectory(path);
        } catch (IOException e) {
            throw new StoreTrouble("state directory " + path + " cannot be written: " + StateLock.reason(e), e);
        }
    }

    /** An empty file of ours has one length; what is longer or shorter says something. */
    private static void checkIsUnused(Disk disk, StateDirectory directory, Path freshTables, Path journal)
            throws IOException {
        boolean used = disk.exists(directory.path().resolve(Ledger.BASE))
                || (disk.exists(journal) && size(disk, journal) != Journal.HEADER_OCTETS)
                || (disk.exists(directory.tables()) && size(disk, directory.tables()) != size(disk, freshTables));
        if (used) {
            throw new StoreTrouble(directory.state() + " is missing, and other files of the state directory are in"
                    + " use: nothing was changed; restore it from a copy, or use another directory (IPSEC_STATE)");
        }
    }

    private static long size(Disk disk, Path file) throws IOException {
        try (Disk.DiskFile open = disk.open(file, false)) {
            return open.size();
        }
    }

    private static void checkClock(Acknowledged acknowledged, InstantSource clock, List<String> notices) {
        long behind = acknowledged.seconds() - clock.instant().getEpochSecond();
        if (behind > CLOCK_SLACK_SECONDS) {
            notices.add("the clock is " + behind + " seconds behind the last change: lifetimes that count seconds end"
                    + " that much later");
        }
    }

    /** When the last change was made, in seconds since 1970; 0 = never. Time goes on from there. */
    public long lastChangeSeconds() {
        return acknowledged == null ? 0 : acknowledged.seconds();
    }

    public Tables tables() {
        return tables;
    }

    public NumberLedger ledger() {
        return ledger;
    }

    public KeyFingerprints fingerprints() {
        return fingerprints;
    }

    /**
     * What was mended or is odd, a line each. The ledger is opened when it is first asked, so lines may come until the
     * end of the command.
     */
    public List<String> notices() {
        return List.copyOf(notices);
    }

    /** Changes that were not committed are forgotten. */
    @Override
    public void close() {
        ledger.close();
        file.close();
        close(acknowledged);
        if (lock != null) {
            lock.close();
        }
    }

    private static void close(@Nullable Acknowledged acknowledged) {
        if (acknowledged != null) {
            try {
                acknowledged.close();
            } catch (IOException e) {
                // every slot was forced when it was written
            }
        }
    }
}
