package org.spigrp.daemon;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A listing on its way to a client. It is printed at one go while the stack stands still, and taken at the client's pace:
 * what lies between is held here, in memory as long as it is short, else in a file without a name.
 */
final class Spool implements AutoCloseable {
    private static final int IN_MEMORY = 1 << 20;
    private static final int PIECE = 1 << 16;

    /** Takes one piece. */
    interface Taker {
        void take(ByteBuffer piece) throws IOException;
    }

    private final Path directory;
    private final ByteArrayOutputStream memory = new ByteArrayOutputStream(PIECE);
    private @Nullable SeekableByteChannel file;
    private @Nullable IOException trouble;

    /** @param directory where the file goes if there must be one */
    Spool(Path directory) {
        this.directory = directory;
    }

    /** Never throws: who prints is not to blame. */
    void line(String line) {
        if (trouble != null) {
            return;
        }
        memory.writeBytes(line.getBytes(StandardCharsets.UTF_8));
        memory.write('\n');
        if (memory.size() > IN_MEMORY) {
            try {
                spill();
            } catch (IOException e) {
                trouble = e;
                memory.reset();
            }
        }
    }

    private void spill() throws IOException {
        SeekableByteChannel opened = file;
        if (opened == null) {
            Path path = Files.createTempFile(directory, "listing", null);
            opened = Files.newByteChannel(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
            file = opened;
            Files.delete(path);
        }
        ByteBuffer octets = ByteBuffer.wrap(memory.toByteArray());
        while (octets.hasRemaining()) {
            opened.write(octets);
        }
        memory.reset();
    }

    /** What went wrong while it was printed, or null. */
    @Nullable
    IOException trouble() {
        return trouble;
    }

    /** Gives all that was printed, from the first line on. */
    void give(Taker taker) throws IOException {
        SeekableByteChannel opened = file;
        if (opened != null) {
            opened.position(0);
            ByteBuffer piece = ByteBuffer.allocate(PIECE);
            while (opened.read(piece) >= 0) {
                taker.take(piece.flip());
                piece.clear();
            }
        }
        byte[] rest = memory.toByteArray();
        for (int at = 0; at < rest.length; at += PIECE) {
            taker.take(ByteBuffer.wrap(rest, at, Math.min(PIECE, rest.length - at)));
        }
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
