package org.spigrp.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.spigrp.sa.EspCipher;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.Integrity;
import org.spigrp.sa.Lifetimes.Limit;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.SaUse;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Transform;
import org.spigrp.wire.Verdict;

/**
 * One SA as the spi listing shows it, in the fields and the order of KLIPS; fields that say nothing are left out. New
 * are the marks at the end, and more than one policy. The IV is not listed: the next one is nobody's business.
 */
final class SpiLine {
    /** For old parsers: KLIPS counted table, reference and caller. */
    static final int REFCOUNT = 3;
    /** KLIPS's flag of a tunnel that has an inbound policy. */
    private static final int INFLOW = 0x8;
    /** Untruncated, of every AEAD cipher that there is. */
    private static final int AEAD_TAG_BITS = 128;

    private final SecurityAssociation sa;
    private final SaUse use;
    private final List<Selector> policy;
    private final long nowSeconds;

    SpiLine(Snapshot snapshot, SecurityAssociation sa, long nowSeconds) {
        this.sa = sa;
        this.use = snapshot.use(sa.said());
        this.policy = snapshot.inboundPolicy(sa.said());
        this.nowSeconds = nowSeconds;
    }

    SecurityAssociation sa() {
        return sa;
    }

    SaUse use() {
        return use;
    }

    List<Selector> policy() {
        return policy;
    }

    String transformName() {
        return switch (sa.transform()) {
            case Transform.Tunnel _ -> "IPIP";
            case Transform.Comp comp -> "COMP_" + comp.algorithm().listing();
            case Transform.Ah ah -> "AH_" + ah.suite().integrity().listing();
            case Transform.Esp esp -> "ESP_" + espName(esp.suite());
        };
    }

    private static String espName(EspSuite suite) {
        Integrity integrity = suite.integrity();
        return suite.cipher().listing() + (integrity == null ? "" : "_" + integrity.listing());
    }

    String direction() {
        return sa.direction().isInbound() ? "in" : "out";
    }

    int ivBits() {
        return 8
                * switch (sa.transform()) {
                    case Transform.Esp esp -> esp.suite().cipher().ivOctets();
                    case Transform.Ah ah -> ah.suite().ivOctets();
                    case Transform.Comp _, Transform.Tunnel _ -> 0;
                };
    }

    int integrityBits() {
        return switch (sa.transform()) {
            case Transform.Esp esp ->
                esp.suite().cipher().kind() == EspCipher.Kind.AEAD
                        ? AEAD_TAG_BITS
                        : 8 * esp.suite().authKeyOctets();
            case Transform.Ah ah -> 8 * ah.suite().integrity().keyOctets();
            case Transform.Comp _, Transform.Tunnel _ -> 0;
        };
    }

    int authenticationKeyBits() {
        return switch (sa.transform()) {
            case Transform.Esp esp -> 8 * esp.suite().authKeyOctets();
            case Transform.Ah ah -> 8 * ah.suite().keyOctets();
            case Transform.Comp _, Transform.Tunnel _ -> 0;
        };
    }

    int encryptionKeyBits() {
        return sa.transform() instanceof Transform.Esp esp ? 8 * esp.suite().keyOctets() : 0;
    }

    NatTraversal natTraversal() {
        return sa.transform() instanceof Transform.Esp esp ? esp.natTraversal() : NatTraversal.NONE;
    }

    long lastNumber() {
        return sa.direction().isInbound() || use.lastSent() == 0 ? use.highestReceived() : use.lastSent();
    }

    long replayErrors() {
        long sum = 0;
        for (Map.Entry<Verdict, Long> count : use.in().entrySet()) {
            if (count.getKey().kind() == Verdict.Kind.REPLAY) {
                sum += count.getValue();
            }
        }
        return sum;
    }

    long refused(Verdict verdict) {
        return use.in().getOrDefault(verdict, 0L);
    }

    /** One count with its limits. {@code isListed}: KLIPS leaves out what never counted and has no limit. */
    record Life(String name, long count, Limit limit, boolean isListed) {}

    List<Life> lives() {
        return List.of(
                life("alloc", 1, sa.lifetimes().allocations()),
                life("bytes", use.bytes(), sa.lifetimes().bytes()),
                since("addtime", sa.addedAtSeconds(), sa.lifetimes().addtime()),
                since("usetime", use.firstUsedSeconds(), sa.lifetimes().usetime()),
                life("packets", use.packets(), sa.lifetimes().packets()));
    }

    private static Life life(String name, long count, Limit limit) {
        return new Life(name, count, limit, count > 1 || isSet(limit));
    }

