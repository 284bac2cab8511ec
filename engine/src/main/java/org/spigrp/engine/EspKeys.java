package org.spigrp.engine;

import org.spigrp.sa.AhSuite;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.KeyMaterial;

/** What all engines ask of the keys they are given. Lengths were checked when the SA was made: here a wrong one is a fault. */
public final class EspKeys {
    private EspKeys() {}

    public static void check(EspSuite suite, KeyMaterial encryptionKey, KeyMaterial authenticationKey) {
        check(suite.name(), "encryption", suite.givenKeyOctets(), encryptionKey.length());
        check(suite.name(), "authentication", suite.authKeyOctets(), authenticationKey.length());
    }

    public static void check(AhSuite suite, KeyMaterial given) {
        check(suite.name(), "authentication", suite.givenKeyOctets(), given.length());
    }

    private static void check(String name, String which, int wanted, int given) {
        if (wanted == given) return;
        throw new IllegalArgumentException(
                name + " takes an " + which + " key of " + wanted + " octets, not of " + given);
    }

    /** The salt at the end of the given key, in an array of its own that the taker overwrites. */
    public static byte[] salt(EspSuite suite, KeyMaterial given) {
        return given.octets(suite.keyOctets(), suite.cipher().saltOctets());
    }

    public static byte[] salt(AhSuite suite, KeyMaterial given) {
        return given.octets(suite.keyOctets(), suite.saltOctets());
    }
}
