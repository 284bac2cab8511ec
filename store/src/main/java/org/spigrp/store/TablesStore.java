package org.spigrp.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;

/*
 * What MVStore may do of itself, and what we do:
 *
 * - Its automatic commits (by time, by memory) are off: a transaction of any size is one chunk, written by commit().
 *   300,000 SAs are about 200 MB until then.
 * - Its background thread is off: a command lives for a few milliseconds. Space is won back at the end of a command that
 *   changed something, in small steps.
 * - It forces nothing at a commit. We do, and keep the root ourselves (Acknowledged). Its clean end, which would write a
 *   root of its own, is not needed: we close like a crash.
 * - A write error closes it for good. We open the file again, at the acknowledged version.
 * - Its rollback leaves its account of live pages wrong (2.4.240: chunks that are needed get lost some commits later). So
 *   we roll back in the same way: by opening the file again, in about a millisecond.
 * - It keeps dead chunks for 45 s lest a disk was slow. As we force before each acknowledgement they may go at once; five
 *   versions are kept all the same, and we never need more than the last but one.
 */
/** The MVStore file "tables": opening, commit, rollback. */
final class TablesStore implements Table.TablesAccess, AutoCloseable {
    private static final int PAGE_OCTETS = 8192;
    private static final int READ_CACHE_MEGABYTES = 8;
    private static final int WRITE_CACHE_MEGABYTES = 32;
    /** Below this a file is not worth compacting. */
    private static final long COMPACT_FROM_OCTETS = 4 << 20;

    private static final int COMPACT_BELOW_PERCENT = 50;
    private static final int COMPACT_STEP_OCTETS = 8 << 20;

    private static final MVMap.Builder<byte[], byte[]> MAPS =
            new MVMap.Builder<byte[], byte[]>().keyType(OctetsType.INSTANCE).valueType(OctetsType.INSTANCE);

    private final Disk disk;
    private final @Nullable Path path;
    private final boolean readOnly;
    private final @Nullable Acknowledged acknowledged;
    private final List<Table> tables = new ArrayList<>();
    private @Nullable TablesFile tablesFile;
    private MVStore store;
    private boolean changedEver;

    private TablesStore(Disk disk, @Nullable Path path, boolean readOnly, @Nullable Acknowledged acknowledged) {
        this.disk = disk;
        this.path = path;
        this.readOnly = readOnly;
        this.acknowledged = acknowledged;
        this.store = openStore();
    }

    /** Nothing in it, and nothing kept. */
    static TablesStore empty() {
        return new TablesStore(RealDisk.INSTANCE, null, false, null);
    }

