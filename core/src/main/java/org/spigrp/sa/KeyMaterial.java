package org.spigrp.sa;

import java.security.MessageDigest;
import java.util.Arrays;

/** Key octets that never show themselves: {@link #toString} gives the length only, {@link #wipe} overwrites them. */
public final class KeyMaterial {
    public static final KeyMaterial NONE = new KeyMaterial(new byte[0]);

    private final byte[] octets;

    private KeyMaterial(byte[] octets) {
        this.octets = octets;
    }

    /** Takes a copy; the caller wipes its own. */
    public static KeyMaterial copyOf(byte... octets) {
        return octets.length == 0 ? NONE : new KeyMaterial(octets.clone());
    }

    public int length() {
        return octets.length;
    }

    public int bits() {
        return 8 * octets.length;
    }

    public boolean isEmpty() {
        return octets.length == 0;
    }

    /** A copy of {@code count} octets from {@code from}. */
    public byte[] octets(int from, int count) {
        return Arrays.copyOfRange(octets, from, from + count);
    }

    /** A copy of all octets. */
    public byte[] octets() {
        return octets.clone();
    }

    public void wipe() {
        Arrays.fill(octets, (byte) 0);
    }

    /** In constant time. */
    @Override
    public boolean equals(Object other) {
        return other instanceof KeyMaterial that && MessageDigest.isEqual(octets, that.octets);
    }

    /** Says nothing about the key. */
    @Override
    public int hashCode() {
        return octets.length;
    }

    @Override
    public String toString() {
        return "key of " + bits() + " bits";
    }
}
