package org.spigrp.store;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/** Files of the operating system. */
final class RealDisk implements Disk {
    static final RealDisk INSTANCE = new RealDisk();

    private static final String UID = "unix:uid";
    private static final String GID = "unix:gid";

    private RealDisk() {}

    /** For creation: the process's umask may take bits away, never add any. */
    static FileAttribute<Set<PosixFilePermission>> ownerMay(PosixFilePermission... permissions) {
        return PosixFilePermissions.asFileAttribute(Set.of(permissions));
    }

    @Override
    public boolean exists(Path file) {
        return Files.exists(file);
    }

    @Override
    public DiskFile open(Path file, boolean write) throws IOException {
        return new RealFile(
                write
                        ? FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)
                        : FileChannel.open(file, StandardOpenOption.READ));
    }

    @Override
    public DiskFile create(Path file) throws IOException {
        Files.deleteIfExists(file);
        FileChannel channel = FileChannel.open(
                file,
                EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
                ownerMay(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
        giveToOwnerOfDirectory(file);
        return new RealFile(channel);
    }

    /**
     * A state directory may belong to the user of the live stack, and root work on it while that stack is down: what root
     * makes there has to be that user's. For everybody else both are the same already.
     */
    static void giveToOwnerOfDirectory(Path file) throws IOException {
        Path directory = Objects.requireNonNull(file.toAbsolutePath().getParent());
        Object owner = Files.getAttribute(directory, UID);
        if (owner.equals(Files.getAttribute(file, UID, LinkOption.NOFOLLOW_LINKS))) {
            return;
        }
        try {
            Files.setAttribute(file, GID, Files.getAttribute(directory, GID), LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(file, UID, owner, LinkOption.NOFOLLOW_LINKS);
        } catch (FileSystemException e) {
            // not root, or a file system that knows better: whoever starts the stack gives the files away then
        }
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private record RealFile(FileChannel channel) implements DiskFile {
        @Override
        public void read(ByteBuffer to, long at) throws IOException {
            long from = at;
            while (to.hasRemaining()) {
                int count = channel.read(to, from);
                if (count < 0) {
                    throw new EOFException("ends at octet " + from);
                }
                from += count;
            }
        }

        @Override
        public void write(ByteBuffer from, long at) throws IOException {
            long to = at;
            while (from.hasRemaining()) {
                to += channel.write(from, to);
            }
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public void truncate(long size) throws IOException {
            channel.truncate(size);
        }

        @Override
        public void force() throws IOException {
            channel.force(false);
        }

        @Override
        public ByteBuffer map() throws IOException {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
