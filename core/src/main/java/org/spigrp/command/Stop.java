package org.spigrp.command;

/** What the live stack leaves behind when it ends. */
public enum Stop {
    /** The interfaces go, and unreachable routes stand in their place: nothing leaves in clear. */
    CLOSED,
    /** Nothing is left behind: what was protected now leaves in clear. */
    OPEN,
    /** The interfaces stay for the successor, and drop what comes until it is there. */
    RESTART
}
