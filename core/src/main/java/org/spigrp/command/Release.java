package org.spigrp.command;

/** Which spigrp this is. */
public final class Release {
    public static final String CODE = "0.1.0";

    private Release() {}

    /** What {@code ipsec version} says. */
    public static String line() {
        return "spigrp " + CODE;
    }
}
