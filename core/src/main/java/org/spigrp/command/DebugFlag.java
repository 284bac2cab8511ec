package org.spigrp.command;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What {@code klipsdebug} switches, by its own words. */
public enum DebugFlag {
    TUNNEL("tunnel"),
    TNCFG("tncfg"),
    XMIT("xmit"),
    NETLINK("netlink"),
    XFORM("xform"),
    EROUTE("eroute"),
    SPI("spi"),
    RADIJ("radij"),
    ESP("esp"),
    AH("ah"),
    RCV("rcv"),
    PFKEY("pfkey"),
    COMP("comp"),
    VERBOSE("verbose");

    private final String text;

    DebugFlag(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }

    /** The flag and those that are bits of it: {@code tncfg} and {@code xmit} are two bits of {@code tunnel}. */
    public Set<DebugFlag> withParts() {
        return this == TUNNEL ? EnumSet.of(TUNNEL, TNCFG, XMIT) : EnumSet.of(this);
    }

    /** What {@code klipsdebug} lists, in its order. */
    static final List<DebugFlag> LISTED = List.of(TUNNEL, XFORM, EROUTE, SPI, RADIJ, ESP, AH, RCV, PFKEY);

    private static final int TNCFG_BIT = 0x100;
    private static final int XMIT_BIT = 0x10;

    /** The mask of KLIPS: all bits or none, but for the tunnel mask, of which two bits have flags of their own. */
    int mask(Set<DebugFlag> set) {
        if (this != TUNNEL) {
            return set.contains(this) ? -1 : 0;
        }
        int mask = set.contains(TUNNEL) ? ~(TNCFG_BIT | XMIT_BIT) : 0;
        return mask | (set.contains(TNCFG) ? TNCFG_BIT : 0) | (set.contains(XMIT) ? XMIT_BIT : 0);
    }

    /** What {@code --all} sets: everything but verbose. */
    public static Set<DebugFlag> allButVerbose() {
        return EnumSet.complementOf(EnumSet.of(VERBOSE));
    }
}
