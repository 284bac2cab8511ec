package org.spigrp.sa;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.spigrp.wire.Verdict;

/*
 * Who may touch it: the one worker that owns the SA. Nobody else reads it either; others see SaUse.
 *
 * Numbers are never used before they are durable. A sender's three steps, for many SAs and one fdatasync:
 *
 *     if (state.needsGrant(n)) state.stageGrants(n);      for every SA of the batch
 *     boolean durable = ledger.commit();
 *     state.granted(durable);                             for every SA that staged
 *     ... nextSequence(), nextIv() n times
 *
 * A receiver's, after the ICVs are found good:
 *
 *     if (state.needsCeiling(number)) state.stageCeiling(number, nanos);
 *     boolean durable = ledger.commit();
 *     state.ceilingGranted(durable);
 *     ... accept(number)
 *
 * The first packet accepted in a run always stages a ceiling above all that the saved window knows: a number may be
 * accepted late, far below the highest, and only the raised ceiling says after a crash that the saved window is stale.
 */
/** The moving part of an SA: sequence numbers, IVs, replay window, lifetimes and counts. See {@link SaUse}. */
public final class SaState {
    /** The smallest lead of a receive ceiling over the number that asked for it. */
    public static final long LEAST_LEAD = 64;
    /** The largest: at worst so many good numbers are refused after a crash. */
    public static final long LARGEST_LEAD = 1 << 20;

    private static final long SECOND = 1_000_000_000L;
    private static final long IVS_PER_EPOCH = 1L << 32;

    /** Of all SAs without sequence numbers: nothing is ever put in. */
    private static final ReplayWindow NO_WINDOW = new ReplayWindow(0, false);

    /*
     * What every packet needs comes first, and side by side: with many SAs each line of the cache that a packet touches
     * is one to wait for, and each octet counts a million times.
     */
    private long lastSent;
    private long grantedUpTo;
    /** {@link Long#MAX_VALUE} where the mode has no such IVs. */
    private long ivsLeft;

    private int epoch;
    private long bytes;
    private long packets;
    private long lastUsedSeconds;
    private long firstUsedSeconds;
    /** Packets that went well, out and in: nearly all. */
    private long wentOut;

    private long wentIn;
    private long ceiling;
    private final long lastNumber;
    private final boolean freshWindow;
    private final boolean unlimited;
    private boolean ceilingRaised;
    /** Something was accepted that no {@link #toUse} has told yet. */
    private boolean windowUnsaved;
    /** {@link #whenChanged} was run, and no {@link #toUse} has told yet. */
    private boolean changeNoted;

    private boolean epochStaged;
    private boolean softAnnounced;
    private int stagedEpoch;
    private long stagedUpTo;

    private final SecurityAssociation sa;
    private final ReplayWindow window;
    private final NumberLedger.@Nullable Numbers numbers;
    private Runnable whenChanged = () -> {};
    /** Brings in what was counted elsewhere; null = nothing is owed. */
    private @Nullable Runnable owed;
    /** Made when the first packet that is to be accepted asks for one. */
    private @Nullable Ceilings ceilings;

    private @Nullable Rare rare;

    /** Of an SA that receives: how ceilings are chosen. */
    private static final class Ceilings {
        long staged;
        long lead = LEAST_LEAD;
        long lastStagedNanos;
        boolean everStaged;
    }

    /** What most SAs never need. */
    private static final class Rare {
        /** What was restored, where the window is a fresh one: its receive part goes out again unchanged. */
        SaUse before = SaUse.NONE;

        long plainBytes;
        long compressedBytes;
        long allocations = 1;

        @Nullable
        LifetimeKind softPassed;

        @Nullable
        LifetimeKind hardPassed;

        /** By verdict, but for those that went well. */
        final long[] out = new long[Verdict.count()];

        final long[] in = new long[Verdict.count()];
    }

    private Rare rare() {
        if (rare == null) {
            rare = new Rare();
        }
        return rare;
    }

