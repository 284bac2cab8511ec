package org.spigrp.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * The only way of this package to the files of a state directory, so that a test can fill the disk, fail a force, lose
 * what was not forced, or stop at any step.
 */
interface Disk {
    boolean exists(Path file);

    DiskFile open(Path file, boolean write) throws IOException;

    /** An empty file that only its owner may read and write, from the start; an old one of that name goes. */
    DiskFile create(Path file) throws IOException;

    /** Atomic; an old file {@code to} goes. */
    void rename(Path from, Path to) throws IOException;

    void delete(Path file) throws IOException;

    /** Makes creations, renames and deletions in {@code directory} durable. */
    void forceDirectory(Path directory) throws IOException;

    /** An open file. Positions and lengths in octets. */
    interface DiskFile extends AutoCloseable {
        /** Fills {@code to}; an {@link java.io.EOFException} if the file ends before. */
        void read(ByteBuffer to, long at) throws IOException;

        void write(ByteBuffer from, long at) throws IOException;

        long size() throws IOException;

        void truncate(long size) throws IOException;

        /** Contents and length are durable when it returns (fdatasync). */
        void force() throws IOException;

        /** The whole file, read-only. */
        ByteBuffer map() throws IOException;

        @Override
        void close() throws IOException;
    }
}
