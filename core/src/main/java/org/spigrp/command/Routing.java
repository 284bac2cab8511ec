package org.spigrp.command;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Notices.Kind;
import org.spigrp.command.Outcome.Reason;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.ErouteUse;
import org.spigrp.sa.Group;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Shunt;

/** Changes of eroutes and of inbound policies. */
final class Routing {
    /** Each packet of a tunnel may be compared with all selectors of its policy, so there is a limit. */
    static final int MOST_INBOUND = 1024;

    private final Tables tables;
    /** What eroutes of this transaction name before it exists. */
    private final Set<Said> awaited = new LinkedHashSet<>();

    Routing(Tables tables) {
        this.tables = tables;
    }

    /** The SA that a command names; a group's name stands for its first. */
    Said existing(Target target, String hint) {
        Said said = named(target);
        if (Shunt.of(said) != null) {
            throw new Refusal(Reason.INVALID, said + " is a shunt, not an SA: only 'ipsec eroute' takes it");
        }
        if (tables.sa(said) == null) {
            throw new Refusal(Reason.NO_SUCH_SA, said + " does not exist: " + hint);
        }
        return said;
    }

    private Said named(Target target) {
        return switch (target) {
            case Target.BySaid(Said said) -> said;
            case Target.ByName(String name) -> {
                Group group = tables.groupNamed(name);
                if (group == null) {
                    throw new Refusal(
                            Reason.NO_SUCH_SA,
                            "no group is called '" + name + "': give one a name with 'ipsec spigrp --name', or use a"
                                    + " SAID");
                }
                yield group.first();
            }
        };
    }

    void add(Selector selector, Target target) {
        Said said = goal(selector, target);
        Eroute old = tables.eroute(selector);
        if (old != null) {
            throw new Refusal(
                    Reason.EROUTE_EXISTS,
                    "there is an eroute " + print(selector) + " already, to " + old.said()
                            + ": use --replace, or delete it first");
        }
        put(selector, said);
    }

    /** The count begins anew: it is another way that packets take now. */
    void replace(Selector selector, Target target) {
        put(selector, goal(selector, target));
        tables.putErouteUse(selector, ErouteUse.NONE);
    }

    private void put(Selector selector, Said said) {
        tables.putEroute(new Eroute(selector, said));
        if (Shunt.of(said) == null && tables.sa(said) == null) {
            awaited.add(said);
        }
    }

    /** At the end of a transaction: a script may name an SA before the line that adds it. */
    void tellOfMissing(Notices notices) {
        for (Said said : awaited) {
            if (tables.sa(said) == null) {
                notices.add(
                        Kind.EROUTES,
                        said + " does not exist yet: until it is added, the eroute drops what it selects");
            }
        }
    }

    void begin() {
        awaited.clear();
    }

    /** What an eroute may point to: a shunt, an SA or the first of a group, or what is to be added later. */
    private Said goal(Selector selector, Target target) {
        Said said = named(target);
        if (said.protocol() == SaProtocol.INT) {
            if (Shunt.of(said) == null) {
                throw new Refusal(
                        Reason.INVALID,
                        said + " is no shunt: there are %pass, %drop, %reject, %hold, %trap and %trapsubnet");
            }
            return said;
        }
        if (Integer.compareUnsigned(said.spi(), Said.FIRST_USABLE_SPI) < 0) {
            throw new Refusal(
                    Reason.INVALID,
                    "SPI " + said.spi() + " of " + said
                            + " is reserved (0 to 255): no SA can have it; to send in clear use %pass");
        }
        Group group = tables.groupOf(said);
        if (group != null && !group.first().equals(said)) {
            throw new Refusal(
                    Reason.NOT_FIRST,
                    said + " is not the first of its group: an eroute names the first, " + group.first());
        }
        String why = whyNotThrough(said, selector);
        if (why != null) {
            boolean family = said.protocol() != SaProtocol.TUN && said.family() != selector.family();
            throw new Refusal(
                    family ? Reason.FAMILY_MISMATCH : Reason.INVALID,
                    "the eroute " + print(selector) + " cannot go through " + said + ": " + why);
        }
        return said;
    }

