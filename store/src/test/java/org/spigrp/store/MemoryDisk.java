package org.spigrp.store;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that can be full, fail a force, stop at any step, and lose at a power loss any of the sectors that were
 * not forced, and any rename since the directory was.
 */
final class MemoryDisk implements Disk {
    private static final int SECTOR = 512;

    /** The process ends here: nothing of it happens any more. */
    static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private static final class Content {
        byte[] now = new byte[0];
        byte[] forced = new byte[0];
    }

    private final Map<Path, Content> names = new HashMap<>();
    private Map<Path, Content> forcedNames = new HashMap<>();
    /** Octets that still fit; a write beyond takes what fits and fails. */
    long room = Long.MAX_VALUE;

    boolean forceFails;
    boolean truncateFails;
    /** After this many more steps the process is killed; the step itself is done half. */
    int stepsToLive = Integer.MAX_VALUE;

    int steps;

    private boolean lastStep() {
        steps++;
        if (stepsToLive <= 0) {
            throw new Killed();
        }
        return --stepsToLive == 0;
    }

    /** As another process finds it after a kill -9: everything written is there. */
    MemoryDisk afterKill() {
        return copy(content -> content.now, names);
    }

    /** As it is after a power loss: what was forced is there, and of the rest some sectors. */
    MemoryDisk afterPowerLoss(RandomGenerator random) {
        return copy(content -> survivors(content, random), random.nextBoolean() ? names : forcedNames);
    }

    private static MemoryDisk copy(java.util.function.Function<Content, byte[]> what, Map<Path, Content> which) {
        var disk = new MemoryDisk();
        which.forEach((path, content) -> {
            var copy = new Content();
            copy.now = what.apply(content).clone();
            copy.forced = copy.now.clone();
            disk.names.put(path, copy);
        });
        disk.forcedNames = new HashMap<>(disk.names);
        return disk;
    }

    private static byte[] survivors(Content content, RandomGenerator random) {
        if (Arrays.equals(content.now, content.forced)) {
            return content.now;
        }
        int length = random.nextBoolean() ? content.now.length : content.forced.length;
        byte[] left = Arrays.copyOf(content.forced, length);
        for (int at = 0; at < Math.min(length, content.now.length); at += SECTOR) {
            if (random.nextBoolean()) {
                int end = Math.min(Math.min(at + SECTOR, length), content.now.length);
                System.arraycopy(content.now, at, left, at, end - at);
            }
        }
        return left;
    }

    byte[] octets(Path path) {
        return content(path).now.clone();
    }

    void put(Path path, byte[] octets) {
        var content = new Content();
        content.now = octets.clone();
        content.forced = octets.clone();
        names.put(path, content);
        forcedNames.put(path, content);
    }

    private Content content(Path path) {
        Content content = names.get(path);
        if (content == null) {
            throw new IllegalArgumentException("no file " + path);
        }
        return content;
    }

    List<Path> files() {
        return new ArrayList<>(names.keySet());
    }

    @Override
    public boolean exists(Path file) {
        return names.containsKey(file);
    }

    @Override
    public DiskFile open(Path file, boolean write) throws IOException {
        Content content = names.get(file);
        if (content == null) {
            throw new NoSuchFileException(file.toString());
        }
        return new MemoryFile(content);
    }

    @Override
    public DiskFile create(Path file) throws IOException {
        lastStep();
        var content = new Content();
        names.put(file, content);
        return new MemoryFile(content);
    }

    @Override
    public void rename(Path from, Path to) {
        if (lastStep()) {
            throw new Killed();
        }
        Content content = content(from);
        names.put(to, content);
        names.remove(from);
    }

    @Override
    public void delete(Path file) {
        lastStep();
        names.remove(file);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        if (lastStep()) {
            throw new Killed();
        }
        if (forceFails) {
            throw new IOException("input/output error");
        }
        forcedNames = new HashMap<>(names);
    }

    private final class MemoryFile implements DiskFile {
        private @Nullable Content content;

        MemoryFile(Content content) {
            this.content = content;
        }

        private Content at() throws IOException {
            Content open = content;
            if (open == null) {
                throw new IOException("closed");
            }
            return open;
        }

        @Override
        public void read(ByteBuffer to, long at) throws IOException {
            byte[] now = at().now;
            if (at + to.remaining() > now.length) {
                throw new EOFException("ends at octet " + now.length);
            }
            to.put(now, (int) at, to.remaining());
        }

        @Override
        public void write(ByteBuffer from, long at) throws IOException {
            boolean last = lastStep();
            Content open = at();
            int wanted = from.remaining();
            int count = (int) Math.min(last ? wanted / 2 : wanted, Math.max(0, room));
            int end = (int) at + count;
            if (end > open.now.length) {
                open.now = Arrays.copyOf(open.now, end);
            }
            from.get(open.now, (int) at, count);
            room -= count;
            if (last) {
                throw new Killed();
            }
            if (count < wanted) {
                throw new IOException("no space left on device");
            }
        }

        @Override
        public long size() throws IOException {
            return at().now.length;
        }

        @Override
        public void truncate(long size) throws IOException {
            if (lastStep()) {
                throw new Killed();
            }
            if (truncateFails) {
                throw new IOException("input/output error");
            }
            Content open = at();
            if (size < open.now.length) {
                open.now = Arrays.copyOf(open.now, (int) size);
            }
        }

        @Override
        public void force() throws IOException {
            if (lastStep()) {
                throw new Killed();
            }
            if (forceFails) {
                throw new IOException("input/output error");
            }
            Content open = at();
            open.forced = open.now.clone();
        }

        @Override
        public ByteBuffer map() throws IOException {
            return ByteBuffer.wrap(at().now).asReadOnlyBuffer();
        }

        @Override
        public void close() {
            content = null;
        }
    }
}