    private SaState(SecurityAssociation sa, SaUse use, NumberLedger.@Nullable Numbers numbers, boolean freshWindow) {
        if (sa.hasSequence() && numbers == null) {
            throw new IllegalArgumentException(sa.said() + " has sequence numbers and needs their ledger");
        }
        this.sa = sa;
        this.numbers = numbers;
        this.lastNumber = sa.lastNumber();
        this.ivsLeft = sa.isCounterMode() ? 0 : Long.MAX_VALUE;
        this.freshWindow = freshWindow;
        this.unlimited = sa.lifetimes().equals(Lifetimes.NONE);
        this.window = numbers == null ? NO_WINDOW : new ReplayWindow(sa.hasSequence() ? sa.windowBits() : 0, sa.esn());
        if (freshWindow && !use.equals(SaUse.NONE)) {
            rare().before = use;
        }
        bytes = use.bytes();
        packets = use.packets();
        firstUsedSeconds = use.firstUsedSeconds();
        lastUsedSeconds = use.lastUsedSeconds();
        if (use.plainBytes() != 0 || use.compressedBytes() != 0) {
            rare().plainBytes = use.plainBytes();
            rare().compressedBytes = use.compressedBytes();
        }
        softAnnounced = use.softAnnounced();
        use.out().forEach((verdict, count) -> add(verdict, true, count));
        use.in().forEach((verdict, count) -> add(verdict, false, count));
        if (numbers != null) {
            restoreNumbers(use, numbers);
        }
    }

    private void restoreNumbers(SaUse use, NumberLedger.Numbers numbers) {
        long handedOver = sa.firstNumber() == 0 ? 0 : sa.firstNumber() - 1;
        lastSent = largest(use.lastSent(), numbers.sentUpTo(), handedOver);
        if (Long.compareUnsigned(lastSent, lastNumber) > 0) {
            lastSent = lastNumber;
        }
        grantedUpTo = lastSent;
        stagedUpTo = lastSent;
        ceiling = numbers.ceiling();
        if (!freshWindow) {
            window.restore(use.highestReceived(), use.window(), use.maxGap());
            if (Long.compareUnsigned(ceiling, use.highestReceived()) > 0) {
                window.refuseUpTo(ceiling);
            }
        }
        // --seq of an SA that only receives is the highest number received; of one that may also send, the next
        // number of the sender, so one more than the highest received
        window.refuseUpTo(sa.direction().isInbound() ? sa.firstNumber() : handedOver);
    }

    private static long largest(long a, long b, long c) {
        long ab = Long.compareUnsigned(a, b) > 0 ? a : b;
        return Long.compareUnsigned(ab, c) > 0 ? ab : c;
    }

    /**
     * The state in which an SA goes on: behind everything that the ledger says it may have sent and received.
     *
     * @param numbers null for SAs without sequence number (tun, comp)
     */
    public static SaState restore(SecurityAssociation sa, SaUse use, NumberLedger.@Nullable Numbers numbers) {
        return new SaState(sa, use, numbers, false);
    }

    /**
     * The same with an empty replay window that is for this run only: no ceiling is asked or staged, and
     * {@link #toUse} hands back the receive part of {@code use} as it was.
     */
    public static SaState restoreWithFreshWindow(
            SecurityAssociation sa, SaUse use, NumberLedger.@Nullable Numbers numbers) {
        return new SaState(sa, use, numbers, true);
    }

    public SecurityAssociation sa() {
        return sa;
    }

    public Said said() {
        return sa.said();
    }

    /** Reads each line of what a packet that leaves needs of it, so that it is in the cache. The result means nothing. */
    public int touchSending() {
        return epoch + (int) ivsLeft;
    }

    /** The same for a packet that comes. */
    public int touchReceiving() {
        return (int) (bytes + ceiling) + (changeNoted ? 1 : 0) + (owed == null ? 1 : 0) + window.bits();
    }

    // Sending

    /** True if {@link #stageGrants} must come before the next {@code count} packets. False also when nothing is left. */
    public boolean needsGrant(int count) {
        if (numbers == null) {
            return false;
        }
        return needsBlock(count) || (ivsLeft < count && lastSent != lastNumber);
    }

    private boolean needsBlock(long count) {
        return Long.compareUnsigned(grantedUpTo - lastSent, count) < 0 && grantedUpTo != lastNumber;
    }

    /**
     * Stages the blocks and the epoch that {@code count} more packets need; {@link NumberLedger#commit} and
     * {@link #granted} must follow.
     */
    public void stageGrants(int count) {
        if (numbers == null) {
            return;
        }
        if (needsBlock(count)) {
            stageBlocks(numbers, count);
        }
        if (ivsLeft < count) {
            stagedEpoch = numbers.stageEpoch();
            epochStaged = true;
        }
    }

