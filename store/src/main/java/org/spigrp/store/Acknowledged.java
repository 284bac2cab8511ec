package org.spigrp.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/*
 * The file "state": which chunk of the tables is the last that a command was told is done.
 *
 * MVStore's own recovery takes the newest chunk whose first and last octets are there. After a power loss the octets
 * between may be missing, because sectors reach the disk in any order, and then acknowledged changes would be lost with
 * the one that was being written. So the root is here: where the chunk is, and its CRC32C. Opening takes the newest slot
 * whose chunk checks, and MVStore never sees a newer one. Chunk and slot are both forced before a change is acknowledged;
 * their order does not matter.
 *
 *        0  "SPIGRPST"   8 format (4)   12 CRC32C of 0..11 (4)
 *      512  slot         1024 slot, written in turn, sectors apart so that a torn write harms one only:
 *               0 version (8)   8 seconds since 1970 (8)   16 chunk id (4)   20 length in octets (4)
 *              24 position in octets (8)   32 when the file was made, ms since 1970 (8)   40 MVStore's format (4)
 *              44 CRC32C of the chunk (4)   48 CRC32C of 0..47 (4)   52 'D' once all that is known to be durable
 *
 * 'D' saves reading a chunk of 200 MB to check it at every start.
 */
/** The acknowledged version of the tables. */
final class Acknowledged implements AutoCloseable {
    /** Of the state directory as a whole: files, rows, journal. */
    static final int FORMAT = 1;

    private static final long MAGIC = 0x5350_4947_5250_5354L;
    private static final int[] SLOTS = {512, 1024};
    private static final int SLOT_OCTETS = 52;
    private static final byte DURABLE = 'D';
    private static final int LENGTH = 1536;
    private static final int READ_OCTETS = 1 << 18;

    private final Path path;
    private final Disk.DiskFile file;
    private int current;
    private Root root = Root.NONE;
    private @Nullable Root older;
    private boolean durable;
    private boolean ended;

    /**
     * The last chunk of one version of the tables.
     *
     * @param seconds when it was acknowledged, since 1970
     * @param position in octets
     * @param length in octets
     * @param created the file, ms since 1970
     * @param format of MVStore
     */
    record Root(long version, long seconds, int chunk, int length, long position, long created, int format, int crc) {
        static final Root NONE = new Root(0, 0, 0, 0, 0, 0, 0, 0);

        private byte[] slot() {
            ByteBuffer slot = ByteBuffer.allocate(SLOT_OCTETS);
            slot.putLong(version).putLong(seconds).putInt(chunk).putInt(length);
            slot.putLong(position).putLong(created).putInt(format).putInt(crc);
            return slot.putInt(Acknowledged.crc(slot, 0, SLOT_OCTETS - 4)).array();
        }

        /** Null if the slot is empty or does not check. */
        private static @Nullable Root read(ByteBuffer content, int at) {
            if (content.getInt(at + SLOT_OCTETS - 4) != Acknowledged.crc(content, at, SLOT_OCTETS - 4)) {
                return null;
            }
            return new Root(
                    content.getLong(at),
                    content.getLong(at + 8),
                    content.getInt(at + 16),
                    content.getInt(at + 20),
                    content.getLong(at + 24),
                    content.getLong(at + 32),
                    content.getInt(at + 40),
                    content.getInt(at + 44));
        }
    }

    private Acknowledged(Path path, Disk.DiskFile file) {
        this.path = path;
        this.file = file;
    }