    /** Why packets of this selector cannot be sent through the SA or the group that begins with it; null: they can. */
    @Nullable
    String whyNotThrough(Said first, Selector selector) {
        SecurityAssociation sa = tables.sa(first);
        if (sa == null) {
            return null;
        }
        Group group = tables.groupOf(first);
        for (Said member : group == null ? List.of(first) : group.members()) {
            SecurityAssociation each = tables.sa(member);
            if (each != null && !each.direction().maySend()) {
                return member + " only receives (--direction in): what may come in is said with --addin";
            }
        }
        if (first.protocol() != SaProtocol.TUN && first.family() != selector.family()) {
            return first + " is no tunnel and edits " + first.family().text() + " headers only, not "
                    + selector.family().text() + ": group it behind a tunnel";
        }
        return null;
    }

    void delete(Selector selector) {
        if (tables.eroute(selector) == null) {
            throw new Refusal(
                    Reason.NO_SUCH_EROUTE,
                    "there is no eroute " + print(selector)
                            + ": nets, protocol and ports must be exactly those that 'ipsec eroute' lists");
        }
        tables.removeEroute(selector);
    }

    void addInbound(Selector selector, Target target) {
        Said tunnel = tunnelOf(target);
        List<Selector> policy = tables.inboundPolicy(tunnel);
        if (policy.contains(selector)) {
            return;
        }
        if (policy.size() == MOST_INBOUND) {
            throw new Refusal(
                    Reason.INVALID,
                    "the inbound policy of " + tunnel + " has " + MOST_INBOUND
                            + " selectors, which is the most: say it with wider nets");
        }
        List<Selector> longer = new ArrayList<>(policy);
        longer.add(selector);
        tables.putInboundPolicy(tunnel, longer);
    }

    void replaceInbound(Selector selector, Target target) {
        tables.putInboundPolicy(tunnelOf(target), List.of(selector));
    }

    void deleteInbound(Selector selector, Target target) {
        Said tunnel = tunnelOf(target);
        List<Selector> shorter = new ArrayList<>(tables.inboundPolicy(tunnel));
        if (!shorter.remove(selector)) {
            throw new Refusal(
                    Reason.NO_SUCH_EROUTE,
                    "the inbound policy of " + tunnel + " has no " + print(selector) + ": 'ipsec spi' lists it");
        }
        tables.putInboundPolicy(tunnel, shorter);
    }

    /** The innermost tunnel of the group that the target is in: its content is what comes in. */
    private Said tunnelOf(Target target) {
        Said said = existing(target, "add it with 'ipsec spi' before saying what may come in through it");
        SecurityAssociation sa = tables.sa(said);
        if (sa != null && !sa.direction().mayReceive()) {
            throw new Refusal(Reason.INVALID, said + " only sends (--direction out): nothing comes in through it");
        }
        Group group = tables.groupOf(said);
        for (Said member : group == null ? List.of(said) : group.members()) {
            if (member.protocol() == SaProtocol.TUN) {
                return member;
            }
        }
        throw new Refusal(
                Reason.NO_SUCH_SA,
                group == null
                        ? said + " is no tunnel and in no group: an inbound policy belongs to a tunnel SA; group it"
                                + " with one first"
                        : "there is no tunnel in the group of " + said + ": an inbound policy belongs to a tunnel SA");
    }

    static String print(Selector selector) {
        String text = ListingText.net(selector.source(), selector.sourcePorts()) + " -> "
                + ListingText.net(selector.destination(), selector.destinationPorts());
        return selector.protocol() == Selector.ANY_PROTOCOL ? text : text + " protocol " + selector.protocol();
    }
}