    private void stageBlocks(NumberLedger.Numbers numbers, int count) {
        if (Long.compareUnsigned(numbers.sentUpTo(), lastSent) < 0) {
            // handed over with --seq, or the ledger is younger than the SA: blocks begin behind what was sent
            numbers.stageExact(lastSent, numbers.ceiling());
        }
        stagedUpTo = grantedUpTo;
        while (Long.compareUnsigned(stagedUpTo - lastSent, count) < 0 && stagedUpTo != lastNumber) {
            long end = numbers.stageBlock();
            if (Long.compareUnsigned(end, stagedUpTo) <= 0) {
                break; // nothing left in the ledger
            }
            stagedUpTo = Long.compareUnsigned(end, lastNumber) > 0 ? lastNumber : end;
        }
    }

    /** Says whether the staged grants became durable. What did not counts as spent. */
    public void granted(boolean durable) {
        if (Long.compareUnsigned(stagedUpTo, grantedUpTo) > 0) {
            if (!durable) {
                lastSent = stagedUpTo;
            }
            grantedUpTo = stagedUpTo;
        }
        if (epochStaged) {
            epochStaged = false;
            epoch = stagedEpoch;
            ivsLeft = durable ? IVS_PER_EPOCH : 0;
        }
    }

    /** True if no sequence number is left: the SA must be replaced. */
    public boolean isExhausted() {
        return sa.hasSequence() && lastSent == lastNumber;
    }

    /** {@link Verdict#NONE} if a sequence number (and an IV) is at hand. */
    public Verdict maySend() {
        if (lastSent == lastNumber) {
            return Verdict.SEQUENCE_EXHAUSTED;
        }
        boolean granted = lastSent != grantedUpTo && ivsLeft > 0;
        return granted ? Verdict.NONE : Verdict.NUMBERS_NOT_DURABLE;
    }

    /** For how many packets {@link #maySend} will say NONE, if nothing is granted meanwhile. */
    public int atHand() {
        long numbers = grantedUpTo - lastSent;
        if (Long.compareUnsigned(ivsLeft, numbers) < 0) {
            numbers = ivsLeft;
        }
        return Long.compareUnsigned(numbers, Integer.MAX_VALUE) < 0 ? (int) numbers : Integer.MAX_VALUE;
    }

    /** What {@link #maySend} will say to the last of {@code count} packets, if nothing is granted meanwhile. */
    public Verdict maySend(int count) {
        if (Long.compareUnsigned(lastNumber - lastSent, count) < 0) {
            return Verdict.SEQUENCE_EXHAUSTED;
        }
        boolean granted = Long.compareUnsigned(grantedUpTo - lastSent, count) >= 0 && ivsLeft >= count;
        return granted ? Verdict.NONE : Verdict.NUMBERS_NOT_DURABLE;
    }

    /** Takes the next sequence number; only after {@link #maySend} said NONE. */
    public long nextSequence() {
        if (lastSent == grantedUpTo) {
            throw new IllegalStateException(sa.said() + ": no number granted");
        }
        return ++lastSent;
    }

    /** Takes the next IV of a counter mode: epoch in the upper half, count in the lower; only after {@link #maySend}. */
    public long nextIv() {
        if (ivsLeft == 0 || ivsLeft > IVS_PER_EPOCH) {
            throw new IllegalStateException(sa.said() + ": no IV granted");
        }
        return (long) epoch << 32 | IVS_PER_EPOCH - ivsLeft--;
    }

    public long lastSent() {
        return lastSent;
    }

    // Receiving

    public ReplayWindow window() {
        return window;
    }

    /** What stands against a number that arrived, before its ICV is looked at. {@code low} is what the packet says. */
    public Verdict mayAccept(long number, int low) {
        if (number == 0 && low != 0 && window.bits() != 0) {
            return Verdict.TOO_OLD;
        }
        return window.check(number);
    }

    /**
     * True if a ceiling must be made durable before {@code number}, whose ICV is good, may be accepted. While packets
     * come in the ceiling stays above the highest accepted: a use stored half-way must never look like a clean end.
     */
    public boolean needsCeiling(long number) {
        return numbers != null && !freshWindow && (!ceilingRaised || isAtCeiling(number));
    }

    private boolean isAtCeiling(long number) {
        return Long.compareUnsigned(number, ceiling) >= 0 && ceiling != lastNumber;
    }

