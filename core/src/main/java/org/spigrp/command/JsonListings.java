package org.spigrp.command;

import java.time.Instant;
import java.util.Map;
import org.spigrp.sa.Direction;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.ErouteUse;
import org.spigrp.sa.Group;
import org.spigrp.sa.SaUse;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Transform;
import org.spigrp.wire.Verdict;

/** The listings as JSON, in the words of the text listings. No keys and no IVs. */
final class JsonListings {
    private JsonListings() {}

    static void spi(Snapshot snapshot, Instant now, JsonLines lines) {
        for (SecurityAssociation sa : snapshot.sas()) {
            lines.add(sa(snapshot, new SpiLine(snapshot, sa, now.getEpochSecond())));
        }
        lines.end();
    }

    static Json sa(Snapshot snapshot, SpiLine line) {
        SecurityAssociation sa = line.sa();
        var json = new Json().object();
        json.member("said", sa.said().toString());
        json.member("transform", line.transformName());
        json.member("algorithm", algorithm(sa));
        json.member("dir", line.direction());
        json.member("direction", word(sa.direction()));
        if (!sa.source().isAny()) {
            json.member("src", sa.source().toString());
        }
        Group group = snapshot.groupOf(sa.said());
        if (group != null) {
            json.member("group", group.first().toString());
        }
        if (!line.policy().isEmpty()) {
            json.array("policy");
            for (Selector selector : line.policy()) {
                json.object();
                SelectorJson.write(json, selector);
                json.end();
            }
            json.end();
        }
        if (line.ivBits() != 0) {
            json.member("iv_bits", line.ivBits());
        }
        if (sa.hasSequence()) {
            json.member("ooowin", sa.windowBits());
            json.member("ooo_errs", line.replayErrors());
            json.unsigned("seq", line.lastNumber());
            json.unsigned("sent", line.use().lastSent());
            json.unsigned("received", line.use().highestReceived());
            json.member("bit", "0x" + Long.toHexString(line.newestReceived()));
            json.unsigned("max_seq_diff", line.use().maxGap());
            json.member("alen", line.integrityBits());
            json.member("aklen", line.authenticationKeyBits());
            json.member("auth_errs", line.refused(Verdict.BAD_ICV));
        }
        if (sa.transform() instanceof Transform.Esp) {
            json.member("eklen", line.encryptionKeyBits());
            json.member("encr_size_errs", line.refused(Verdict.BAD_CIPHERTEXT_LENGTH));
            json.member("encr_pad_errs", line.refused(Verdict.BAD_PADDING));
            json.member("natencap", line.natTraversal().kind().text());
            json.member("natsport", line.natTraversal().sourcePort());
            json.member("natdport", line.natTraversal().destinationPort());
        }
        json.object("life");
        for (SpiLine.Life life : line.lives()) {
            if (life.isListed()) {
                json.object(life.name()).member("current", life.count());
                json.member("soft", life.limit().soft())
                        .member("hard", life.limit().hard())
                        .end();
            }
        }
        json.end();
        if (line.isUsed()) {
            json.member("idle", line.idle());
        }
        if (line.use().plainBytes() != 0) {
            json.array("ratio")
                    .value(line.use().plainBytes())
                    .value(line.use().compressedBytes())
                    .end();
        }
        json.member("ref", sa.ref()).member("refhim", sa.refhim());
        json.array("marks");
        line.marks().forEach(json::value);
        json.end();
        verdicts(json, "out", line.use().out());
        verdicts(json, "in", line.use().in());
        return json.end();
    }

    private static String algorithm(SecurityAssociation sa) {
        return switch (sa.transform()) {
            case Transform.Esp esp -> esp.suite().name();
            case Transform.Ah ah -> ah.suite().name();
            case Transform.Comp comp -> comp.algorithm().text();
            case Transform.Tunnel _ -> "ipip";
        };
    }

    private static String word(Direction direction) {
        return switch (direction) {
            case IN, LOCAL -> "in";
            case OUT -> "out";
            case AUTO -> "auto";
        };
    }

    /** An SA that is no more. */
    static Json gone(Said said, SaUse use) {
        Json json = new Json().object().member("said", said.toString());
        verdicts(json, "out", use.out());
        verdicts(json, "in", use.in());
        return json.end();
    }

    private static void verdicts(Json json, String direction, Map<Verdict, Long> counts) {
        json.object(direction);
        counts.forEach((verdict, count) -> json.member(verdict.name(), count));
        json.end();
    }

    static void spigrp(Snapshot snapshot, JsonLines lines) {
        Listings.eachGroup(snapshot, group -> {
            var json = new Json().object();
            members(json, group);
            if (group.name() != null) {
                json.member("name", group.name());
            }
            lines.add(json.end());
        });
        lines.end();
    }

    private static void members(Json json, Group group) {
        json.array("members");
        for (Said member : group.members()) {
            json.value(member.toString());
        }
        json.end();
    }

    static void eroute(Snapshot snapshot, JsonLines lines) {
        for (Eroute eroute : snapshot.eroutes()) {
            lines.add(eroute(snapshot, eroute));
        }
        lines.end();
    }

    static Json eroute(Snapshot snapshot, Eroute eroute) {
        ErouteUse use = snapshot.erouteUse(eroute.selector());
        var json = new Json().object().member("count", use.packets());
        if (use.lastUsedSeconds() != 0) {
            json.member(
                    "last_used", Instant.ofEpochSecond(use.lastUsedSeconds()).toString());
        }
        SelectorJson.write(json, eroute.selector());
        json.member("said", eroute.said().toString());
        return json.end();
    }

    static void tncfg(Snapshot snapshot, JsonLines lines) {
        for (Attachment attachment : snapshot.attachments()) {
            lines.add(attachment(snapshot, attachment));
        }
        lines.end();
    }

    static Json attachment(Snapshot snapshot, Attachment attachment) {
        return new Json()
                .object()
                .member("virtual", attachment.virtual())
                .member("physical", attachment.physical())
                .member("mtu", snapshot.virtualMtu(attachment))
                .member("effective_mtu", snapshot.effectiveMtu(attachment))
                .member("physical_mtu", snapshot.physicalMtu(attachment))
                .end();
    }

    static Json klipsdebug(Snapshot snapshot) {
        var json = new Json().object().array("flags");
        for (DebugFlag flag : DebugFlag.values()) {
            if (snapshot.debug().contains(flag)) {
                json.value(flag.text());
            }
        }
        return json.end().end();
    }
}
