package org.spigrp.command;

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
}
