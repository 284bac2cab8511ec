package org.spigrp.bench;

import java.util.HashMap;
import java.util.Map;
import org.spigrp.sa.NumberLedger;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;

/** A ledger in memory that grants everything at once, so that no disk is measured. For benchmarks only: it forgets. */
final class EndlessLedger implements NumberLedger {
    private static final long BLOCK = 1 << 16;

    private final Map<Said, Granted> granted = new HashMap<>();
    private int epoch;

    @Override
    public Numbers numbersOf(SecurityAssociation sa) {
        return granted.computeIfAbsent(sa.said(), _ -> new Granted());
    }

    @Override
    public boolean commit() {
        return true;
    }

    private final class Granted implements Numbers {
        private long sent;
        private long ceiling;

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
            return ++epoch;
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
