package org.spigrp.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/*
 * Locks of the operating system belong to the process: inside one process they neither keep two stores apart nor survive
 * the close of any other channel of the same file. So a table of our own comes first, and only its winner opens the file.
 *
 * Nobody polls: the wait is the blocking lock call in a thread of its own, ended by closing its channel when patience is
 * over.
 */
/** One command at a time may change a state directory; several may read it. */
final class StateLock implements AutoCloseable {
    private static final Set<Path> HELD_HERE = new HashSet<>();

    private final Path key;
    private final FileChannel channel;

    private StateLock(Path key, FileChannel channel) {
        this.key = key;
        this.channel = channel;
    }

    /**
     * Waits for its turn.
     *
     * @param file must exist
     * @param shared with other readers
     */
    static StateLock take(Path file, boolean shared, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        Path key;
        try {
            key = file.toRealPath();
        } catch (IOException e) {
            throw new StoreTrouble("state directory " + file.getParent() + " cannot be locked: " + reason(e), e);
        }
        if (!enter(key, deadline)) {
            throw inUse(file, patience);
        }
        FileChannel channel = null;
        boolean taken = false;
        try {
            channel = shared
                    ? FileChannel.open(file, StandardOpenOption.READ)
                    : FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock(0, Long.MAX_VALUE, shared);
            if (lock == null && !await(channel, shared, deadline)) {
                throw inUse(file, patience);
            }
            if (!shared) {
                sign(channel);
            }
            taken = true;
            return new StateLock(key, channel);
        } catch (IOException e) {
            throw new StoreTrouble("state directory " + file.getParent() + " cannot be locked: " + reason(e), e);
        } finally {
            if (!taken) {
                if (channel != null) {
                    closeQuietly(channel);
                }
                leave(key);
            }
        }
    }

    private static boolean enter(Path key, long deadline) {
        synchronized (HELD_HERE) {
            while (!HELD_HERE.add(key)) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                try {
                    HELD_HERE.wait(left / 1_000_000, (int) (left % 1_000_000));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }
            return true;
        }
    }

    private static void leave(Path key) {
        synchronized (HELD_HERE) {
            HELD_HERE.remove(key);
            HELD_HERE.notifyAll();
        }
    }

    /** True when the lock is had. False: the channel is closed. */
    private static boolean await(FileChannel channel, boolean shared, long deadline) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            closeQuietly(channel);
            return false;
        }
        var taken = new boolean[1];
        Thread waiter = Thread.ofPlatform().daemon().name("state lock").start(() -> {
            try {
                channel.lock(0, Long.MAX_VALUE, shared);
                synchronized (taken) {
                    taken[0] = true;
                }
            } catch (IOException e) {
                // the channel was closed: patience is over
            }
        });
        try {
            if (!waiter.join(Duration.ofNanos(left))) {
                closeQuietly(channel);
                return false;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closeQuietly(channel);
            return false;
        }
        synchronized (taken) {
            return taken[0];
        }
    }

    /** Leaves our process id for the message that others may have to print. */
    private static void sign(FileChannel channel) throws IOException {
        byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
        try {
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(pid), 0);
        } catch (IOException e) {
            if (channel.size() != 0) {
                throw e;
            }
            // a full disk: the lock holds all the same
        }
    }

    private static StoreTrouble inUse(Path file, Duration patience) {
        return new StoreTrouble("state directory " + file.getParent() + " is in use by " + holder(file) + " (waited "
                + patience.toSeconds() + " s): try again when it has ended");
    }

    private static String holder(Path file) {
        String pid = writtenPid(file);
        return pid == null ? "another command" : "process " + pid;
    }

    private static @Nullable String writtenPid(Path file) {
        try {
            if (Files.size(file) > 20) {
                return null;
            }
            String text = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
            return !text.isEmpty() && ProcessHandle.of(Long.parseLong(text)).isPresent() ? text : null;
        } catch (IOException | NumberFormatException e) {
            return null;
        }
    }

    /** What the system said, in short. */
    static String reason(IOException e) {
        String message = String.valueOf(e.getMessage());
        return switch (e) {
            case java.nio.file.AccessDeniedException _ -> "permission denied";
            case java.nio.file.NoSuchFileException _ -> "no such file " + message;
            case java.nio.file.NotDirectoryException _ -> "not a directory: " + message;
            case java.nio.file.FileSystemException fs when fs.getReason() != null -> fs.getReason();
            default -> message;
        };
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // nothing was written through it
        }
    }

    @Override
    public void close() {
        closeQuietly(channel);
        leave(key);
    }
}
