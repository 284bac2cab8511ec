package org.spigrp.command;

import java.util.List;
import org.spigrp.command.Notices.Kind;
import org.spigrp.command.Outcome.Reason;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.NumberLedger;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;

/** Adding an SA: what concerns it together with everything that is there already. See also {@link SaForm}. */
final class SaRules {
    private final Tables tables;
    private final KeyFingerprints fingerprints;
    private final NumberLedger ledger;
    private final Routing eroutes;

    SaRules(Tables tables, KeyFingerprints fingerprints, NumberLedger ledger, Routing eroutes) {
        this.tables = tables;
        this.fingerprints = fingerprints;
        this.ledger = ledger;
        this.eroutes = eroutes;
    }

    void add(SecurityAssociation given, long nowSeconds, Notices notices) {
        SaForm.check(given, notices);
        Said said = given.said();
        if (tables.sa(said) != null) {
            throw new Refusal(
                    Reason.SA_EXISTS,
                    said + " exists already: delete it first ('ipsec spi --said " + said + " --del'), or take another"
                            + " SPI");
        }
        SecurityAssociation sa = given.addedAtSeconds() == 0 ? given.withAddedAtSeconds(nowSeconds) : given;
        if (!sa.hasSequence()) {
            sa = sa.withWindowBits(0);
        }
        List<String> keys = fingerprints.of(sa);
        checkKeys(sa, keys, notices);
        if (sa.hasSequence()) {
            checkNumbers(sa);
        }
        sa = sa.withRef(refFor(sa));
        tables.putSa(sa, keys);
        for (Eroute eroute : tables.eroutesTo(said)) {
            String why = eroutes.whyNotThrough(said, eroute.selector());
            if (why != null) {
                notices.add(Kind.EROUTES, "an eroute names " + said + " already, but " + why);
                break;
            }
        }
    }

    /*
     * A key of a counter mode belongs to one SA alone, so where one SA has this key there is no second one: looking at
     * the first that has the key is enough, also where a hundred thousand share one of another mode.
     */
    private void checkKeys(SecurityAssociation sa, List<String> keys, Notices notices) {
        for (int i = 0; i < keys.size(); i++) {
            String key = keys.get(i);
            for (Said otherSaid : tables.saidsWithKey(key)) {
                SecurityAssociation other = tables.sa(otherSaid);
                if (other == null) {
                    continue;
                }
                boolean ours = sa.isCounterMode() && i == 0;
                boolean theirs = other.isCounterMode()
                        && !fingerprints.of(other).isEmpty()
                        && fingerprints.of(other).getFirst().equals(key);
                if (ours || theirs) {
                    throw new Refusal(
                            Reason.KEY_IN_USE,
                            sa.said() + " has a key that " + otherSaid + " has too, and "
                                    + (ours ? sa.said() : otherSaid)
                                    + " uses it in counter mode, where one IV used twice gives everything away: make"
                                    + " a key of its own for every SA and direction ('ipsec ranbits')");
                }
                if (!sa.legacy()) {
                    notices.add(
                            Kind.SHARED_KEY,
                            sa.said() + " has a key that " + otherSaid
                                    + " has too: a key of its own for every SA and direction is safer");
                }
                break;
            }
        }
        if (keys.size() == 2 && keys.getFirst().equals(keys.getLast())) {
            notices.add(
                    Kind.SHARED_KEY,
                    sa.said() + " uses one key for encryption and for integrity: give it two different ones");
        }
    }

    private void checkNumbers(SecurityAssociation sa) {
        NumberLedger.Numbers numbers = ledger.numbersOf(sa);
        boolean receives = sa.direction().isInbound();
        long used = receives ? numbers.ceiling() : numbers.sentUpTo();
        String last = Long.toUnsignedString(sa.lastNumber());
        if (Long.compareUnsigned(used, sa.lastNumber()) >= 0) {
            throw new Refusal(
                    Reason.NUMBERS_USED_UP,
                    sa.said() + ": all sequence numbers up to " + last + " of this key have been "
                            + (receives ? "received" : "sent")
                            + " before, also if the SA was deleted meanwhile: give it a new key"
                            + (sa.esn() ? "" : ", or use --esn"));
        }
        long first = sa.firstNumber();
        if (first == 0) {
            return;
        }
        String given = Long.toUnsignedString(first);
        if (Long.compareUnsigned(first, sa.lastNumber()) > 0) {
            throw new Refusal(
                    Reason.INVALID,
                    sa.said() + ": sequence number " + given + " (--seq) is above " + last
                            + ", the last one without extended sequence numbers (--esn)");
        }
        if (receives && Long.compareUnsigned(first, used) < 0) {
            throw new Refusal(
                    Reason.INVALID,
                    sa.said() + ": --seq " + given + " lies below " + Long.toUnsignedString(used)
                            + ", up to which this key may have received already: numbers go forward only; leave --seq"
                            + " out");
        }
        if (!receives && Long.compareUnsigned(first, used) <= 0) {
            throw new Refusal(
                    Reason.INVALID,
                    sa.said() + ": --seq " + given + " is not above " + Long.toUnsignedString(used)
                            + ", up to which this key may have sent already: numbers go forward only; leave --seq out");
        }
    }

    private int refFor(SecurityAssociation sa) {
        if (sa.ref() != 0) {
            Said owner = tables.saidWithRef(sa.ref());
            if (owner != null) {
                throw new Refusal(
                        Reason.REF_TAKEN,
                        sa.said() + ": SAref " + sa.ref() + " is that of " + owner
                                + ": take another, or leave --saref out");
            }
            return sa.ref();
        }
        int ref = tables.nextRef();
        while (tables.saidWithRef(ref) != null) {
            ref = tables.nextRef();
        }
        return ref;
    }
}
