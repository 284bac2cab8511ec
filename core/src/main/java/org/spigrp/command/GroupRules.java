package org.spigrp.command;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Notices.Kind;
import org.spigrp.command.Outcome.Reason;
import org.spigrp.sa.Direction;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Transform;

/** Whether SAs fit together in this order, inner to outer. What cannot work is refused, what makes no sense warned about. */
final class GroupRules {
    private GroupRules() {}

    static void check(List<SecurityAssociation> members, Notices notices) {
        checkFamilies(members);
        checkDirections(members);
        checkNatTraversal(members);
        warnOfCompressedCiphertext(members, notices);
        warnOfBareTunnel(members, notices);
        warnOfUncovered(members, notices);
    }

    /** RFC 4301 knows no such rule; KLIPS knew none and wrote broken packets (an SA edits the header in front of it). */
    private static void checkFamilies(List<SecurityAssociation> members) {
        @Nullable SecurityAssociation maker = null;
        for (SecurityAssociation sa : members) {
            boolean tunnel = sa.said().protocol() == SaProtocol.TUN;
            if (maker == null || tunnel) {
                maker = sa;
            } else if (sa.said().family() != maker.said().family()) {
                String behind = maker.said().protocol() == SaProtocol.TUN
                        ? " edits the header that " + maker.said() + " makes"
                        : " edits the same header as " + maker.said();
                throw new Refusal(
                        Reason.FAMILY_MISMATCH,
                        sa.said() + behind + ", which is "
                                + maker.said().family().text() + ", not "
                                + sa.said().family().text() + ": use an SA whose destination is "
                                + maker.said().family().text() + ", or put a tunnel between them");
            }
        }
    }

    private static void checkDirections(List<SecurityAssociation> members) {
        SecurityAssociation in = find(members, Direction.IN);
        SecurityAssociation out = find(members, Direction.OUT);
        if (in != null && out != null) {
            throw new Refusal(
                    Reason.INVALID,
                    in.said() + " only receives and " + out.said()
                            + " only sends: a group goes one way; delete one of them and add it with the other"
                            + " --direction");
        }
    }

    private static @Nullable SecurityAssociation find(List<SecurityAssociation> members, Direction direction) {
        for (SecurityAssociation sa : members) {
            if (sa.direction() == direction) {
                return sa;
            }
        }
        return null;
    }

    private static void checkNatTraversal(List<SecurityAssociation> members) {
        @Nullable SecurityAssociation ah = null;
        @Nullable SecurityAssociation nat = null;
        for (SecurityAssociation sa : members) {
            if (sa.transform() instanceof Transform.Ah) {
                ah = sa;
            } else if (sa.transform() instanceof Transform.Esp esp
                    && esp.natTraversal().isUsed()) {
                nat = sa;
            }
        }
        if (ah != null && nat != null) {
            throw new Refusal(
                    Reason.INVALID,
                    ah.said() + " and " + nat.said()
                            + " cannot be in one group: AH covers the addresses that the NAT changes, for which the"
                            + " other has its UDP header (NAT-T); take ESP with integrity instead of AH");
        }
    }

    private static void warnOfCompressedCiphertext(List<SecurityAssociation> members, Notices notices) {
        @Nullable SecurityAssociation protection = null;
        for (SecurityAssociation sa : members) {
            if (sa.hasSequence()) {
                protection = sa;
            } else if (protection != null && sa.said().protocol() == SaProtocol.COMP) {
                notices.add(
                        Kind.ORDER,
                        sa.said() + " compresses what " + protection.said()
                                + " has protected already, which saves nothing: compression goes before it");
                return;
            }
        }
    }

    private static void warnOfBareTunnel(List<SecurityAssociation> members, Notices notices) {
        SecurityAssociation last = members.getLast();
        if (last.said().protocol() == SaProtocol.TUN) {
            notices.add(
                    Kind.ORDER,
                    last.said() + " is the outermost of its group: no AH or ESP protects the packets of this tunnel"
                            + " itself");
        }
    }

    private static void warnOfUncovered(List<SecurityAssociation> members, Notices notices) {
        boolean covered = false;
        for (SecurityAssociation sa : members.reversed()) {
            if (sa.hasIntegrity()) {
                covered = true;
            } else if (sa.said().protocol() == SaProtocol.ESP && !covered && !sa.legacy()) {
                notices.add(
                        Kind.NO_INTEGRITY,
                        sa.said() + " has no integrity, and nothing outside of it in the group covers it: its packets"
                                + " will be dropped (UNPROTECTED_ESP) until an AH or authenticated ESP is added");
            }
        }
    }
}
