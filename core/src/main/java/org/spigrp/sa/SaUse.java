package org.spigrp.sa;

import java.util.EnumMap;
import java.util.Map;
import org.spigrp.wire.Verdict;

/**
 * What an SA has done so far, as it is kept from run to run (the exact state at a clean end; after a crash the
 * {@link NumberLedger} overrules it).
 *
 * @param lastSent last sequence number sent, 0 = none
 * @param highestReceived highest sequence number accepted, 0 = none
 * @param window received numbers, as {@code ReplayWindow} saves itself; empty = nothing below highestReceived is known
 * @param maxGap largest number of missing packets in front of a newer one ({@code max_seq_diff})
 * @param bytes after this transform (out) or behind it (in)
 * @param firstUsedSeconds since 1970, 0 = never
 * @param lastUsedSeconds since 1970, 0 = never
 * @param plainBytes of IPComp, before compression
 * @param compressedBytes of IPComp
 * @param softAnnounced a soft limit was announced already
 * @param out verdicts of packets that were to be sent, by reason
 * @param in verdicts of packets received
 */
@SuppressWarnings("ArrayRecordComponent") // read once and written once; never compared
public record SaUse(
        long lastSent,
        long highestReceived,
        long[] window,
        long maxGap,
        long bytes,
        long packets,
        long firstUsedSeconds,
        long lastUsedSeconds,
        long plainBytes,
        long compressedBytes,
        boolean softAnnounced,
        Map<Verdict, Long> out,
        Map<Verdict, Long> in) {
    /** The same without what was counted of verdicts. */
    public SaUse withoutCounts() {
        return new SaUse(
                lastSent,
                highestReceived,
                window,
                maxGap,
                bytes,
                packets,
                firstUsedSeconds,
                lastUsedSeconds,
                plainBytes,
                compressedBytes,
                softAnnounced,
                new EnumMap<>(Verdict.class),
                new EnumMap<>(Verdict.class));
    }

    public static final SaUse NONE = new SaUse(
            0, 0, new long[0], 0, 0, 0, 0, 0, 0, 0, false, new EnumMap<>(Verdict.class), new EnumMap<>(Verdict.class));
}