    private Life since(String name, long startSeconds, Limit limit) {
        long seconds = startSeconds == 0 ? 0 : Math.max(0, nowSeconds - startSeconds);
        return new Life(name, seconds, limit, startSeconds != 0 || isSet(limit));
    }

    private static boolean isSet(Limit limit) {
        return limit.soft() != 0 || limit.hard() != 0;
    }

    boolean isUsed() {
        return use.lastUsedSeconds() != 0;
    }

    /** Seconds since the last packet. */
    long idle() {
        return Math.max(0, nowSeconds - use.lastUsedSeconds());
    }

    List<String> marks() {
        List<String> marks = new ArrayList<>();
        if (sa.esn()) {
            marks.add("esn");
        }
        if (sa.isCounterMode()) {
            marks.add("counter-mode");
        }
        if (sa.transform() instanceof Transform.Esp && !sa.hasIntegrity()) {
            marks.add("no-integrity");
        }
        if (sa.legacy()) {
            marks.add("legacy");
        }
        return marks;
    }

    @Override
    public String toString() {
        var line = new StringBuilder(300);
        line.append(sa.said())
                .append(' ')
                .append(transformName())
                .append(": dir=")
                .append(direction());
        if (sa.direction().isInbound()) {
            line.append(' ');
        }
        if (!sa.source().isAny()) {
            line.append(" src=").append(sa.source());
        }
        for (Selector selector : policy) {
            line.append(" policy=").append(policyText(selector));
        }
        if (ivBits() != 0) {
            line.append(" iv_bits=").append(ivBits()).append("bits");
        }
        if (sa.hasSequence()) {
            appendWindow(line);
        }
        if (!policy.isEmpty()) {
            line.append(" flags=0x").append(Integer.toHexString(INFLOW)).append("<>");
        }
        appendIfSet(line, " alen=", integrityBits());
        appendIfSet(line, " aklen=", authenticationKeyBits());
        appendIfSet(line, " auth_errs=", refused(Verdict.BAD_ICV));
        appendIfSet(line, " eklen=", encryptionKeyBits());
        appendIfSet(line, " encr_size_errs=", refused(Verdict.BAD_CIPHERTEXT_LENGTH));
        appendIfSet(line, " encr_pad_errs=", refused(Verdict.BAD_PADDING));
        appendLives(line);
        if (isUsed()) {
            line.append(" idle=").append(idle());
        }
        if (use.plainBytes() != 0) {
            line.append(" ratio=").append(use.plainBytes()).append(':').append(use.compressedBytes());
        }
        NatTraversal nat = natTraversal();
        line.append(" natencap=").append(nat.kind().text());
        line.append(" natsport=").append(nat.sourcePort());
        line.append(" natdport=").append(nat.destinationPort());
        line.append(" refcount=").append(REFCOUNT);
        line.append(" ref=").append(sa.ref());
        line.append(" refhim=").append(sa.refhim());
        List<String> marks = marks();
        if (!marks.isEmpty()) {
            line.append(" marks=").append(String.join(",", marks));
        }
        return line.toString();
    }

    private void appendWindow(StringBuilder line) {
        appendIfSet(line, " ooowin=", sa.windowBits());
        appendIfSet(line, " ooo_errs=", replayErrors());
        if (lastNumber() != 0) {
            line.append(" seq=").append(Long.toUnsignedString(lastNumber()));
        }
        if (newestReceived() != 0) {
            line.append(" bit=0x").append(Long.toHexString(newestReceived()));
        }
        appendIfSet(line, " max_seq_diff=", use.maxGap());
    }

    /** Bit 0 is the highest number received. */
    long newestReceived() {
        return use.window().length == 0 ? 0 : use.window()[0];
    }

    private void appendLives(StringBuilder line) {
        line.append(" life(c,s,h)=");
        for (Life life : lives()) {
            if (life.isListed) {
                line.append(life.name).append('(').append(life.count).append(',');
                line.append(life.limit.soft())
                        .append(',')
                        .append(life.limit.hard())
                        .append(')');
            }
        }
    }

    private static void appendIfSet(StringBuilder line, String name, long value) {
        if (value != 0) {
            line.append(name).append(value);
        }
    }

    private static String policyText(Selector selector) {
        String text = ListingText.net(selector.source(), selector.sourcePorts()) + "->"
                + ListingText.net(selector.destination(), selector.destinationPorts());
        return selector.protocol() == Selector.ANY_PROTOCOL ? text : text + ",proto=" + selector.protocol();
    }
}
