package org.spigrp.command;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Notices.Kind;
import org.spigrp.command.Outcome.Reason;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.Group;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;

/**
 * Making, growing and dissolving groups, and deleting SAs, which takes their groups along.
 *
 * <pre>
 *   A B        both free             A B
 *   B C        grows at its end      A B C
 *   Z A        a new first           Z A B C     eroutes to A now name Z
 *   C D        where D E exists      Z A B C D E
 *   A D, D B, C Z, A B again         refused
 * </pre>
 */
final class Grouping {
    private static final int LONGEST_NAME = 63;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

    private final Tables tables;
    private final Routing eroutes;

    Grouping(Tables tables, Routing eroutes) {
        this.tables = tables;
        this.eroutes = eroutes;
    }

    void make(Change.MakeGroup change, Notices notices) {
        List<Said> given = new ArrayList<>();
        for (Target target : change.innerToOuter()) {
            given.add(eroutes.existing(target, "add it with 'ipsec spi' before grouping it"));
        }
        checkList(given);
        Group inner = tables.groupOf(given.getFirst());
        Group outer = tables.groupOf(given.getLast());
        checkFree(given, inner, outer);

        List<Said> members = new ArrayList<>();
        members.addAll(inner != null ? inner.members() : given.subList(0, 1));
        members.addAll(given.subList(1, given.size() - 1));
        members.addAll(outer != null ? outer.members() : given.subList(given.size() - 1, given.size()));
        if (members.size() > Group.MAX_MEMBERS) {
            throw new Refusal(
                    Reason.GROUP_TOO_LARGE,
                    "a group that begins with " + members.getFirst() + " would have " + members.size() + " members: "
                            + Group.MAX_MEMBERS + " is the most");
        }
        GroupRules.check(members.stream().map(this::sa).toList(), notices);

        String name = nameFor(change.name(), inner, outer);
        if (outer != null) {
            tables.removeGroup(outer.first());
        }
        tables.putGroup(new Group(members, name));
        moveEroutes(members, notices);
        tellOfPolicies(members, notices);
    }

    private SecurityAssociation sa(Said said) {
        SecurityAssociation sa = tables.sa(said);
        if (sa == null) {
            throw new IllegalStateException(said + " is in a group but not among the SAs");
        }
        return sa;
    }

    private static void checkList(List<Said> given) {
        if (given.size() < 2) {
            throw new Refusal(Reason.INVALID, "a group needs two SAs or more, but only " + given.size() + " was named");
        }
        var seen = new HashSet<Said>();
        for (Said said : given) {
            if (!seen.add(said)) {
                throw new Refusal(Reason.ALREADY_GROUPED, said + " is named twice: an SA can be in a group only once");
            }
        }
    }

    /** Only the ends may be in groups already: the first as the outermost of one, the last as the first of another. */
    private void checkFree(List<Said> given, @Nullable Group inner, @Nullable Group outer) {
        if (inner != null && Collections.indexOfSubList(inner.members(), given) >= 0) {
            throw grouped(print(given) + " are grouped already, in this order", inner);
        }
        for (Said said : given.subList(1, given.size() - 1)) {
            Group other = tables.groupOf(said);
            if (other != null) {
                throw grouped(said + " is in a group already", other);
            }
        }
        Said first = given.getFirst();
        if (inner != null && !inner.outermost().equals(first)) {
            throw grouped(
                    first + " is in a group already, and a group grows only behind its outermost member "
                            + inner.outermost(),
                    inner);
        }
        Said last = given.getLast();
        if (outer != null && !outer.first().equals(last)) {
            throw grouped(
                    last + " is in a group already, and only the first member " + outer.first()
                            + " can be put behind another SA",
                    outer);
        }
        if (inner != null && inner.equals(outer)) {
            throw grouped(first + " and " + last + " are the ends of one group: it would be a loop", inner);
        }
    }

    private static Refusal grouped(String what, Group group) {
        return new Refusal(
                Reason.ALREADY_GROUPED,
                what + ": its group is " + print(group.members()) + "; ungroup it first ('ipsec spigrp --said "
                        + group.first() + "')");
    }

    private static String print(List<Said> saids) {
        return saids.stream().map(Said::toString).collect(Collectors.joining(" "));
    }

    private @Nullable String nameFor(@Nullable String given, @Nullable Group inner, @Nullable Group outer) {
        String innerName = inner == null ? null : inner.name();
        String outerName = outer == null ? null : outer.name();
        if (given == null) {
            return innerName != null ? innerName : outerName;
        }
        if (given.length() > LONGEST_NAME || !NAME.matcher(given).matches()) {
            throw new Refusal(
                    Reason.INVALID,
                    "'" + given + "' cannot be the name of a group: letters, digits, '-', '_' and '.', beginning with a"
                            + " letter or digit, at most " + LONGEST_NAME);
        }
        Group owner = tables.groupNamed(given);
        if (owner != null && !owner.equals(inner) && !owner.equals(outer)) {
            throw new Refusal(
                    Reason.NAME_TAKEN,
                    "the name " + given + " is that of the group " + print(owner.members()) + ": take another");
        }
        return given;
    }