    /** Writes a new file; it counts once it has been renamed to its name. */
    static void create(Disk disk, Path path, Root root) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(LENGTH);
        content.putLong(0, MAGIC).putInt(8, FORMAT).putInt(12, crc(content, 0, 12));
        content.put(SLOTS[0], root.slot(), 0, SLOT_OCTETS);
        try (Disk.DiskFile file = disk.create(path)) {
            file.write(content, 0);
            file.force();
        }
    }

    static Acknowledged open(Disk disk, Path path, boolean write) {
        Disk.DiskFile file = null;
        try {
            file = disk.open(path, write);
            var acknowledged = new Acknowledged(path, file);
            acknowledged.read();
            file = null;
            return acknowledged;
        } catch (IOException e) {
            throw new StoreTrouble(path + " cannot be read: " + StateLock.reason(e), e);
        } finally {
            if (file != null) {
                try {
                    file.close();
                } catch (IOException e) {
                    // it was only read
                }
            }
        }
    }

    private void read() throws IOException {
        if (file.size() < LENGTH) {
            throw damaged();
        }
        ByteBuffer content = ByteBuffer.allocate(LENGTH);
        file.read(content, 0);
        if (content.getLong(0) != MAGIC || content.getInt(12) != crc(content, 0, 12)) {
            throw damaged();
        }
        checkFormat(path, content.getInt(8));
        Root first = Root.read(content, SLOTS[0]);
        Root second = Root.read(content, SLOTS[1]);
        if (second != null && (first == null || second.version() > first.version())) {
            current = 1;
            root = second;
            older = first;
        } else if (first != null) {
            current = 0;
            root = first;
            older = second;
        } else {
            throw damaged();
        }
        durable = content.get(SLOTS[current] + SLOT_OCTETS) == DURABLE;
    }

    static void checkFormat(Path path, int format) {
        if (format != FORMAT) {
            throw new StoreTrouble(path + " was written by another version of spigrp, in format " + format
                    + ", and this version knows format " + FORMAT
                    + " only: use the version that wrote it, or another state directory (IPSEC_STATE)");
        }
    }

    private StoreTrouble damaged() {
        return new StoreTrouble(path + " is damaged: nothing was changed; restore the state directory from a copy,"
                + " or use another (IPSEC_STATE)");
    }

    private static int crc(ByteBuffer content, int at, int length) {
        var crc = new CRC32C();
        crc.update(content.slice(at, length));
        return (int) crc.getValue();
    }

    /** The last version that counts; {@link #check} may have gone back to the one before. */
    Root root() {
        return root;
    }

    /** When the last change was acknowledged, since 1970. */
    long seconds() {
        return root.seconds();
    }

    /** Goes back to the version before if the power was lost while the last one was written. */
    void check(Disk.DiskFile tables) throws IOException {
        if (durable) {
            if (!isWithin(root, tables)) {
                throw new IOException("it is cut short");
            }
            return;
        }
        if (isWhole(root, tables)) {
            return;
        }
        Root before = older;
        if (before == null || !isWhole(before, tables)) {
            throw new IOException("its last chunk does not check");
        }
        root = before;
        older = null;
        current = 1 - current;
        durable = true;
    }

    private static boolean isWithin(Root root, Disk.DiskFile tables) throws IOException {
        return root.length() > 0
                && root.position() >= 0
                && root.length() <= tables.size()
                && root.position() <= tables.size() - root.length();
    }

    private static boolean isWhole(Root root, Disk.DiskFile tables) throws IOException {
        if (!isWithin(root, tables)) {
            return false;
        }
        var crc = new CRC32C();
        ByteBuffer part = ByteBuffer.allocate(Math.min(root.length(), READ_OCTETS));
        for (int done = 0; done < root.length(); done += part.limit()) {
            part.clear().limit(Math.min(part.capacity(), root.length() - done));
            tables.read(part, root.position() + done);
            crc.update(part.flip());
        }
        return (int) crc.getValue() == root.crc();
    }

    /** Writes the next root and forces it, and {@code tables} with it. */
    void set(Root next, Disk.DiskFile tables) throws IOException {
        if (ended) {
            throw new IOException("an earlier change failed and could not be undone");
        }
        int slot = SLOTS[1 - current];
        try {
            ByteBuffer octets = ByteBuffer.allocate(SLOT_OCTETS + 1).put(next.slot());
            file.write(octets.put((byte) 0).flip(), slot);
            tables.force();
            file.force();
        } catch (IOException e) {
            undo(slot);
            throw e;
        }
        older = root;
        root = next;
        current = 1 - current;
        durable = true;
        sayDurable(slot);
    }

    private void undo(int slot) {
        try {
            file.write(ByteBuffer.allocate(SLOT_OCTETS + 1), slot);
        } catch (IOException e) {
            ended = true;
        }
    }

    private void sayDurable(int slot) {
        try {
            file.write(ByteBuffer.wrap(new byte[] {DURABLE}), slot + SLOT_OCTETS);
        } catch (IOException e) {
            // the next start reads the chunk to check it
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
