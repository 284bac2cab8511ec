package org.spigrp.command;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.Group;
import org.spigrp.sa.SaUse;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Shunt;
import org.spigrp.wire.Verdict;

/** {@code ipsec look} behind its first line: everything at one glance, and what is wrong with it. */
public final class Look {
    private static final Comparator<Eroute> BY_ADDRESS = Comparator.comparing(
                    (Eroute eroute) -> eroute.selector().source())
            .thenComparing(eroute -> eroute.selector().destination())
            .thenComparingInt(eroute -> eroute.selector().protocol())
            .thenComparingInt(eroute -> eroute.selector().sourcePorts().first())
            .thenComparingInt(eroute -> eroute.selector().sourcePorts().last())
            .thenComparingInt(eroute -> eroute.selector().destinationPorts().first())
            .thenComparingInt(eroute -> eroute.selector().destinationPorts().last());

    private Look() {}

    /** Eroutes with their groups, sorted by address; attached interfaces; SAs, sorted as text; findings. */
    public static void text(Snapshot snapshot, Instant now, Consumer<String> line) {
        List<Eroute> eroutes = sortedEroutes(snapshot);
        for (Eroute eroute : eroutes) {
            line.accept(erouteText(snapshot, eroute));
        }
        for (Attachment attachment : snapshot.attachments()) {
            if (attachment.isAttached()) {
                line.accept(Listings.attachmentText(snapshot, attachment).replace(" -> ", "->"));
            }
        }
        List<Said> saids = sortedSaids(snapshot);
        for (Said said : saids) {
            SecurityAssociation sa = snapshot.sa(said);
            if (sa != null) {
                line.accept(new SpiLine(snapshot, sa, now.getEpochSecond()).toString());
            }
        }
        for (Eroute eroute : eroutes) {
            if (lacksSa(snapshot, eroute)) {
                line.accept("eroute without SA: " + Routing.print(eroute.selector()) + " drops what it selects, for "
                        + eroute.said() + " does not exist");
            }
        }
        for (Said said : saids) {
            SaUse use = snapshot.use(said);
            verdicts(said.toString(), use, line);
        }
        snapshot.gone().forEach((said, use) -> verdicts(said + " (gone)", use, line));
    }

    private static void verdicts(String said, SaUse use, Consumer<String> line) {
        verdicts(said, "out", use.out(), line);
        verdicts(said, "in", use.in(), line);
    }

    private static void verdicts(String said, String direction, Map<Verdict, Long> counts, Consumer<String> line) {
        counts.forEach((verdict, count) ->
                line.accept(said + " " + direction + " " + verdict + "=" + count + ": " + verdict.text()));
    }

    private static String erouteText(Snapshot snapshot, Eroute eroute) {
        Selector selector = eroute.selector();
        Said said = eroute.said();
        Group group = snapshot.groupOf(said);
        String through =
                group != null ? Listings.groupText(group) : snapshot.sa(said) != null ? said + " " : said.toString();
        String protocol = selector.protocol() == Selector.ANY_PROTOCOL ? "" : " proto=" + selector.protocol();
        return Listings.netsText(selector) + through + " ("
                + snapshot.erouteUse(selector).packets() + ")" + protocol;
    }

    private static boolean lacksSa(Snapshot snapshot, Eroute eroute) {
        return Shunt.of(eroute.said()) == null && snapshot.sa(eroute.said()) == null;
    }

    private static List<Eroute> sortedEroutes(Snapshot snapshot) {
        List<Eroute> eroutes = new ArrayList<>(snapshot.erouteCount());
        snapshot.eroutes().forEach(eroutes::add);
        eroutes.sort(BY_ADDRESS);
        return eroutes;
    }

    /** Lines begin with the SAID and a blank, so sorting SAIDs as text sorts the lines, and needs no room for them. */
    private static List<Said> sortedSaids(Snapshot snapshot) {
        record Key(String text, Said said) {}
        List<Key> keys = new ArrayList<>(snapshot.saCount());
        for (SecurityAssociation sa : snapshot.sas()) {
            keys.add(new Key(sa.said().toString(), sa.said()));
        }
        keys.sort(Comparator.comparing(Key::text));
        return keys.stream().map(Key::said).toList();
    }

    /**
     * An object with {@code eroutes}, {@code eroutes_without_sa}, {@code interfaces}, {@code groups}, {@code sas} and
     * {@code gone}.
     */
    public static void json(Snapshot snapshot, Instant now, Consumer<String> line) {
        line.accept("{");
        var eroutes = new JsonLines(line, "\"eroutes\":", ",");
        var withoutSa = new JsonLines(line, "\"eroutes_without_sa\":", ",");
        List<Eroute> sorted = sortedEroutes(snapshot);
        for (Eroute eroute : sorted) {
            eroutes.add(JsonListings.eroute(snapshot, eroute));
        }
        eroutes.end();
        for (Eroute eroute : sorted) {
            if (lacksSa(snapshot, eroute)) {
                withoutSa.add(JsonListings.eroute(snapshot, eroute));
            }
        }
        withoutSa.end();
        var interfaces = new JsonLines(line, "\"interfaces\":", ",");
        for (Attachment attachment : snapshot.attachments()) {
            interfaces.add(JsonListings.attachment(snapshot, attachment));
        }
        interfaces.end();
        JsonListings.spigrp(snapshot, new JsonLines(line, "\"groups\":", ","));
        JsonListings.spi(snapshot, now, new JsonLines(line, "\"sas\":", ","));
        var gone = new JsonLines(line, "\"gone\":", "");
        snapshot.gone().forEach((said, use) -> gone.add(JsonListings.gone(said, use)));
        gone.end();
        line.accept("}");
    }
}
