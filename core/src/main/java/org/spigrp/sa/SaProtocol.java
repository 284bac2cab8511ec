package org.spigrp.sa;

/** The protocol in a SAID. Tunnel SAs carry number 4 also where IPv6 is involved, as in KLIPS. */
public enum SaProtocol {
    AH("ah", 51),
    ESP("esp", 50),
    TUN("tun", 4),
    COMP("comp", 108),
    /** Internal: shunts only. */
    INT("int", 61);

    private final String text;
    private final int number;

    SaProtocol(String text, int number) {
        this.text = text;
        this.number = number;
    }

    /** The word in SAIDs and options. */
    public String text() {
        return text;
    }

    /** The IP protocol number. */
    public int number() {
        return number;
    }
}
