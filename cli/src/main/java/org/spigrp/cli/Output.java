package org.spigrp.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Stdout or stderr of the process, with a buffer: System.out flushes at every line, and a listing of a million lines
 * cannot wait for that. Knows a full disk from a reader that has seen enough ({@code ipsec spi | head}).
 */
final class Output extends PrintStream {
    private final Sink sink;

    Output(FileDescriptor descriptor, int buffer) {
        this(new Sink(new FileOutputStream(descriptor)), buffer);
    }

    private Output(Sink sink, int buffer) {
        super(new BufferedOutputStream(sink, buffer), false, StandardCharsets.UTF_8);
        this.sink = sink;
    }

    /** True if what was written could not be read by anybody any more. */
    boolean readerHasGone() {
        return sink.readerHasGone;
    }

    private static final class Sink extends OutputStream {
        private final OutputStream out;
        private boolean readerHasGone;

        Sink(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int octet) throws IOException {
            write(new byte[] {(byte) octet}, 0, 1);
        }

        @Override
        public void write(byte[] octets, int from, int count) throws IOException {
            try {
                out.write(octets, from, count);
            } catch (IOException e) {
                readerHasGone = "Broken pipe".equals(e.getMessage());
                throw e;
            }
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }
    }
}
