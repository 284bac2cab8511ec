package org.spigrp.it;

import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.spigrp.sa.NumberLedger;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;

/** A ledger that forgets: for tests that look at packets and not at what survives. */
final class MemoryLedger implements NumberLedger {
    private static final int BLOCK = 1 << 16;

    private final RandomGenerator random;
    private final Map<Said, Entry> entries = new HashMap<>();

    MemoryLedger(RandomGenerator random) {
        this.random = random;
    }

    @Override
    public Numbers numbersOf(SecurityAssociation sa) {
        return entries.computeIfAbsent(sa.said(), _ -> new Entry(random));
    }

    @Override
    public boolean commit() {
        return true;
    }

    private static final class Entry implements Numbers {
        private final RandomGenerator random;
        private long sent;
        private long ceiling;

        Entry(RandomGenerator random) {
            this.random = random;
        }

        @Override
        public long sentUpTo() {
            return sent;
        }

        @Override
        public long stageBlock() {
            sent += BLOCK;
            return sent;
        }

        @Override
        public int stageEpoch() {
            return random.nextInt();
        }

        @Override
        public long ceiling() {
            return ceiling;
        }

        @Override
        public void stageCeiling(long upTo) {
            ceiling = Math.max(ceiling, upTo);
        }

        @Override
        public void stageExact(long lastSent, long highestReceived) {
            sent = lastSent;
            ceiling = highestReceived;
        }
    }
}
