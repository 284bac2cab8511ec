package org.spigrp.cli;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Opens the files of {@code ipsec pcap}, and sees to it that no two of them are one. */
final class PcapFiles {
    private static final String STANDARD = "-";

    private final Call call;
    private final Map<Path, String> used = new HashMap<>();
    private boolean outTaken;

    PcapFiles(Call call) {
        this.call = call;
    }

    /** Octets, or 0 where that cannot be known. */
    long size(String name) {
        try {
            Path path = path(name);
            return name.equals(STANDARD) || !Files.isRegularFile(path) ? 0 : Files.size(path);
        } catch (IOException e) {
            return 0;
        }
    }

    InputStream read(String name) {
        if (name.equals(STANDARD)) {
            return new FilterInputStream(call.in()) {
                @Override
                public void close() {} // not ours
            };
        }
        Path path = path(name);
        if (Files.isDirectory(path)) {
            throw new Refusal("cannot read " + name + ": it is a directory");
        }
        try {
            InputStream stream = Files.newInputStream(path);
            used.put(path.toRealPath(), name);
            return stream;
        } catch (IOException e) {
            throw new Refusal("cannot read " + name + ": " + Trouble.why(e));
        }
    }

    OutputStream write(String option, String name) {
        if (name.equals(STANDARD)) {
            if (outTaken) {
                throw new Refusal(option + ": standard output is taken already by another of the files");
            }
            outTaken = true;
            return new FilterOutputStream(call.out()) {
                @Override
                public void write(byte[] octets, int start, int length) throws IOException {
                    call.out().write(octets, start, length);
                    if (call.out().checkError()) {
                        throw new IOException("nobody reads standard output any more");
                    }
                }

                @Override
                public void close() {
                    call.out().flush(); // not ours
                }
            };
        }
        Path path = path(name);
        try {
            if (Files.exists(path)) {
                String other = used.get(path.toRealPath());
                if (other != null) {
                    throw new Refusal(option + " " + name + " is the same file as " + other
                            + ", which is in use: give another name");
                }
            }
            OutputStream stream = emptied(path);
            used.put(path.toRealPath(), name);
            return stream;
        } catch (IOException e) {
            throw new Refusal("cannot write " + name + ": " + Trouble.why(e), Refusal.FAILED);
        }
    }

    /** Opens a file, or makes it. What was in it is gone before anything is written, and when it is closed. */
    private static OutputStream emptied(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        OutputStream stream = Channels.newOutputStream(channel);
        return Files.isRegularFile(path) && channel.size() > 0 ? new Emptied(channel, stream) : stream;
    }

    /**
     * A file that is being emptied by a thread of its own, while the command makes ready what it needs: the system takes
     * its time for that (0.14 s for 1.1 GB in memory).
     */
    private static final class Emptied extends FilterOutputStream {
        private final CompletableFuture<Void> emptying;

        Emptied(FileChannel channel, OutputStream stream) {
            super(stream);
            emptying = CompletableFuture.runAsync(
                    () -> empty(channel),
                    task -> Thread.ofPlatform().daemon().name("emptying").start(task));
        }

        private static void empty(FileChannel channel) {
            try {
                channel.truncate(0);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void await() throws IOException {
            try {
                emptying.join();
            } catch (CompletionException e) {
                throw e.getCause() instanceof UncheckedIOException why ? why.getCause() : new IOException(e.getCause());
            }
        }

        @Override
        public void write(int octet) throws IOException {
            await();
            out.write(octet);
        }

        @Override
        public void write(byte[] octets, int start, int length) throws IOException {
            await();
            out.write(octets, start, length);
        }

        @Override
        public void close() throws IOException {
            try (OutputStream _ = out) {
                await();
            }
        }
    }

    /** True if captures go to standard output, where a summary would spoil them. */
    boolean outTaken() {
        return outTaken;
    }

    private Path path(String name) {
        try {
            return call.environment().workingDirectory().resolve(name);
        } catch (InvalidPathException e) {
            throw new Refusal("no file can be named " + name + ": " + e.getReason());
        }
    }
}
