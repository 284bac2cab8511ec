package org.spigrp.sa;

/**
 * The durable memory that makes numbers unrepeatable: sequence numbers, IV epochs, receive ceilings. What it has
 * granted it never grants again, for as long as its state directory lives, whatever happens to SAs meanwhile.
 *
 * <p>Grants are <em>staged</em> for many SAs and made durable by one {@link #commit}; only then may they be used. If
 * the commit fails they count as spent and must not be used. Owned by one thread.
 */
public interface NumberLedger {
    /** The numbers of this SA's key. The same handle for the same SA while the ledger is open. */
    Numbers numbersOf(SecurityAssociation sa);

    /** Makes everything staged durable (fdatasync). False: it failed; nothing staged may be used. Nothing staged: true. */
    boolean commit();

    /** What one key of one SA has used. Sequence numbers are compared unsigned. */
    interface Numbers {
        /** Every number up to this one may have been sent; the next is one behind it. */
        long sentUpTo();

        /** Stages the next block of sequence numbers (2^16 by default, fewer at the end): its last number. */
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

        /** At a clean end: the last number really sent and the highest really received, so that nothing is skipped. */
        void stageExact(long lastSent, long highestReceived);
    }
}
