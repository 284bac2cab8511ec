package org.spigrp.store;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32C;

/** What may come of any octets at all: an answer, or a complaint of ours. */
final class AnyOctets {
    private AnyOctets() {}

    /** With a check sum that fits, so that the octets reach the decoders. */
    static void asRow(byte[] data) {
        byte[] row = Arrays.copyOf(data, data.length + RowReader.SEAL_OCTETS);
        var crc = new CRC32C();
        crc.update(row, 0, data.length);
        ByteBuffer.wrap(row).putInt(data.length, (int) crc.getValue());
        tryRow(row);
        tryRow(data);
    }

    private static void tryRow(byte[] row) {
        tryOne(() -> Rows.sa(row));
        tryOne(() -> Rows.group(row));
        tryOne(() -> Rows.eroute(row));
        tryOne(() -> Rows.policy(row));
        tryOne(() -> Rows.use(row));
        tryOne(() -> Rows.erouteUse(row));
        tryOne(() -> Rows.attachments(row));
        tryOne(() -> Rows.debug(row));
    }

    private static void tryOne(Runnable decode) {
        try {
            decode.run();
        } catch (DamagedRow e) {
            // the only complaint there may be
        }
    }

    /** As they are, and as what follows a header that fits. */
    static void asJournalAndBase(byte[] data) {
        MemoryDisk disk = LedgerFixture.newDisk(new Random(1));
        byte[] header = disk.octets(LedgerFixture.JOURNAL);
        tryLedger(disk, data, null);
        byte[] behind = Arrays.copyOf(header, header.length + data.length);
        System.arraycopy(data, 0, behind, header.length, data.length);
        tryLedger(disk, behind, null);
        tryLedger(disk, header, data);
        byte[] summed = Arrays.copyOf(data, data.length + 4);
        var crc = new CRC32C();
        crc.update(data, 0, data.length);
        ByteBuffer.wrap(summed).putInt(data.length, (int) crc.getValue());
        tryLedger(disk, header, summed);
    }

    private static void tryLedger(MemoryDisk disk, byte[] journal, byte @org.jspecify.annotations.Nullable [] base) {
        MemoryDisk on = disk.afterKill();
        on.put(LedgerFixture.JOURNAL, journal);
        if (base != null) {
            on.put(LedgerFixture.BASE, base);
        }
        try {
            Ledger ledger = LedgerFixture.open(on, new Random(2));
            var numbers = ledger.numbersOf(LedgerFixture.gcm(0x1001));
            numbers.stageBlock();
            numbers.stageEpoch();
            ledger.commit();
        } catch (StoreTrouble e) {
            // the only complaint there may be
        }
    }
}
