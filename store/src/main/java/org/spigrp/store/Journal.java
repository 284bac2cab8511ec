package org.spigrp.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/*
 * The file "numbers": what was granted, appended record by record.
 *
 *     header, 48 octets:  0 "SPIGRPNJ"  8 format (4)  12 zero (4)  16 id (16)  32 generation (8)  40 zero (4)  44 CRC32C (4)
 *     record:             0 "NREC"  4 length of the body (4)  8 number, 1, 2, 3, ... (8)  16 body  .. CRC32C (4)
 *
 * The CRC32C of a record covers id and generation of the file as well, so octets of an older journal that shine through
 * after a crash are no records. One record is one commit, whatever it grants: it is there whole, or it was never
 * acknowledged.
 *
 * A record that does not check is either the torn end of the file (nothing valid behind it: the commit was not
 * acknowledged, or its octets were lost since) or damage (valid records behind it). The first is mended by its caller; the
 * second is refused, since what the lost record granted cannot be known.
 */
/** An append-only file of numbered, checked records. */
final class Journal implements AutoCloseable {
    static final int HEADER_OCTETS = 48;

    private static final long MAGIC = 0x5350_4947_5250_4e4aL;
    private static final int RECORD = 0x4e52_4543;
    private static final int RECORD_HEAD = 16;
    private static final int RECORD_OCTETS = RECORD_HEAD + 4;

    private final Disk.DiskFile file;
    private final Identity identity;
    private long end;
    private long nextNumber;
    private boolean torn;
    private boolean broken;

    /**
     * @param high first half of the random id of the ledger's files
     * @param generation how often the journal was folded into the base
     */
    record Identity(long high, long low, long generation) {
        boolean isSibling(Identity other) {
            return high == other.high && low == other.low;
        }
    }

    /** Takes the bodies of the records, in order. */
    interface Reader {
        /** @throws DamagedRow it is no body of ours */
        void body(ByteBuffer body);
    }

    private Journal(Disk.DiskFile file, Identity identity) {
        this.file = file;
        this.identity = identity;
    }

