package org.spigrp.command;

import java.util.EnumSet;
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

    /** What {@code --all} sets: everything but verbose. */
    public static Set<DebugFlag> allButVerbose() {
        return EnumSet.complementOf(EnumSet.of(VERBOSE));
    }
}
