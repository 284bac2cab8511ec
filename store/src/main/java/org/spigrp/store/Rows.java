package org.spigrp.store;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Attachment;
import org.spigrp.command.DebugFlag;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.CompAlgorithm;
import org.spigrp.sa.Direction;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.ErouteUse;
import org.spigrp.sa.EspCipher;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.Group;
import org.spigrp.sa.Integrity;
import org.spigrp.sa.KeyMaterial;
import org.spigrp.sa.Lifetimes;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.SaUse;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Transform;
import org.spigrp.wire.Verdict;

/**
 * Rows of the tables as octets. The first octet of each is the form of the row: a program that does not know it refuses
 * it. Constants of algorithms and policies stand by their position in their enum, which a test nails down; verdicts,
 * which come and go, by name.
 */
@SuppressWarnings("EnumOrdinal") // see above
final class Rows {
    private static final int FORM = 1;

    private static final Direction[] DIRECTIONS = Direction.values();
    private static final EspCipher[] CIPHERS = EspCipher.values();
    private static final Integrity[] INTEGRITIES = Integrity.values();
    private static final NatTraversal.Kind[] NAT_KINDS = NatTraversal.Kind.values();
    private static final CompAlgorithm[] COMP_ALGORITHMS = CompAlgorithm.values();
    private static final Transform.CompThreshold[] COMP_THRESHOLDS = Transform.CompThreshold.values();
    private static final Transform.DfPolicy[] DF_POLICIES = Transform.DfPolicy.values();
    private static final Transform.EcnPolicy[] ECN_POLICIES = Transform.EcnPolicy.values();

    private static final int TUNNEL = 1;
    private static final int AH = 2;
    private static final int ESP = 3;
    private static final int COMP = 4;

    private static final int ESN = 1;
    private static final int LEGACY = 2;
    private static final int HAS_LIFETIMES = 4;

    private static final int LARGEST_PORT = 65_535;

    private Rows() {}

    /** An SA as it is kept: with the fingerprints by which its keys are found. */
    record SaRow(SecurityAssociation sa, List<String> fingerprints) {}

    static byte[] write(RowWriter to, SecurityAssociation sa, List<String> fingerprints) {
        boolean hasLifetimes = !sa.lifetimes().equals(Lifetimes.NONE);
        to.clear()
                .u8(FORM)
                .said(sa.said())
                .address(sa.source())
                .u8(sa.direction().ordinal())
                .u8((sa.esn() ? ESN : 0) | (sa.legacy() ? LEGACY : 0) | (hasLifetimes ? HAS_LIFETIMES : 0))
                .number(sa.windowBits())
                .number(sa.addedAtSeconds())
                .number(sa.ref())
                .number(sa.refhim())
                .number(sa.firstNumber());
        if (hasLifetimes) {
            Lifetimes life = sa.lifetimes();
            limit(to, life.allocations());
            limit(to, life.bytes());
            limit(to, life.addtime());
            limit(to, life.usetime());
            limit(to, life.packets());
        }
        transform(to, sa.transform());
        to.number(fingerprints.size());
        for (String fingerprint : fingerprints) {
            to.text(fingerprint);
        }
        return to.sealed();
    }

    static SaRow sa(byte[] row) {
        RowReader from = open(row);
        Said said = from.said();
        var source = from.address();
        Direction direction = pick(DIRECTIONS, from.u8());
        int flags = from.u8();
        int windowBits = from.number(SecurityAssociation.MAX_WINDOW_BITS);
        long addedAt = from.number();
        int ref = from.number(Integer.MAX_VALUE);
        int refhim = from.number(Integer.MAX_VALUE);
        long firstNumber = from.number();
        Lifetimes lifetimes = (flags & HAS_LIFETIMES) == 0
                ? Lifetimes.NONE
                : new Lifetimes(limit(from), limit(from), limit(from), limit(from), limit(from));
        var sa = new SecurityAssociation(
                said,
                source,
                direction,
                transform(from),
                windowBits,
                (flags & ESN) != 0,
                lifetimes,
                addedAt,
                (flags & LEGACY) != 0,
                ref,
                refhim,
                firstNumber);
        int count = from.number(from.left());
        var fingerprints = new ArrayList<String>(count);
        for (int i = 0; i < count; i++) {
            fingerprints.add(from.text());
        }
        return new SaRow(sa, fingerprints);
    }

    /** The SAID alone of an SA's row. */
    static Said said(byte[] row) {
        return open(row).said();
    }

    private static void limit(RowWriter to, Lifetimes.Limit limit) {
        to.number(limit.soft()).number(limit.hard());
    }