    /** Writes a journal without records; it counts once it has been renamed to its name. */
    static void create(Disk disk, Path path, Identity identity) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER_OCTETS);
        header.putLong(0, MAGIC).putInt(8, Acknowledged.FORMAT);
        header.putLong(16, identity.high()).putLong(24, identity.low()).putLong(32, identity.generation());
        header.putInt(44, headerCrc(header));
        try (Disk.DiskFile file = disk.create(path)) {
            file.write(header, 0);
            file.force();
        }
    }

    private static int headerCrc(ByteBuffer header) {
        var crc = new CRC32C();
        crc.update(header.slice(0, 44));
        return (int) crc.getValue();
    }

    /** Only who it is. */
    static Identity identityOf(Disk disk, Path path) {
        try (Disk.DiskFile file = disk.open(path, false)) {
            return identity(file, path);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    private static Identity identity(Disk.DiskFile file, Path path) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER_OCTETS);
        if (file.size() < HEADER_OCTETS) {
            throw damaged(path, "its header is cut short");
        }
        file.read(header, 0);
        if (header.getLong(0) != MAGIC || header.getInt(44) != headerCrc(header)) {
            throw damaged(path, "its header does not check");
        }
        Acknowledged.checkFormat(path, header.getInt(8));
        return new Identity(header.getLong(16), header.getLong(24), header.getLong(32));
    }

    /** Opens it and reads all records. {@link #isTorn} says whether {@link #repair} must come next. */
    static Journal open(Disk disk, Path path, boolean write, Reader reader) {
        Disk.DiskFile file = null;
        try {
            file = disk.open(path, write);
            var journal = new Journal(file, identity(file, path));
            journal.readAll(path, reader);
            file = null;
            return journal;
        } catch (IOException e) {
            throw unreadable(path, e);
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

    private void readAll(Path path, Reader reader) throws IOException {
        long size = file.size();
        if (size > Integer.MAX_VALUE - 8) {
            throw damaged(path, "it is larger than 2 GiB");
        }
        byte[] octets = new byte[(int) size];
        ByteBuffer all = ByteBuffer.wrap(octets);
        file.read(all, 0);
        int at = HEADER_OCTETS;
        long number = 1;
        while (at < octets.length) {
            int length = recordAt(all, at);
            if (length < 0) {
                break;
            }
            if (all.getLong(at + 8) != number) {
                throw damaged(
                        path,
                        "record " + number + " at octet " + at + " is missing, record " + all.getLong(at + 8)
                                + " is there");
            }
            try {
                reader.body(ByteBuffer.wrap(octets, at + RECORD_HEAD, length - RECORD_OCTETS)
                        .slice());
            } catch (DamagedRow e) {
                throw damaged(path, "record " + number + " at octet " + at + " says nothing known");
            }
            at += length;
            number++;
        }
        end = at;
        nextNumber = number;
        torn = at < octets.length;
        if (torn && anyRecordBehind(all, at + 1)) {
            throw damaged(path, "record " + number + " at octet " + at + " does not check, and others follow it");
        }
    }

    /** The length of the record at {@code at}, or -1 if none is there. */
    private int recordAt(ByteBuffer all, int at) {
        int left = all.capacity() - at;
        if (left < RECORD_OCTETS || all.getInt(at) != RECORD) {
            return -1;
        }
        int body = all.getInt(at + 4);
        if (body < 0 || body > left - RECORD_OCTETS) {
            return -1;
        }
        int checked = RECORD_HEAD + body;
        return all.getInt(at + checked) == crc(all.slice(at, checked)) ? checked + 4 : -1;
    }

    private boolean anyRecordBehind(ByteBuffer all, int from) {
        for (int at = from; at <= all.capacity() - RECORD_OCTETS; at++) {
            if (recordAt(all, at) >= 0) {
                return true;
            }
        }
        return false;
    }

    private int crc(ByteBuffer octets) {
        var crc = new CRC32C();
        ByteBuffer who = ByteBuffer.allocate(24);
        who.putLong(identity.high()).putLong(identity.low()).putLong(identity.generation());
        crc.update(who.flip());
        crc.update(octets);
        return (int) crc.getValue();
    }

    Identity identity() {
        return identity;
    }

    /** The last record is not whole. */
    boolean isTorn() {
        return torn;
    }

    /** In octets, what is whole. */
    long size() {
        return end;
    }

    private ByteBuffer record(byte[] body) {
        ByteBuffer record = ByteBuffer.allocate(RECORD_OCTETS + body.length);
        record.putInt(RECORD).putInt(body.length).putLong(nextNumber).put(body);
        return record.putInt(crc(record.slice(0, RECORD_HEAD + body.length))).flip();
    }

    /**
     * Writes {@code body} over the torn record, then cuts off what is left of it: in between the file still ends in
     * something torn, so a crash here loses nothing.
     */
    void repair(byte[] body) throws IOException {
        ByteBuffer record = record(body);
        int length = record.remaining();
        file.write(record, end);
        file.force();
        file.truncate(end + length);
        file.force();
        end += length;
        nextNumber++;
        torn = false;
    }

    /**
     * Appends one record and makes it durable: one write, one force. False: it is not there, or nobody knows. After a
     * failed write the record's beginning is cut off and the next may succeed; after a failed force the system may have
     * dropped what it could not write and say so only once, so nothing succeeds until the file is opened again.
     */
    boolean append(byte[] body) {
        if (broken) {
            return false;
        }
        ByteBuffer record = record(body);
        int length = record.remaining();
        try {
            file.write(record, end);
        } catch (IOException e) {
            cutOff();
            return false;
        }
        try {
            file.force();
        } catch (IOException e) {
            broken = true;
            return false;
        }
        end += length;
        nextNumber++;
        return true;
    }

    private void cutOff() {
        try {
            file.truncate(end);
        } catch (IOException e) {
            broken = true;
        }
    }

    boolean isBroken() {
        return broken;
    }

    /** Nothing succeeds any more until it is opened again. */
    void giveUp() {
        broken = true;
    }

    private static StoreTrouble unreadable(Path path, IOException e) {
        return new StoreTrouble(
                path + " cannot be read (" + StateLock.reason(e)
                        + "): it says which numbers were used; restore it from a copy, or use another state directory"
                        + " (IPSEC_STATE) and new keys",
                e);
    }

    static StoreTrouble damaged(Path path, String why) {
        return new StoreTrouble(path + " is damaged: " + why
                + "; nothing was changed, and no number is given out. It says which numbers were used: use another state"
                + " directory (IPSEC_STATE) and new keys, or restore a copy and give the SAs new keys");
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
