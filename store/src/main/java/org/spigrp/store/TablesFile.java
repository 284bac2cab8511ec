package org.spigrp.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32C;
import java.util.zip.ZipOutputStream;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.RandomAccessStore;
import org.h2.mvstore.SFChunk;
import org.jspecify.annotations.Nullable;

/**
 * MVStore's file, through our {@link Disk}. Its own file classes would open a file with the umask's permissions, lock it
 * a second time, and register half a dozen file systems first, which takes a third of the time to open a small store.
 *
 * <p>What MVStore reads as the file's header is made up from the root that we keep ({@link Acknowledged}), and chunks
 * newer than that root look empty: whatever a crash left of an unacknowledged change is free space to it.
 */
final class TablesFile extends RandomAccessStore {
    /** MVStore counts in these. */
    private static final int BLOCK_OCTETS = 4096;

    private static final int HEADER_OCTETS = 2 * BLOCK_OCTETS;
    /** Heads and feet of chunks are text, and shorter. */
    private static final int CHUNK_WORDS = 256;

    private final Disk.DiskFile file;
    private final Acknowledged.@Nullable Root root;
    private final boolean clean;
    private boolean opening = true;
    private int lastCrc;

    private TablesFile(
            Map<String, Object> settings, Disk.DiskFile file, Acknowledged.@Nullable Root root, boolean clean) {
        super(settings);
        this.clean = clean;
        this.file = file;
        this.root = root;
    }

    /**
     * @param root null = a new file
     * @param clean nothing was written since the root
     * @param cacheMegabytes of pages
     */
    static TablesFile of(
            Disk.DiskFile file,
            String name,
            boolean readOnly,
            int cacheMegabytes,
            boolean clean,
            Acknowledged.@Nullable Root root)
            throws IOException {
        var settings = new HashMap<String, Object>();
        settings.put("cacheSize", cacheMegabytes);
        settings.put("cacheConcurrency", 1);
        settings.put("autoCompactFillRate", 0);
        var store = new TablesFile(settings, file, root, clean);
        store.init(name, readOnly);
        store.setSize(file.size());
        return store;
    }

    /** Was opened before; MVStore asks again. */
    @Override
    public void open(String fileName, boolean readOnly, char[] encryptionKey) {}

    @Override
    public TablesFile open(String fileName, boolean readOnly) {
        throw new UnsupportedOperationException("a second file is never opened");
    }

    @Override
    public ByteBuffer readFully(SFChunk chunk, long pos, int len) {
        Acknowledged.Root known = root;
        if (known != null && chunk == null && pos == 0 && len == HEADER_OCTETS) {
            return header(known, clean);
        }
        byte[] octets = new byte[len];
        try {
            file.read(ByteBuffer.wrap(octets), pos);
        } catch (IOException e) {
            throw trouble(DataUtils.ERROR_READING_FAILED, e);
        }
        readCount.incrementAndGet();
        readBytes.addAndGet(len);
        if (known != null && opening && chunk == null) {
            hideNewer(octets, known.version());
        }
        return ByteBuffer.wrap(octets);
    }

    /** As MVStore writes it. */
    private static ByteBuffer header(Acknowledged.Root root, boolean clean) {
        var words = new StringBuilder(128);
        DataUtils.appendMap(words, "H", 2);
        DataUtils.appendMap(words, "block", root.position() / BLOCK_OCTETS);
        DataUtils.appendMap(words, "blockSize", BLOCK_OCTETS);
        DataUtils.appendMap(words, "chunk", root.chunk());
        if (clean) {
            DataUtils.appendMap(words, "clean", 1);
        }
        DataUtils.appendMap(words, "created", root.created());
        DataUtils.appendMap(words, "format", root.format());
        DataUtils.appendMap(words, "version", root.version());
        byte[] summed = words.toString().getBytes(StandardCharsets.ISO_8859_1);
        DataUtils.appendMap(words, "fletcher", DataUtils.getFletcher32(summed, 0, summed.length));
        byte[] octets = words.append('\n').toString().getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer header = ByteBuffer.allocate(HEADER_OCTETS);
        header.put(0, octets).put(BLOCK_OCTETS, octets);
        return header;
    }

    /** Empties what reads like the head or foot of a chunk of a later version. */
    private static void hideNewer(byte[] octets, long version) {
        if (octets.length < 6 || octets[0] != 'c' || octets[1] != 'h') {
            return;
        }
        String words = new String(octets, 0, Math.min(octets.length, CHUNK_WORDS), StandardCharsets.ISO_8859_1);
        int at = words.indexOf("version:");
        long found = 0;
        for (int i = at + 8; at >= 0 && i < words.length() && Character.digit(words.charAt(i), 16) >= 0; i++) {
            found = found << 4 | Character.digit(words.charAt(i), 16);
        }
        if (found > version) {
            Arrays.fill(octets, (byte) 0);
        }
    }

    /** Nothing is hidden any more. */
    void opened() {
        opening = false;
    }

    /** Where the version that was written last can be found again. */
    Acknowledged.Root lastRoot(long seconds) {
        SFChunk chunk = lastChunk;
        return new Acknowledged.Root(
                chunk.version,
                seconds,
                chunk.id,
                chunk.len * BLOCK_OCTETS,
                chunk.block * BLOCK_OCTETS,
                getCreationTime(),
                format(),
                lastCrc);
    }

    /** Of MVStore; of a new file it says so, and a file keeps it. */
    private int format() {
        Acknowledged.Root known = root;
        if (known != null) {
            return known.format();
        }
        return getStoreHeader().get("format") instanceof Number number ? number.intValue() : 0;
    }

    Disk.DiskFile diskFile() {
        return file;
    }

    @Override
    protected void writeFully(SFChunk chunk, long pos, ByteBuffer src) {
        int length = src.remaining();
        if (chunk != null) {
            var crc = new CRC32C();
            crc.update(src.duplicate());
            lastCrc = (int) crc.getValue();
        }
        try {
            file.write(src, pos);
        } catch (IOException e) {
            throw trouble(DataUtils.ERROR_WRITING_FAILED, e);
        }
        setSize(Math.max(size(), pos + length));
        writeCount.incrementAndGet();
        writeBytes.addAndGet(length);
    }

    @Override
    protected void truncate(long size) {
        try {
            file.truncate(size);
        } catch (IOException e) {
            throw trouble(DataUtils.ERROR_WRITING_FAILED, e);
        }
        setSize(Math.min(size(), size));
        writeCount.incrementAndGet();
    }

    @Override
    public void sync() {
        try {
            file.force();
        } catch (IOException e) {
            throw trouble(DataUtils.ERROR_WRITING_FAILED, e);
        }
    }

    @Override
    public void backup(ZipOutputStream out) {
        throw new UnsupportedOperationException("copy the state directory");
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw trouble(DataUtils.ERROR_WRITING_FAILED, e);
        } finally {
            super.close();
        }
    }

    private static MVStoreException trouble(int code, IOException e) {
        return DataUtils.newMVStoreException(code, "{0}", StateLock.reason(e), e);
    }
}
