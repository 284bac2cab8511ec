package org.spigrp.sa;

/**
 * What an eroute has done so far: the count and the idle time of the eroute listing.
 *
 * @param packets that it selected
 * @param lastUsedSeconds since 1970, 0 = never
 */
public record ErouteUse(long packets, long lastUsedSeconds) {
    public static final ErouteUse NONE = new ErouteUse(0, 0);
}