    /** Makes a file with empty tables; it counts once it has been renamed to its name. Returns its root. */
    static Acknowledged.Root create(Disk disk, Path path, List<String> names, long seconds) throws IOException {
        try (Disk.DiskFile file = disk.create(path)) {
            TablesFile tablesFile = TablesFile.of(file, path.toString(), false, READ_CACHE_MEGABYTES, true, null);
            MVStore store = open(tablesFile, false);
            for (String name : names) {
                store.openMap(name, MAPS);
            }
            store.commit();
            file.force();
            return tablesFile.lastRoot(seconds);
        } catch (MVStoreException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Opens the file at the acknowledged version. */
    static TablesStore open(Disk disk, Path path, boolean readOnly, Acknowledged acknowledged) {
        return new TablesStore(disk, path, readOnly, acknowledged);
    }

    private MVStore openStore() {
        Path file = path;
        Acknowledged known = acknowledged;
        if (file == null || known == null) {
            return new MVStore.Builder().open();
        }
        try (Disk.DiskFile unchecked = disk.open(file, false)) {
            known.check(unchecked);
        } catch (IOException e) {
            throw trouble(StateLock.reason(e), e);
        }
        MVStore opened = openAt(file, known.root(), true);
        if (opened == null) {
            opened = openAt(file, known.root(), false);
        }
        if (opened == null) {
            throw trouble("version " + known.root().version() + ", the last acknowledged one, is not whole", null);
        }
        return opened;
    }

    /**
     * Null if that version is not found.
     *
     * @param clean that nothing was written behind the root is likely, and makes it fast; where a change was written
     *     and not acknowledged, in space that the root knows as dead, MVStore must look at the whole file
     */
    private @Nullable MVStore openAt(Path file, Acknowledged.Root root, boolean clean) {
        Disk.DiskFile diskFile = null;
        MVStore opened = null;
        boolean done = false;
        try {
            diskFile = disk.open(file, !readOnly);
            TablesFile tables = TablesFile.of(
                    diskFile,
                    file.toString(),
                    readOnly,
                    readOnly ? READ_CACHE_MEGABYTES : WRITE_CACHE_MEGABYTES,
                    clean,
                    root);
            opened = open(tables, readOnly);
            tables.opened();
            if (opened.getCurrentVersion() == root.version()) {
                tablesFile = tables;
                done = true;
                return opened;
            }
            return null;
        } catch (IOException e) {
            throw trouble(StateLock.reason(e), e);
        } catch (MVStoreException e) {
            if (clean) {
                return null;
            }
            throw trouble(e);
        } finally {
            if (!done) {
                if (opened != null) {
                    opened.closeImmediately();
                }
                closeQuietly(diskFile);
            }
        }
    }

    private static MVStore open(TablesFile file, boolean readOnly) {
        MVStore.Builder builder = new MVStore.Builder()
                .adoptFileStore(file)
                .autoCommitDisabled()
                .autoCommitBufferSize(0)
                .pageSplitSize(PAGE_OCTETS);
        MVStore store = (readOnly ? builder.readOnly() : builder).open();
        store.setRetentionTime(0);
        return store;
    }

    Table table(String name) {
        var table = new Table(this, name);
        tables.add(table);
        return table;
    }

    @Override
    public MVMap<byte[], byte[]> map(String name) {
        try {
            if (path != null && !store.hasMap(name)) {
                throw trouble("table \"" + name + "\" is missing", null);
            }
            return store.openMap(name, MAPS);
        } catch (MVStoreException e) {
            throw trouble(e);
        }
    }

    @Override
    public StoreTrouble trouble(RuntimeException cause) {
        return trouble(firstLine(String.valueOf(cause.getMessage())), cause);
    }

    private StoreTrouble trouble(String why, @Nullable Throwable cause) {
        String say = path + " is damaged (" + why
                + "): nothing was changed; restore the state directory from a copy, or" + " use another (IPSEC_STATE)";
        return cause == null ? new StoreTrouble(say) : new StoreTrouble(say, cause);
    }

    private static String firstLine(String message) {
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }

    /**
     * Makes the changes durable as one whole.
     *
     * @throws IOException the disk said no: nothing was done, and the tables are as they were after the last commit
     */
    void commit(long seconds) throws IOException {
        changedEver = true;
        try {
            flush(seconds);
        } catch (MVStoreException e) {
            startAgain();
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getMessage(), e);
        } catch (IOException e) {
            startAgain();
            throw e;
        }
    }

    private void flush(long seconds) throws IOException {
        store.commit();
        Acknowledged known = acknowledged;
        TablesFile file = tablesFile;
        if (known != null
                && file != null
                && store.getCurrentVersion() != known.root().version()) {
            known.set(file.lastRoot(seconds), file.diskFile());
        }
    }

    private void startAgain() {
        store.closeImmediately();
        store = openStore();
        reopenTables();
    }

    private void reopenTables() {
        for (Table table : tables) {
            table.reopen();
        }
    }

    /** Forgets what was not committed. */
    void rollback() {
        startAgain();
    }

    /** Wins back space where much of the file is dead; what it fails to do the next command does. */
    private void compact() {
        TablesFile file = tablesFile;
        if (file == null
                || !changedEver
                || store.isClosed()
                || store.hasUnsavedChanges()
                || file.size() < COMPACT_FROM_OCTETS) {
            return;
        }
        try {
            if (store.compact(COMPACT_BELOW_PERCENT, COMPACT_STEP_OCTETS)) {
                flush(acknowledged == null ? 0 : acknowledged.seconds());
            }
        } catch (MVStoreException | IOException e) {
            // everything acknowledged is on the disk
        }
    }

    /** Forgets what was not committed. */
    @Override
    public void close() {
        compact();
        store.closeImmediately();
    }

    private static void closeQuietly(Disk.@Nullable DiskFile file) {
        if (file != null) {
            try {
                file.close();
            } catch (IOException e) {
                // something else went wrong before
            }
        }
    }
}
