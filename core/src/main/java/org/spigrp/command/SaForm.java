package org.spigrp.command;

import org.spigrp.command.Notices.Kind;
import org.spigrp.command.Outcome.Reason;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.EspCipher;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.KeyMaterial;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Transform;

/** What makes an SA right or wrong by itself, whatever else there is. */
final class SaForm {
    private static final int SMALL_WINDOW = 32;

    private SaForm() {}

    static void check(SecurityAssociation sa, Notices notices) {
        checkSaid(sa);
        checkSource(sa);
        if (sa.hasSequence()) {
            checkWindow(sa, notices);
        } else if (sa.esn() || sa.firstNumber() != 0) {
            throw wrong(sa, "it has no sequence numbers: --esn and --seq are for AH and ESP");
        }
        if (sa.ref() < 0 || sa.refhim() < 0) {
            throw wrong(
                    sa, "SAref " + Integer.toUnsignedString(Math.min(sa.ref(), sa.refhim())) + " is above 2147483647");
        }
        switch (sa.transform()) {
            case Transform.Esp esp -> checkEsp(sa, esp, notices);
            case Transform.Ah ah -> checkAh(sa, ah, notices);
            case Transform.Comp _, Transform.Tunnel _ -> {}
        }
    }

    private static Refusal wrong(SecurityAssociation sa, String what) {
        return new Refusal(Reason.INVALID, sa.said() + ": " + what);
    }

    private static void checkSaid(SecurityAssociation sa) {
        Said said = sa.said();
        if (said.protocol() == SaProtocol.INT) {
            throw wrong(sa, "this is a shunt, not an SA: use it in 'ipsec eroute --said' as it is");
        }
        if (sa.transform().protocol() != said.protocol()) {
            throw wrong(
                    sa,
                    "the protocol of the SAID is " + said.protocol().text() + ", but the SA is to be "
                            + sa.transform().protocol().text() + ": make --proto and the action agree");
        }
        String spi = "SPI 0x" + Integer.toHexString(said.spi()) + " (" + Integer.toUnsignedString(said.spi()) + ")";
        if (Integer.compareUnsigned(said.spi(), Said.FIRST_USABLE_SPI) < 0) {
            throw wrong(sa, spi + " is reserved (0 to 255, RFC 4303): take one from 256 (0x100) on");
        }
        if (said.protocol() == SaProtocol.COMP && Integer.compareUnsigned(said.spi(), Said.LAST_CPI) > 0) {
            throw wrong(
                    sa,
                    spi + " does not fit: packets carry 16 bits of it as their CPI (RFC 3173): take one from 0x100 to"
                            + " 0xffff");
        }
        if (said.destination().isAny()) {
            throw wrong(
                    sa,
                    "destination " + said.destination() + " is no address of a host: name the peer, or this"
                            + " host for an SA that receives");
        }
    }

    private static void checkSource(SecurityAssociation sa) {
        if (sa.source().family() != sa.said().family()) {
            throw new Refusal(
                    Reason.FAMILY_MISMATCH,
                    sa.said() + ": source " + sa.source() + " is "
                            + sa.source().family().text()
                            + ", the destination " + sa.said().family().text()
                            + ": both are in one outer header and must be of one family");
        }
        boolean writesSource =
                sa.transform() instanceof Transform.Tunnel && sa.direction().maySend();
        if (writesSource && sa.source().isAny()) {
            throw wrong(sa, "a tunnel needs the source address of its outer header: give it with --src");
        }
    }

    private static void checkWindow(SecurityAssociation sa, Notices notices) {
        int bits = sa.windowBits();
        if (bits < 0 || bits > SecurityAssociation.MAX_WINDOW_BITS) {
            throw wrong(
                    sa,
                    "replay window " + bits + " is not from 1 to " + SecurityAssociation.MAX_WINDOW_BITS
                            + " (0 switches replay protection off)");
        }
        if (bits == 0 && sa.esn()) {
            throw wrong(
                    sa,
                    "extended sequence numbers need a replay window: it tells the half that packets do not carry; give"
                            + " a --replay_window of 32 or more");
        }
        if (sa.esn() && !sa.hasIntegrity()) {
            throw wrong(
                    sa,
                    "extended sequence numbers need integrity: the half that packets do not carry is known by the ICV"
                            + " only");
        }
        if (bits == 0) {
            notices.add(
                    Kind.WINDOW,
                    sa.said()
                            + " has no replay protection (window 0): whoever records its packets can send them again");
        } else if (bits < SMALL_WINDOW) {
            notices.add(
                    Kind.WINDOW,
                    sa.said() + ": a replay window of " + bits
                            + " loses packets that are merely late: RFC 4303 wants 32 or more");
        }
    }