    /**
     * Stages a ceiling above {@code number}; {@link NumberLedger#commit} and {@link #ceilingGranted} must follow. The
     * lead doubles while ceilings last for less than a second, and shrinks again.
     *
     * @param nanos a clock, for differences only
     */
    public void stageCeiling(long number, long nanos) {
        if (numbers == null || freshWindow) {
            return;
        }
        Ceilings known = ceilings;
        if (known == null) {
            known = new Ceilings();
            ceilings = known;
        }
        if (Long.compareUnsigned(number, known.staged) < 0) {
            return; // another packet of this batch has staged enough
        }
        if (known.everStaged) {
            long age = nanos - known.lastStagedNanos;
            if (age < SECOND) {
                known.lead = Math.min(2 * known.lead, LARGEST_LEAD);
            } else if (age > 2 * SECOND) {
                known.lead = Math.max(known.lead / 2, LEAST_LEAD);
            }
        }
        known.everStaged = true;
        known.lastStagedNanos = nanos;
        long base = largest(number, window.highest(), ceiling);
        long room = lastNumber - base;
        known.staged = base + (Long.compareUnsigned(room, known.lead) < 0 ? room : known.lead);
        numbers.stageCeiling(known.staged);
    }

    /** Says whether the staged ceiling became durable; if not, packets above the old one must not be accepted. */
    public void ceilingGranted(boolean durable) {
        long staged = ceilings == null ? 0 : ceilings.staged;
        if (durable && Long.compareUnsigned(staged, ceiling) >= 0) {
            ceiling = staged;
            ceilingRaised = true;
        }
        if (ceilings != null) {
            ceilings.staged = 0;
        }
    }

    /** The window takes the number in, if it still may: another packet of the batch may have had the same one. */
    public Verdict accept(long number) {
        if (needsCeiling(number)) {
            return Verdict.NUMBERS_NOT_DURABLE;
        }
        if (numbers == null) {
            return Verdict.NONE;
        }
        windowUnsaved = true;
        return window.accept(number);
    }

    // Ends

    /**
     * Stages the exact numbers at a clean end, so that nothing is skipped. Call it after {@link #toUse} has been made
     * durable and never before: the saved window is believed only where it and the ledger name the same highest number.
     * Where packets were accepted after the last {@link #toUse}, the ceiling stays where it is.
     */
    public void stageExact() {
        if (numbers == null) {
            return;
        }
        boolean received = ceilingRaised && !windowUnsaved;
        boolean sent = lastSent != grantedUpTo;
        if (received || sent) {
            numbers.stageExact(lastSent, received ? window.highest() : numbers.ceiling());
            grantedUpTo = lastSent;
            stagedUpTo = lastSent;
            if (received) {
                ceilingRaised = false;
                ceiling = numbers.ceiling();
            }
        }
    }

    /** What is kept from run to run. */
    public SaUse toUse() {
        settle();
        windowUnsaved = false;
        changeNoted = false;
        boolean keep = freshWindow;
        SaUse before = rare == null ? SaUse.NONE : rare.before;
        boolean atEnd = window.highest() == lastNumber; // no ceiling fits above it: see needsCeiling
        return new SaUse(
                sa.hasSequence() ? lastSent : 0,
                keep ? before.highestReceived() : window.highest(),
                keep ? before.window() : atEnd ? new long[0] : window.save(),
                keep ? before.maxGap() : window.maxGap(),
                bytes,
                packets,
                firstUsedSeconds,
                lastUsedSeconds,
                plainBytes(),
                compressedBytes(),
                softAnnounced,
                counts(Verdict.PROTECTED, wentOut, rare == null ? null : rare.out),
                counts(Verdict.PEELED, wentIn, rare == null ? null : rare.in));
    }

    private static Map<Verdict, Long> counts(Verdict good, long went, long @Nullable [] byOrdinal) {
        var map = new EnumMap<Verdict, Long>(Verdict.class);
        if (went != 0) {
            map.put(good, went);
        }
        if (byOrdinal == null) {
            return map;
        }
        for (int i = 0; i < byOrdinal.length; i++) {
            if (byOrdinal[i] != 0) {
                map.put(Verdict.of(i), byOrdinal[i]);
            }
        }
        return map;
    }

    // Use and lifetimes

    /**
     * Something is counted elsewhere from now on, so that packets need not come to this object. {@code settlement} runs
     * once, before anything that it counts is read here or counted here by others, and brings all of it in. Call
     * {@link #settle} before.
     */
    public void owe(Runnable settlement) {
        owed = settlement;
        if (!changeNoted) {
            noteChange();
        }
    }

    /** Brings in what was counted elsewhere. */
    public void settle() {
        Runnable settlement = owed;
        if (settlement != null) {
            owed = null;
            settlement.run();
        }
    }

    /** Counts a packet that this SA has carried: its length behind the transform (out) or without it (in). */
    public void countUse(int length, long nowSeconds) {
        countUse(length, 1, nowSeconds, nowSeconds);
    }

