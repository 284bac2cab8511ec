package org.spigrp.daemon;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Cuts what comes into lines, none longer than a limit. */
final class LineReader {
    private static final int FIRST_ROOM = 1 << 13;

    /** A line longer than the limit: where the next one begins is not known. */
    static final class TooLong extends IOException {
        private static final long serialVersionUID = 1;

        TooLong(int limit) {
            super("a line is longer than " + limit + " octets");
        }
    }

    private final ReadableByteChannel channel;
    private final int limit;
    private byte[] octets = new byte[FIRST_ROOM];
    private int from;
    private int to;
    private int looked;

    LineReader(ReadableByteChannel channel, int limit) {
        this.channel = channel;
        this.limit = limit;
    }

    /** Whether a line has begun that is not whole yet. */
    boolean hasBegun() {
        return to > from;
    }

    /** A line that is there whole, without its end, or null. */
    byte @Nullable [] line() throws TooLong {
        for (; looked < to; looked++) {
            if (octets[looked] == '\n') {
                byte[] line = Arrays.copyOfRange(octets, from, looked);
                looked++;
                from = looked;
                return line;
            }
        }
        if (to - from >= limit) {
            throw new TooLong(limit);
        }
        return null;
    }

    /** Waits for more. False: there is none, and a line that has begun will not be whole. */
    boolean more() throws IOException {
        if (from > 0) {
            System.arraycopy(octets, from, octets, 0, to - from);
            looked -= from;
            to -= from;
            from = 0;
        }
        if (to == octets.length) {
            octets = Arrays.copyOf(octets, Math.min(limit, 2 * octets.length));
        }
        int count = channel.read(ByteBuffer.wrap(octets, to, octets.length - to));
        to += Math.max(0, count);
        return count >= 0;
    }
}