    private static void checkEsp(SecurityAssociation sa, Transform.Esp esp, Notices notices) {
        EspSuite suite = esp.suite();
        int salt = suite.cipher().saltOctets();
        checkKey(sa, "encryption", suite.name(), esp.encryptionKey(), suite.keyOctets(), salt);
        checkKey(sa, "authentication", suite.name(), esp.authenticationKey(), suite.authKeyOctets(), 0);
        if (suite.cipher() == EspCipher.NULL && !suite.hasIntegrity()) {
            throw wrong(sa, "null encryption without integrity protects nothing: take null-sha256, for example");
        }
        checkNatTraversal(sa, esp.natTraversal());
        if (sa.legacy()) {
            return;
        }
        if (suite.isObsolete()) {
            warnObsolete(sa, suite.name(), notices);
        }
        if (!suite.hasIntegrity()) {
            notices.add(
                    Kind.NO_INTEGRITY,
                    sa.said() + ": " + suite.name()
                            + " has no integrity: it carries packets only in a group where AH or authenticated ESP"
                            + " outside of it covers it");
        }
    }

    private static void checkAh(SecurityAssociation sa, Transform.Ah ah, Notices notices) {
        AhSuite suite = ah.suite();
        checkKey(sa, "authentication", suite.name(), ah.key(), suite.keyOctets(), suite.saltOctets());
        if (ah.alignOctets() != 0 && ah.alignOctets() != 4 && ah.alignOctets() != 8) {
            throw wrong(sa, "AH cannot be aligned to " + ah.alignOctets() + " octets: --ah-align is 4 or 8");
        }
        if (suite.integrity().isObsolete() && !sa.legacy()) {
            warnObsolete(sa, suite.name(), notices);
        }
    }

    private static void warnObsolete(SecurityAssociation sa, String algorithm, Notices notices) {
        notices.add(
                Kind.OBSOLETE,
                sa.said() + ": " + algorithm
                        + " is obsolete (RFC 8221): aes256-sha256 or hmac-sha2-256-128 are not (IPSEC_LEGACY=ok"
                        + " silences this)");
    }

    private static void checkKey(
            SecurityAssociation sa, String which, String algorithm, KeyMaterial key, int keyOctets, int saltOctets) {
        int wanted = keyOctets + saltOctets;
        if (key.length() == wanted) {
            return;
        }
        if (wanted == 0) {
            throw wrong(sa, algorithm + " takes no " + which + " key, but one of " + key.bits() + " bits was given");
        }
        String length = 8 * wanted + " bits (" + wanted + " octets"
                + (saltOctets == 0 ? "" : ", the last " + saltOctets + " of them the salt") + ")";
        throw wrong(
                sa,
                key.isEmpty()
                        ? algorithm + " needs an " + which + " key of " + length
                        : "the " + which + " key has " + key.bits() + " bits, but " + algorithm + " takes " + length);
    }

    private static void checkNatTraversal(SecurityAssociation sa, NatTraversal nat) {
        if (!nat.isUsed()) {
            return;
        }
        boolean any = !sa.direction().maySend();
        checkPort(sa, "--sport", nat.sourcePort(), any);
        checkPort(sa, "--dport", nat.destinationPort(), any);
    }

    private static void checkPort(SecurityAssociation sa, String option, int port, boolean zeroWillDo) {
        if (port < 0 || port > 65_535 || (port == 0 && !zeroWillDo)) {
            throw wrong(sa, "UDP port " + port + " (" + option + ") is not from 1 to 65535: 4500 is usual");
        }
    }
}
