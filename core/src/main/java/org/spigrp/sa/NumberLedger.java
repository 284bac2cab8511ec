package org.spigrp.sa;

/**
 * The durable memory that makes numbers unrepeatable: sequence numbers, IV epochs, receive ceilings. What it has
 * granted it never grants again, for as long as its state directory lives, whatever happens to SAs meanwhile.
 *
 * <p>Grants are <em>staged</em> for many SAs and made durable by one {@link #commit}; only then may they be used. If
 * the commit fails they count as spent and must not be used. Owned by one thread.
 */
public interface NumberLedger {
    /** How many sequence numbers a block has; fewer at the end of the numbers. One block per SA and commit. */
    long BLOCK = 1 << 16;

    /** The numbers of this SA's key. The same handle for the same SA while the ledger is open. */
    Numbers numbersOf(SecurityAssociation sa);

    /** Makes everything staged durable (fdatasync). False: it failed; nothing staged may be used. Nothing staged: true. */
    boolean commit();

    /** What one key of one SA has used. Sequence numbers are compared unsigned. */
    interface Numbers {
        /** Every number up to this one may have been sent; the next is one behind it. */
        long sentUpTo();

        /**
         * Stages the next block of sequence numbers: its last number. Asked again before the {@link #commit} it names
         * the same block; where nothing is left it names the last number there is.
         */
        long stageBlock();

        /**
         * Stages an IV epoch for a counter-mode key: the upper half of the 64-bit explicit IV, drawn at random among
         * those that the cipher key, in whatever SA, has never had.
         */
        int stageEpoch();

        /** After a restart every received number up to this one is refused; during a run none above it is accepted. */
        long ceiling();

        /** Stages a ceiling; never lowers it. */
        void stageCeiling(long upTo);

        /**
         * At a clean end: the last number really sent and the highest really received, so that nothing is skipped. Also
         * moves forward, for numbers that another system used before. Never goes behind what held when the ledger was
         * opened.
         */
        void stageExact(long lastSent, long highestReceived);
    }
}