    private static Lifetimes.Limit limit(RowReader from) {
        long soft = from.number();
        long hard = from.number();
        return soft == 0 && hard == 0 ? Lifetimes.Limit.NONE : new Lifetimes.Limit(soft, hard);
    }

    private static void transform(RowWriter to, Transform transform) {
        switch (transform) {
            case Transform.Tunnel(var df, var ecn) ->
                to.u8(TUNNEL).u8(df.ordinal()).u8(ecn.ordinal());
            case Transform.Ah(var suite, var key, int alignOctets) ->
                to.u8(AH)
                        .text(suite.name())
                        .u8(suite.integrity().ordinal())
                        .number(suite.keyOctets())
                        .key(key)
                        .number(alignOctets);
            case Transform.Esp(var suite, var encryptionKey, var authenticationKey, var nat) -> {
                Integrity integrity = suite.integrity();
                to.u8(ESP)
                        .text(suite.name())
                        .u8(suite.cipher().ordinal())
                        .number(suite.keyOctets())
                        .number(suite.aeadIcvOctets())
                        .u8(integrity == null ? 0 : 1 + integrity.ordinal())
                        .key(encryptionKey)
                        .key(authenticationKey)
                        .u8(nat.kind().ordinal())
                        .number(nat.sourcePort())
                        .number(nat.destinationPort());
            }
            case Transform.Comp(var algorithm, var threshold) ->
                to.u8(COMP).u8(algorithm.ordinal()).u8(threshold.ordinal());
        }
    }

    private static Transform transform(RowReader from) {
        return switch (from.u8()) {
            case TUNNEL -> new Transform.Tunnel(pick(DF_POLICIES, from.u8()), pick(ECN_POLICIES, from.u8()));
            case AH -> {
                var suite = new AhSuite(from.text(), pick(INTEGRITIES, from.u8()), from.number(RowReader.LARGEST_KEY));
                yield new Transform.Ah(suite, from.key(), from.number(8));
            }
            case ESP -> {
                String name = from.text();
                EspCipher cipher = pick(CIPHERS, from.u8());
                int keyOctets = from.number(RowReader.LARGEST_KEY);
                int aeadIcvOctets = from.number(RowReader.LARGEST_KEY);
                int integrity = from.u8();
                var suite = new EspSuite(
                        name,
                        cipher,
                        keyOctets,
                        aeadIcvOctets,
                        integrity == 0 ? null : pick(INTEGRITIES, integrity - 1));
                KeyMaterial encryptionKey = from.key();
                KeyMaterial authenticationKey = from.key();
                NatTraversal.Kind kind = pick(NAT_KINDS, from.u8());
                int sourcePort = from.number(LARGEST_PORT);
                int destinationPort = from.number(LARGEST_PORT);
                yield new Transform.Esp(
                        suite,
                        encryptionKey,
                        authenticationKey,
                        kind == NatTraversal.Kind.NONE && sourcePort == 0 && destinationPort == 0
                                ? NatTraversal.NONE
                                : new NatTraversal(kind, sourcePort, destinationPort));
            }
            case COMP -> new Transform.Comp(pick(COMP_ALGORITHMS, from.u8()), pick(COMP_THRESHOLDS, from.u8()));
            default -> throw RowReader.damaged();
        };
    }

    static byte[] write(RowWriter to, Group group) {
        String name = group.name();
        to.clear().u8(FORM).u8(group.members().size());
        for (Said member : group.members()) {
            to.said(member);
        }
        if (name == null) {
            to.u8(0);
        } else {
            to.u8(1).text(name);
        }
        return to.sealed();
    }

    static Group group(byte[] row) {
        RowReader from = open(row);
        int count = from.u8();
        var members = new ArrayList<Said>(count);
        for (int i = 0; i < count; i++) {
            members.add(from.said());
        }
        if (members.isEmpty()) {
            throw RowReader.damaged();
        }
        return new Group(members, from.u8() == 0 ? null : from.text());
    }

    static byte[] write(RowWriter to, Eroute eroute) {
        return to.clear()
                .u8(FORM)
                .selector(eroute.selector())
                .said(eroute.said())
                .sealed();
    }

    static Eroute eroute(byte[] row) {
        RowReader from = open(row);
        return new Eroute(from.selector(), from.said());
    }

    static byte[] write(RowWriter to, List<Selector> policy) {
        to.clear().u8(FORM).number(policy.size());
        for (Selector selector : policy) {
            to.selector(selector);
        }
        return to.sealed();
    }