    /** The same for several packets, of which the first came in one second and the last in another. */
    public void countUse(long octets, long packetCount, long fromSeconds, long toSeconds) {
        settle();
        bytes += octets;
        packets += packetCount;
        if (firstUsedSeconds == 0) {
            firstUsedSeconds = fromSeconds;
        }
        lastUsedSeconds = toSeconds;
        if (!changeNoted) {
            noteChange();
        }
    }

    /** Counts what IPComp made of a packet: lengths before and after. */
    public void countCompression(int plain, int compressed) {
        Rare counts = rare();
        counts.plainBytes += plain;
        counts.compressedBytes += compressed;
    }

    /** Counts how a packet ended at this SA. */
    public void count(Verdict verdict, boolean outbound) {
        count(verdict, outbound, 1);
    }

    /** Counts packets that ended alike. */
    public void count(Verdict verdict, boolean outbound, long packetCount) {
        add(verdict, outbound, packetCount);
        if (!changeNoted) {
            noteChange();
        }
    }

    private void add(Verdict verdict, boolean outbound, long count) {
        if (outbound && verdict == Verdict.PROTECTED) {
            wentOut += count;
        } else if (!outbound && verdict == Verdict.PEELED) {
            wentIn += count;
        } else {
            Rare others = rare();
            (outbound ? others.out : others.in)[index(verdict)] += count;
        }
    }

    /** Runs once when something is counted, and again when something is counted after {@link #toUse}. */
    public void whenChanged(Runnable action) {
        whenChanged = action;
    }

    private void noteChange() {
        changeNoted = true;
        whenChanged.run();
    }

    /** Begins the counts of verdicts anew. */
    public void clearCounts() {
        settle();
        wentOut = 0;
        wentIn = 0;
        if (rare != null) {
            Arrays.fill(rare.out, 0);
            Arrays.fill(rare.in, 0);
        }
        noteChange();
    }

    /** Counters are an array: a map would make garbage for each packet. */
    @SuppressWarnings("EnumOrdinal")
    private static int index(Verdict verdict) {
        return verdict.ordinal();
    }

    /** How many flows use the SA; 1 unless said. */
    public void allocations(long count) {
        rare().allocations = count;
    }

    public long bytes() {
        settle();
        return bytes;
    }

    public long packets() {
        settle();
        return packets;
    }

    public long plainBytes() {
        return rare == null ? 0 : rare.plainBytes;
    }

    public long compressedBytes() {
        return rare == null ? 0 : rare.compressedBytes;
    }

    /**
     * Looks at all limits, before a packet: {@link Verdict#SA_EXPIRED} if a hard one is passed. A soft one that is
     * passed shows in {@link #takeSoft} once in the SA's life.
     */
    public Verdict lifetimeVerdict(long nowSeconds) {
        if (unlimited) {
            return Verdict.NONE;
        }
        settle();
        Lifetimes limits = sa.lifetimes();
        long age = nowSeconds - sa.addedAtSeconds();
        long used = firstUsedSeconds == 0 ? 0 : nowSeconds - firstUsedSeconds;
        boolean expired = look(LifetimeKind.BYTES, limits.bytes(), bytes)
                || look(LifetimeKind.ADDTIME, limits.addtime(), age)
                || look(LifetimeKind.USETIME, limits.usetime(), used)
                || look(LifetimeKind.PACKETS, limits.packets(), packets)
                || look(LifetimeKind.ALLOCATIONS, limits.allocations(), rare == null ? 1 : rare.allocations);
        return expired ? Verdict.SA_EXPIRED : Verdict.NONE;
    }

    private boolean look(LifetimeKind kind, Lifetimes.Limit limit, long count) {
        if (limit.hard() != 0 && count > limit.hard()) {
            rare().hardPassed = kind;
            return true;
        }
        if (limit.soft() != 0 && count > limit.soft() && !softAnnounced) {
            softAnnounced = true;
            rare().softPassed = kind;
            noteChange();
        }
        return false;
    }

    /** The soft limit that was passed since the last call, or null: to be announced now. */
    public @Nullable LifetimeKind takeSoft() {
        if (rare == null) {
            return null;
        }
        LifetimeKind kind = rare.softPassed;
        rare.softPassed = null;
        return kind;
    }

    /** The hard limit that was passed, or null. */
    public @Nullable LifetimeKind hardPassed() {
        return rare == null ? null : rare.hardPassed;
    }
}
