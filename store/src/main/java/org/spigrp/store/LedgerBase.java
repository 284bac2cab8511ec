package org.spigrp.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/*
 * The file "numbers.base": what all journals before this one came to, sorted, looked up where it lies (mapped). It is
 * never changed, only replaced.
 *
 *     header, 64 octets:  0 "SPIGRPNB"  8 format (4)  12 skipped, 0 or 1 (4)  16 id (16)  32 generation (8)
 *                         40 how many numbers (8)  48 keys (8)  56 epochs (8)
 *     numbers             fingerprint (16)  sent up to (8)  ceiling (8)
 *     keys                fingerprint (16)  place of its first epoch (8)
 *     epochs              4 each, ascending within a key
 *     CRC32C of all before (4)
 */
/** The sorted bulk of the ledger. */
final class LedgerBase {
    /** Before the first one is written. */
    private static final long MAGIC = 0x5350_4947_5250_4e42L;

    private static final int HEADER_OCTETS = 64;
    private static final int NUMBERS_OCTETS = 32;
    private static final int KEY_OCTETS = 24;
    private static final int EPOCH_OCTETS = 4;

    private final ByteBuffer all;
    private final Journal.Identity identity;
    private final boolean skipped;
    private final int numbers;
    private final int keys;
    private final int epochs;

    private LedgerBase(ByteBuffer all, Path path) {
        this.all = all;
        identity = new Journal.Identity(all.getLong(16), all.getLong(24), all.getLong(32));
        skipped = all.getInt(12) != 0;
        numbers = count(path, 40, NUMBERS_OCTETS);
        keys = count(path, 48, KEY_OCTETS);
        epochs = count(path, 56, EPOCH_OCTETS);
        long expected = HEADER_OCTETS
                + (long) NUMBERS_OCTETS * numbers
                + (long) KEY_OCTETS * keys
                + (long) EPOCH_OCTETS * epochs
                + 4;
        if (expected != all.capacity()) {
            throw Journal.damaged(path, "its length is not what its header says");
        }
    }

    private int count(Path path, int at, int octets) {
        long count = all.getLong(at);
        if (count < 0 || count > all.capacity() / octets) {
            throw Journal.damaged(path, "its header does not check");
        }
        return (int) count;
    }

    /** Reads it through once, to check it: 32 MB in 10 ms. */
    static LedgerBase open(Disk disk, Path path) {
        try (Disk.DiskFile file = disk.open(path, false)) {
            if (file.size() < HEADER_OCTETS + 4 || file.size() > Integer.MAX_VALUE) {
                throw Journal.damaged(path, "its length is " + file.size());
            }
            ByteBuffer all = file.map();
            var crc = new CRC32C();
            crc.update(all.duplicate().limit(all.capacity() - 4));
            if (all.getLong(0) != MAGIC || all.getInt(all.capacity() - 4) != (int) crc.getValue()) {
                throw Journal.damaged(path, "it does not check");
            }
            Acknowledged.checkFormat(path, all.getInt(8));
            return new LedgerBase(all, path);
        } catch (IOException e) {
            throw new StoreTrouble(
                    path + " cannot be read (" + StateLock.reason(e)
                            + "): it says which numbers were used; restore it from a copy, or use another state"
                            + " directory (IPSEC_STATE) and new keys",
                    e);
        }
    }

    Journal.Identity identity() {
        return identity;
    }

    boolean skipped() {
        return skipped;
    }

    long size() {
        return all.capacity();
    }

    int numbersCount() {
        return numbers;
    }

    int keysCount() {
        return keys;
    }

    /** Where the numbers under {@code key} are, or a negative number. */
    int findNumbers(LedgerKey key) {
        return find(key, HEADER_OCTETS, NUMBERS_OCTETS, numbers);
    }

    /** Where the epochs of {@code key} are, or a negative number. */
    int findKey(LedgerKey key) {
        return find(key, HEADER_OCTETS + NUMBERS_OCTETS * numbers, KEY_OCTETS, keys);
    }

    private int find(LedgerKey key, int from, int octets, int count) {
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int at = from + octets * middle;
            int order = Long.compareUnsigned(all.getLong(at), key.high());
            if (order == 0) {
                order = Long.compareUnsigned(all.getLong(at + 8), key.low());
            }
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1;
    }

    LedgerKey numbersKey(int place) {
        return LedgerKey.read(all, numbersAt(place));
    }

    long sentUpTo(int place) {
        return all.getLong(numbersAt(place) + 16);
    }

    long ceiling(int place) {
        return all.getLong(numbersAt(place) + 24);
    }

    private static int numbersAt(int place) {
        return HEADER_OCTETS + NUMBERS_OCTETS * place;
    }

    private int keyAt(int place) {
        return numbersAt(numbers) + KEY_OCTETS * place;
    }

    LedgerKey key(int place) {
        return LedgerKey.read(all, keyAt(place));
    }

    private int firstEpoch(int place) {
        return place == keys ? epochs : (int) all.getLong(keyAt(place) + 16);
    }

    private int epochAt(int index) {
        return all.getInt(keyAt(keys) + EPOCH_OCTETS * index);
    }

    boolean hasEpoch(int place, int epoch) {
        int low = firstEpoch(place);
        int high = firstEpoch(place + 1) - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int found = epochAt(middle);
            if (found == epoch) {
                return true;
            }
            if (found < epoch) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return false;
    }

