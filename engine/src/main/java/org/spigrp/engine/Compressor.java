package org.spigrp.engine;

/** Compresses packets into raw deflate (RFC 1951) in place of the JDK. It belongs to one worker. */
public interface Compressor extends AutoCloseable {
    /**
     * Makes one whole stream of at most {@link Deflate#WINDOW} octets, so that no reference can reach farther back.
     *
     * @param most what the stream may be long; there is so much room in {@code into}, from its start
     * @return size of the stream, or -1 if it would be larger than {@code most}
     */
    int compress(byte[] array, int from, int count, byte[] into, int most);

    @Override
    void close();
}
