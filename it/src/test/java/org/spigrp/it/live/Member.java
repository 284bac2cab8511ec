package org.spigrp.it.live;

/**
 * One SA of one direction.
 *
 * @param protocol {@code tun}, {@code comp}, {@code esp} or {@code ah}
 * @param cipherKey hexadecimal, empty where there is none
 * @param sourcePort of ESP in UDP; 0 where it is not in UDP
 */
record Member(
        String protocol,
        Suite suite,
        int spi,
        String source,
        String destination,
        String cipherKey,
        String integrityKey,
        int sourcePort,
        int destinationPort) {
    String said() {
        return protocol + "0x" + Integer.toHexString(spi) + "@" + destination;
    }

    boolean six() {
        return destination.contains(":");
    }

    boolean tunnel() {
        return protocol.equals("tun");
    }
}
