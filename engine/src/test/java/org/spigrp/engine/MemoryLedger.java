package org.spigrp.engine;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.spigrp.sa.NumberLedger;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;

/** A ledger that lasts as long as the test, can be told to fail, and checks that nobody uses what is not durable. */
final class MemoryLedger implements NumberLedger {
    long blockSize = 1 << 16;
    boolean broken;
    int commits;
    private int lastEpoch;
    private final Map<Said, Entry> entries = new HashMap<>();
    private final Set<Entry> staged = new HashSet<>();

    @Override
    public Numbers numbersOf(SecurityAssociation sa) {
        return entries.computeIfAbsent(sa.said(), _ -> new Entry(sa.lastNumber()));
    }

    @Override
    public boolean commit() {
        commits++;
        for (Entry entry : staged) {
            entry.commit(!broken);
        }
        staged.clear();
        return !broken;
    }

    /** What would be there after a crash now. */
    long durableCeiling(Said said) {
        Entry entry = entries.get(said);
        return entry == null ? 0 : entry.durableCeiling;
    }

    /** Everything staged and not committed is lost, and handles are new. */
    MemoryLedger afterCrash() {
        var other = new MemoryLedger();
        other.lastEpoch = lastEpoch;
        entries.forEach((said, entry) -> {
            var copy = new Entry(entry.last);
            copy.sent = entry.durableSent;
            copy.durableSent = entry.durableSent;
            copy.ceiling = entry.durableCeiling;
            copy.durableCeiling = entry.durableCeiling;
            other.entries.put(said, other.adopt(copy));
        });
        return other;
    }

    private Entry adopt(Entry entry) {
        return new Entry(entry);
    }

    private final class Entry implements Numbers {
        private final long last;
        private long sent;
        private long durableSent;
        private long ceiling;
        private long durableCeiling;

        Entry(long last) {
            this.last = last;
        }

        Entry(Entry other) {
            last = other.last;
            sent = other.sent;
            durableSent = other.durableSent;
            ceiling = other.ceiling;
            durableCeiling = other.durableCeiling;
        }

        @Override
        public long sentUpTo() {
            return sent;
        }

        @Override
        public long stageBlock() {
            staged.add(this);
            long room = last - sent;
            sent += Long.compareUnsigned(room, blockSize) < 0 ? room : blockSize;
            return sent;
        }

        @Override
        public int stageEpoch() {
            staged.add(this);
            return ++lastEpoch;
        }

        @Override
        public long ceiling() {
            return ceiling;
        }

        @Override
        public void stageCeiling(long upTo) {
            staged.add(this);
            if (Long.compareUnsigned(upTo, ceiling) > 0) {
                ceiling = upTo;
            }
        }

        @Override
        public void stageExact(long lastSent, long highestReceived) {
            staged.add(this);
            sent = lastSent;
            ceiling = highestReceived;
        }

        private void commit(boolean worked) {
            if (worked) {
                durableSent = sent;
                durableCeiling = ceiling;
            } else {
                ceiling = durableCeiling; // what was sent stays spent
            }
        }
    }
}
