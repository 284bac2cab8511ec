package org.spigrp.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/*
 * Nobody but its owner may list, read or write the directory: it holds keys. A directory that is open to others is closed
 * (mended) if it is empty or ours. One with other files in it is refused: closing /tmp or somebody's home because of a slip
 * in IPSEC_STATE would do more harm than the refusal.
 */
/** Where the files of a state directory are, and who may touch them. */
final class StateDirectory {
    static final String LOCK = "lock";
    static final String STATE = "state";
    static final String TABLES = "tables";
    static final String SECRET = "secret";

    private static final List<String> OURS = List.of(STATE, TABLES, Ledger.JOURNAL, Ledger.BASE, SECRET, LOCK);

    private final Path path;

    StateDirectory(Path path) {
        this.path = path;
    }

    Path path() {
        return path;
    }

    Path lock() {
        return path.resolve(LOCK);
    }

    Path state() {
        return path.resolve(STATE);
    }

    Path tables() {
        return path.resolve(TABLES);
    }

    Path secret() {
        return path.resolve(SECRET);
    }

    /** Makes the directory and its lock file if they are not there, and closes both to others. */
    void prepare(List<String> notices) {
        try {
            if (!Files.isDirectory(path)) {
                create();
            }
            mend(notices);
            if (!Files.exists(lock())) {
                createLock();
            }
        } catch (IOException e) {
            throw new StoreTrouble(
                    "state directory " + path + " cannot be made or written (" + StateLock.reason(e)
                            + "): give another one in IPSEC_STATE",
                    e);
        }
    }

    /** A directory that is not there yet is empty; one that can never be there is a mistake in its name. */
    void refuseFileInTheWay() {
        Path there = path.toAbsolutePath();
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        if (there != null && !Files.isDirectory(there)) {
            throw new StoreTrouble("state directory " + path + " cannot be there, as " + there
                    + " is a file: give another one in IPSEC_STATE");
        }
    }

    private void create() throws IOException {
        Path parent = path.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        try {
            Files.createDirectory(
                    path,
                    RealDisk.ownerMay(
                            PosixFilePermission.OWNER_READ,
                            PosixFilePermission.OWNER_WRITE,
                            PosixFilePermission.OWNER_EXECUTE));
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(path)) {
                throw e;
            }
            // another command made it meanwhile
        }
    }

    private void createLock() throws IOException {
        try {
            FileChannel.open(
                            lock(),
                            EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                            RealDisk.ownerMay(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE))
                    .close();
            RealDisk.giveToOwnerOfDirectory(lock());
        } catch (FileAlreadyExistsException e) {
            // another command made it meanwhile
        }
    }

    private void mend(List<String> notices) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
        if (!isOpenToOthers(permissions)) {
            return;
        }
        boolean ours = Files.exists(state()) || Files.exists(tables());
        if (!ours && !isEmpty()) {
            throw new StoreTrouble(
                    "state directory " + path + " has mode "
                            + PosixFilePermissions.toString(permissions)
                            + " and files of others in it: keys would be open to all; make a directory of its own (mkdir -m 700)");
        }
        Files.setPosixFilePermissions(path, EnumSet.copyOf(withoutOthers(permissions)));
        if (ours) {
            notices.add("state directory " + path + " had mode " + PosixFilePermissions.toString(permissions)
                    + " and was open to others: closed it now; keys in it may have been read or changed");
        }
    }

    private boolean isEmpty() throws IOException {
        try (var names = Files.newDirectoryStream(path)) {
            return !names.iterator().hasNext();
        }
    }

    /** Closes files that others may read or write; says which. */
    void mendFiles(List<String> notices) {
        for (String name : OURS) {
            Path file = path.resolve(name);
            try {
                if (!Files.exists(file)) {
                    continue;
                }
                Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
                if (isOpenToOthers(permissions)) {
                    Files.setPosixFilePermissions(file, EnumSet.copyOf(withoutOthers(permissions)));
                    notices.add(file + " had mode " + PosixFilePermissions.toString(permissions)
                            + " and was open to others: closed it now; what is in it may have been read or changed");
                }
            } catch (IOException e) {
                throw new StoreTrouble(file + " is open to others and cannot be closed: " + StateLock.reason(e), e);
            }
        }
    }

    /** Of a reader, who mends nothing. */
    void complain(List<String> notices) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
            if (isOpenToOthers(permissions)) {
                notices.add("state directory " + path + " has mode " + PosixFilePermissions.toString(permissions)
                        + " and is open to others: chmod 700 it");
            }
        } catch (IOException e) {
            throw new StoreTrouble("state directory " + path + " cannot be read: " + StateLock.reason(e), e);
        }
    }

    private static Set<PosixFilePermission> withoutOthers(Set<PosixFilePermission> permissions) {
        var kept = EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
        if (permissions.contains(PosixFilePermission.OWNER_EXECUTE)) {
            kept.add(PosixFilePermission.OWNER_EXECUTE);
        }
        return kept;
    }

    private static boolean isOpenToOthers(Set<PosixFilePermission> permissions) {
        for (PosixFilePermission permission : permissions) {
            if (permission != PosixFilePermission.OWNER_READ
                    && permission != PosixFilePermission.OWNER_WRITE
                    && permission != PosixFilePermission.OWNER_EXECUTE) {
                return true;
            }
        }
        return false;
    }
}
