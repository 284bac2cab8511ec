package org.spigrp.command;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.Group;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;

/**
 * What the commands print when nothing is asked of them, line by line, in the formats of KLIPS's
 * {@code /proc/net/ipsec_*}; and the same as JSON, an array with one element a line. Nothing is held but one line.
 */
public final class Listings {

    private static final int COUNT_WIDTH = 10;
    static final int NET_WIDTH = 18;

    private Listings() {}

    /** One SA a line, in order of insertion. */
    public static void spi(Snapshot snapshot, Instant now, Consumer<String> line) {
        for (SecurityAssociation sa : snapshot.sas()) {
            line.accept(new SpiLine(snapshot, sa, now.getEpochSecond()).toString());
        }
    }

    public static void spiJson(Snapshot snapshot, Instant now, Consumer<String> line) {
        JsonListings.spi(snapshot, now, new JsonLines(line));
    }

    /**
     * One group a line, inner to outer, a blank behind every SAID; an SA in no group is a group of one. A group stands
     * where the first-made of its members would.
     */
    public static void spigrp(Snapshot snapshot, Consumer<String> line) {
        eachGroup(snapshot, group -> line.accept(groupText(group)));
    }

    public static void spigrpJson(Snapshot snapshot, Consumer<String> line) {
        JsonListings.spigrp(snapshot, new JsonLines(line));
    }

    /**
     * As KLIPS did it: one line for every SA, with those that follow it; outward for groups that send, inward for
     * groups that only receive.
     */
    public static void spigrpPerSa(Snapshot snapshot, Consumer<String> line) {
        for (SecurityAssociation sa : snapshot.sas()) {
            Group group = groupOf(snapshot, sa.said());
            var members =
                    sa.direction().maySend() ? group.members() : group.members().reversed();
            int from = members.indexOf(sa.said());
            line.accept(groupText(new Group(members.subList(from, members.size()), null)));
        }
    }

    /** Every group once, ungrouped SAs as groups of one. Remembers only the members that are yet to come. */
    static void eachGroup(Snapshot snapshot, Consumer<Group> consumer) {
        Set<Said> told = new HashSet<>();
        for (Said said : snapshot.saids()) {
            if (!told.isEmpty() && told.remove(said)) {
                continue;
            }
            Group group = groupOf(snapshot, said);
            consumer.accept(group);
            for (Said member : group.members()) {
                if (!member.equals(said)) {
                    told.add(member);
                }
            }
        }
    }

    private static Group groupOf(Snapshot snapshot, Said said) {
        Group group = snapshot.groupOf(said);
        return group != null ? group : new Group(List.of(said), null);
    }

    /** With a blank behind every member, the last too: parsers of the old listing look for it. */
    static String groupText(Group group) {
        var text = new StringBuilder(40 * group.members().size());
        for (Said member : group.members()) {
            text.append(member).append(' ');
        }
        return text.toString();
    }

    /** One eroute a line, in order of insertion. */
    public static void eroute(Snapshot snapshot, Consumer<String> line) {
        for (Eroute eroute : snapshot.eroutes()) {
            Selector selector = eroute.selector();
            String count = Long.toString(snapshot.erouteUse(selector).packets());
            String protocol = selector.protocol() == Selector.ANY_PROTOCOL ? "" : ":" + selector.protocol();
            line.accept(ListingText.padded(count, COUNT_WIDTH) + ' ' + netsText(selector) + eroute.said() + protocol);
        }
    }

    /** {@code SRC -> DST => }, nets in columns. */
    static String netsText(Selector selector) {
        return ListingText.padded(ListingText.net(selector.source(), selector.sourcePorts()), NET_WIDTH) + " -> "
                + ListingText.padded(ListingText.net(selector.destination(), selector.destinationPorts()), NET_WIDTH)
                + " => ";
    }

    public static void erouteJson(Snapshot snapshot, Consumer<String> line) {
        JsonListings.eroute(snapshot, new JsonLines(line));
    }

    /** The ipsec interfaces; mast interfaces are attached to nothing and not listed. */
    public static void tncfg(Snapshot snapshot, Consumer<String> line) {
        for (Attachment attachment : snapshot.attachments()) {
            if (attachment.virtual().startsWith("ipsec")) {
                line.accept(attachmentText(snapshot, attachment));
            }
        }
    }

    static String attachmentText(Snapshot snapshot, Attachment attachment) {
        return attachment.physical() == null
                ? attachment.virtual() + " -> NULL mtu=0(0) -> 0"
                : attachment.virtual() + " -> " + attachment.physical() + " mtu=" + snapshot.virtualMtu(attachment)
                        + "(" + snapshot.effectiveMtu(attachment) + ") -> " + snapshot.physicalMtu(attachment);
    }

    public static void tncfgJson(Snapshot snapshot, Consumer<String> line) {
        JsonListings.tncfg(snapshot, new JsonLines(line));
    }

    /** Nine masks; {@code tncfg} and {@code xmit} are bits of the tunnel mask, netlink, comp and verbose not listed. */
    public static void klipsdebug(Snapshot snapshot, Consumer<String> line) {
        for (DebugFlag flag : DebugFlag.LISTED) {
            String mask = Integer.toHexString(flag.mask(snapshot.debug()));
            line.accept("debug_" + flag.text() + "=" + "0".repeat(8 - mask.length()) + mask + ".");
        }
    }

    public static void klipsdebugJson(Snapshot snapshot, Consumer<String> line) {
        line.accept(JsonListings.klipsdebug(snapshot).toString());
    }
}