    /** A group is addressed by its first member: eroutes that name another one are moved there. */
    private void moveEroutes(List<Said> members, Notices notices) {
        Said first = members.getFirst();
        for (Eroute eroute : tables.eroutesTo(first)) {
            checkEroute(first, eroute);
            break; // those that are there fit the first; only the direction can be new
        }
        for (Said member : members.subList(1, members.size())) {
            List<Eroute> toMove = new ArrayList<>();
            for (Eroute eroute : tables.eroutesTo(member)) {
                checkEroute(first, eroute);
                toMove.add(eroute);
            }
            for (Eroute eroute : toMove) {
                tables.putEroute(new Eroute(eroute.selector(), first));
            }
            if (!toMove.isEmpty()) {
                notices.add(
                        Kind.EROUTES,
                        count(toMove.size()) + " that named " + member + " now "
                                + (toMove.size() == 1 ? "names " : "name ") + first + ", the first of its group");
            }
        }
    }

    private void checkEroute(Said first, Eroute eroute) {
        String why = eroutes.whyNotThrough(first, eroute.selector());
        if (why != null) {
            throw new Refusal(
                    Reason.INVALID,
                    "the eroute " + Routing.print(eroute.selector()) + " to " + eroute.said()
                            + " would have to go through " + first + ", but " + why
                            + ": delete the eroute first, or point it elsewhere");
        }
    }

    private static String count(int eroutes) {
        return eroutes == 1 ? "1 eroute" : eroutes + " eroutes";
    }

    /** The inbound policy stays with its tunnel SA, but only the innermost tunnel's is asked. */
    private void tellOfPolicies(List<Said> members, Notices notices) {
        @Nullable Said innermost = null;
        for (Said member : members) {
            if (member.protocol() != SaProtocol.TUN) {
                continue;
            }
            if (innermost == null) {
                innermost = member;
            } else if (!tables.inboundPolicy(member).isEmpty()) {
                notices.add(
                        Kind.EROUTES,
                        "the inbound policy of " + member + " is not asked any more: " + innermost
                                + " is the innermost tunnel of its group, and what comes in is judged by its policy"
                                + " ('ipsec eroute --addin')");
            }
        }
    }

    /** Of an SA that is in no group: done, nothing to do. */
    void ungroup(Target target, Notices notices) {
        Said said = eroutes.existing(target, "there is nothing to ungroup");
        Group group = tables.groupOf(said);
        if (group == null) {
            return;
        }
        tables.removeGroup(group.first());
        int left = 0;
        for (Eroute _ : tables.eroutesTo(group.first())) {
            left++;
        }
        if (left > 0) {
            notices.add(
                    Kind.EROUTES,
                    count(left) + " to " + group.first() + " now " + (left == 1 ? "goes" : "go")
                            + " through that SA alone, without "
                            + print(group.members().subList(1, group.members().size()))
                            + ": replace or delete what should not");
        }
    }

    void delete(Target target) {
        deleteWithGroup(eroutes.existing(target, "there is nothing to delete"));
    }

    void deleteAllOf(SaProtocol protocol) {
        List<Said> all = new ArrayList<>();
        for (SecurityAssociation sa : tables.sas()) {
            if (sa.said().protocol() == protocol) {
                all.add(sa.said());
            }
        }
        for (Said said : all) {
            deleteWithGroup(said);
        }
    }

    private List<Said> deleteWithGroup(Said said) {
        Group group = tables.groupOf(said);
        List<Said> members = group == null ? List.of(said) : group.members();
        if (group != null) {
            tables.removeGroup(group.first());
        }
        for (Said member : members) {
            tables.removeSa(member);
        }
        return members;
    }

    void expire(Said said, Notices notices) {
        if (tables.sa(said) == null) {
            return;
        }
        List<Said> gone = deleteWithGroup(said);
        notices.add(
                Kind.EXPIRED,
                said + " has reached a hard lifetime and is gone"
                        + (gone.size() == 1 ? "" : ", with its group " + print(gone)));
    }

    void expireDue(long nowSeconds, Notices notices) {
        List<Said> due = new ArrayList<>();
        for (Said said : tables.due(nowSeconds)) {
            due.add(said);
        }
        for (Said said : due) {
            expire(said, notices);
        }
    }
}