    static List<Selector> policy(byte[] row) {
        RowReader from = open(row);
        int count = from.number(from.left());
        var policy = new ArrayList<Selector>(count);
        for (int i = 0; i < count; i++) {
            policy.add(from.selector());
        }
        return List.copyOf(policy);
    }

    static byte[] write(RowWriter to, SaUse use) {
        to.clear()
                .u8(FORM)
                .number(use.lastSent())
                .number(use.highestReceived())
                .number(use.maxGap())
                .number(use.bytes())
                .number(use.packets())
                .number(use.firstUsedSeconds())
                .number(use.lastUsedSeconds())
                .number(use.plainBytes())
                .number(use.compressedBytes())
                .u8(use.softAnnounced() ? 1 : 0)
                .number(use.window().length);
        for (long word : use.window()) {
            to.u64(word);
        }
        verdicts(to, use.out());
        verdicts(to, use.in());
        return to.sealed();
    }

    static SaUse use(byte[] row) {
        RowReader from = open(row);
        long lastSent = from.number();
        long highestReceived = from.number();
        long maxGap = from.number();
        long bytes = from.number();
        long packets = from.number();
        long firstUsed = from.number();
        long lastUsed = from.number();
        long plainBytes = from.number();
        long compressedBytes = from.number();
        boolean softAnnounced = from.u8() != 0;
        long[] window = new long[from.number(from.left() / Long.BYTES)];
        for (int i = 0; i < window.length; i++) {
            window[i] = from.u64();
        }
        return new SaUse(
                lastSent,
                highestReceived,
                window,
                maxGap,
                bytes,
                packets,
                firstUsed,
                lastUsed,
                plainBytes,
                compressedBytes,
                softAnnounced,
                verdicts(from),
                verdicts(from));
    }

    private static void verdicts(RowWriter to, Map<Verdict, Long> counts) {
        to.number(counts.size());
        for (var count : counts.entrySet()) {
            to.text(count.getKey().name()).number(count.getValue());
        }
    }

    private static Map<Verdict, Long> verdicts(RowReader from) {
        var counts = new EnumMap<Verdict, Long>(Verdict.class);
        for (int left = from.number(from.left()); left > 0; left--) {
            Verdict verdict = verdict(from.text());
            long count = from.number();
            if (verdict != null) {
                counts.put(verdict, count);
            }
        }
        return counts;
    }

    /** Null for one that another version had. */
    private static @Nullable Verdict verdict(String name) {
        try {
            return Verdict.valueOf(name);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    static byte[] write(RowWriter to, ErouteUse use) {
        return to.clear()
                .u8(FORM)
                .number(use.packets())
                .number(use.lastUsedSeconds())
                .sealed();
    }

    static ErouteUse erouteUse(byte[] row) {
        RowReader from = open(row);
        return new ErouteUse(from.number(), from.number());
    }

    static byte[] writeAttachments(RowWriter to, List<Attachment> attachments) {
        to.clear().u8(FORM).number(attachments.size());
        for (Attachment attachment : attachments) {
            String physical = attachment.physical();
            to.text(attachment.virtual());
            if (physical == null) {
                to.u8(0);
            } else {
                to.u8(1).text(physical);
            }
            to.number(attachment.physicalMtu());
        }
        return to.sealed();
    }

    static List<Attachment> attachments(byte[] row) {
        RowReader from = open(row);
        int count = from.number(from.left());
        var attachments = new ArrayList<Attachment>(count);
        for (int i = 0; i < count; i++) {
            String virtual = from.text();
            String physical = from.u8() == 0 ? null : from.text();
            attachments.add(new Attachment(virtual, physical, from.number(Integer.MAX_VALUE)));
        }
        return attachments;
    }

    static byte[] write(RowWriter to, Set<DebugFlag> flags) {
        to.clear().u8(FORM).number(flags.size());
        for (DebugFlag flag : flags) {
            to.text(flag.text());
        }
        return to.sealed();
    }

    static Set<DebugFlag> debug(byte[] row) {
        RowReader from = open(row);
        var flags = EnumSet.noneOf(DebugFlag.class);
        for (int left = from.number(from.left()); left > 0; left--) {
            String text = from.text();
            for (DebugFlag flag : DebugFlag.values()) {
                if (flag.text().equals(text)) {
                    flags.add(flag);
                }
            }
        }
        return flags;
    }

    private static RowReader open(byte[] row) {
        RowReader from = RowReader.sealed(row);
        if (from.u8() != FORM) {
            throw RowReader.damaged();
        }
        return from;
    }

    private static <T> T pick(T[] constants, int position) {
        if (position >= constants.length) {
            throw RowReader.damaged();
        }
        return constants[position];
    }
}
