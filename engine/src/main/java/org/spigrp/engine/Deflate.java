package org.spigrp.engine;

import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;
import org.spigrp.wire.Ipv6Header;
import org.spigrp.wire.Verdict;

/**
 * Raw deflate (RFC 1951) on packets: one compressor, one expander and one array, used again and again.
 *
 * <p>KLIPS and Linux expand with a window of 2^11 octets and the JDK's compressor cannot be told to use so small a one.
 * So its memory is flushed after every 2^11 octets of input, and no reference reaches farther back. Up to that length
 * the octets are those that zlib makes with the small window.
 *
 * <p>Up to that length a {@link Compressor} of a library does it where there is one. It has no flush, so longer ones stay
 * with the JDK. So does expansion: libraries take streams that zlib refuses, and what is a good packet must not depend on
 * what is installed.
 */
final class Deflate implements AutoCloseable {
    static final int WINDOW = 1 << 11;

    private final Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    private final Inflater inflater = new Inflater(true);
    private final @Nullable Compressor library;
    private final byte[] result = new byte[Ipv6Header.LENGTH + Ipv6Header.MAX_PAYLOAD_LENGTH];
    private int size;

    /** With the best compressor that works here. */
    Deflate() {
        this(Compressors.open());
    }

    /** @param library closed with this; null for the JDK */
    Deflate(@Nullable Compressor library) {
        this.library = library;
    }

    /** What the last call made: {@link #size} octets. */
    byte[] result() {
        return result;
    }

    int size() {
        return size;
    }

    /** Size of the result, or -1 if it would be larger than {@code most}. */
    int compress(byte[] array, int from, int count, int most) {
        if (library != null && count <= WINDOW) {
            size = library.compress(array, from, count, result, most);
            return size;
        }
        deflater.reset();
        size = 0;
        int done = 0;
        while (done < count) {
            int part = Math.min(WINDOW, count - done);
            deflater.setInput(array, from + done, part);
            done += part;
            boolean last = done == count;
            if (last) {
                deflater.finish();
            }
            if (!drain(last, most)) {
                return -1;
            }
        }
        return size;
    }

    /** False if there is more to write than {@code most}. */
    private boolean drain(boolean last, int most) {
        while (true) {
            // One octet more than allowed shows that a flush has not come to its end.
            int room = most + 1 - size;
            int written = deflater.deflate(result, size, room, last ? Deflater.NO_FLUSH : Deflater.FULL_FLUSH);
            size += written;
            if (size > most) {
                return false;
            }
            if (last ? deflater.finished() : written < room) {
                return true;
            }
        }
    }

    /** Expands into the result: NONE, BAD_COMPRESSION, or COMPRESSION_BOMB above {@code most} octets. */
    Verdict expand(byte[] array, int from, int count, int most) {
        inflater.reset();
        inflater.setInput(array, from, count);
        size = 0;
        try {
            while (!inflater.finished()) {
                int written = inflater.inflate(result, size, most - size);
                size += written;
                if (inflater.finished()) {
                    break;
                }
                if (size == most) {
                    return isAtItsEnd() ? Verdict.NONE : Verdict.COMPRESSION_BOMB;
                }
                if (written == 0) {
                    return Verdict.BAD_COMPRESSION; // ends in the middle, or wants a dictionary
                }
            }
            return Verdict.NONE;
        } catch (DataFormatException _) {
            return Verdict
                    .BAD_COMPRESSION; // the JDK has no other way to say it; only behind a good ICV, or without any
        }
    }

    /** A stream that fills the limit exactly may still have its end mark to read. */
    private boolean isAtItsEnd() throws DataFormatException {
        byte[] one = new byte[1];
        return inflater.inflate(one, 0, 1) == 0 && inflater.finished();
    }

    @Override
    public void close() {
        deflater.end();
        inflater.end();
        if (library != null) {
            library.close();
        }
    }
}