    int[] epochs(int place) {
        int first = firstEpoch(place);
        int[] list = new int[firstEpoch(place + 1) - first];
        for (int i = 0; i < list.length; i++) {
            list[i] = epochAt(first + i);
        }
        return list;
    }

    /** One line of the next base, and of what stands in the journal. */
    record NumbersLine(LedgerKey key, long sentUpTo, long ceiling) {}

    /** @param epochs ascending */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record KeyLine(LedgerKey key, int[] epochs) {}

    /** How numbers that stand in the old base only look today. */
    interface Today {
        NumbersLine of(LedgerKey key, long sentUpTo, long ceiling);
    }

    /**
     * Writes the next base: {@code old} with {@code numbers} and {@code keys}, both ascending, over it. It counts once
     * it has been renamed to its name.
     */
    static void write(
            Disk disk,
            Path path,
            Journal.Identity identity,
            boolean skipped,
            @Nullable LedgerBase old,
            Today today,
            List<NumbersLine> numbers,
            List<KeyLine> keys)
            throws IOException {
        int newNumbers = 0;
        for (NumbersLine line : numbers) {
            newNumbers += old == null || old.findNumbers(line.key()) < 0 ? 1 : 0;
        }
        int newKeys = 0;
        long newEpochs = 0;
        for (KeyLine line : keys) {
            newKeys += old == null || old.findKey(line.key()) < 0 ? 1 : 0;
            newEpochs += line.epochs().length;
        }
        long numbersTotal = newNumbers + (old == null ? 0L : old.numbers);
        long keysTotal = newKeys + (old == null ? 0L : old.keys);
        long epochsTotal = newEpochs + (old == null ? 0L : old.epochs);
        try (var out = new Out(disk.create(path))) {
            out.u64(MAGIC).u32(Acknowledged.FORMAT).u32(skipped ? 1 : 0);
            out.u64(identity.high()).u64(identity.low()).u64(identity.generation());
            out.u64(numbersTotal).u64(keysTotal).u64(epochsTotal);
            writeNumbers(out, old, today, numbers);
            writeKeys(out, old, keys, false);
            writeKeys(out, old, keys, true);
            out.finish();
        }
    }

    private static void writeNumbers(Out out, @Nullable LedgerBase old, Today today, List<NumbersLine> numbers)
            throws IOException {
        int place = 0;
        int end = old == null ? 0 : old.numbers;
        for (NumbersLine line : numbers) {
            while (old != null && place < end && old.numbersKey(place).compareTo(line.key()) < 0) {
                out.line(today.of(old.numbersKey(place), old.sentUpTo(place), old.ceiling(place)));
                place++;
            }
            if (old != null && place < end && old.numbersKey(place).equals(line.key())) {
                place++;
            }
            out.line(line);
        }
        for (; old != null && place < end; place++) {
            out.line(today.of(old.numbersKey(place), old.sentUpTo(place), old.ceiling(place)));
        }
    }

    private static void writeKeys(Out out, @Nullable LedgerBase old, List<KeyLine> keys, boolean epochsOnly)
            throws IOException {
        long first = 0;
        int place = 0;
        int end = old == null ? 0 : old.keys;
        for (KeyLine line : keys) {
            while (old != null && place < end && old.key(place).compareTo(line.key()) < 0) {
                first = out.key(old.key(place), old.epochs(place), first, epochsOnly);
                place++;
            }
            int[] epochs = line.epochs();
            if (old != null && place < end && old.key(place).equals(line.key())) {
                int[] before = old.epochs(place);
                epochs = Arrays.copyOf(before, before.length + line.epochs().length);
                System.arraycopy(line.epochs(), 0, epochs, before.length, line.epochs().length);
                Arrays.sort(epochs);
                place++;
            }
            first = out.key(line.key(), epochs, first, epochsOnly);
        }
        for (; old != null && place < end; place++) {
            first = out.key(old.key(place), old.epochs(place), first, epochsOnly);
        }
    }

    /** Writes on and on, and checks while it writes. */
    private static final class Out implements AutoCloseable {
        private static final int BUFFER_OCTETS = 1 << 16;

        private final Disk.DiskFile file;
        private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_OCTETS);
        private final CRC32C crc = new CRC32C();
        private long at;

        Out(Disk.DiskFile file) {
            this.file = file;
        }

        private void room(int octets) throws IOException {
            if (buffer.remaining() < octets) {
                flush();
            }
        }

        private void flush() throws IOException {
            buffer.flip();
            crc.update(buffer.array(), 0, buffer.limit());
            int length = buffer.limit();
            file.write(buffer, at);
            at += length;
            buffer.clear();
        }

        Out u32(int value) throws IOException {
            room(4);
            buffer.putInt(value);
            return this;
        }

        Out u64(long value) throws IOException {
            room(8);
            buffer.putLong(value);
            return this;
        }

        void line(NumbersLine line) throws IOException {
            u64(line.key().high()).u64(line.key().low()).u64(line.sentUpTo()).u64(line.ceiling());
        }

        /** Returns the place of the first epoch of the key behind this. */
        long key(LedgerKey key, int[] epochs, long first, boolean epochsOnly) throws IOException {
            if (epochsOnly) {
                for (int epoch : epochs) {
                    u32(epoch);
                }
            } else {
                u64(key.high()).u64(key.low()).u64(first);
            }
            return first + epochs.length;
        }

        void finish() throws IOException {
            flush();
            buffer.putInt((int) crc.getValue());
            buffer.flip();
            file.write(buffer, at);
            file.force();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
