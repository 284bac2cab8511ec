package org.spigrp.linux;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What differs between the versions of ipsec-mb that we know; all else is in {@link IpsecMbPlaces}. A record, and held in static
 * fields where packets are worked on: so its numbers are constants for the JVM's compilers, though the version is found out
 * when the program runs.
 *
 * <p>A key of AES-GCM is the round keys, then tables of powers of the hash key, each from the highest power to the first. A
 * packet needs the ends of all tables. It is so on processors with VAES and AVX-512; others have smaller tables in the same
 * memory.
 *
 * @param number major and minor, as the upper octets of {@code imb_get_version}; a patch level moves nothing (2.0.0 and 2.0.2
 *     were compared)
 * @param managerOctets the least that a manager ({@code IMB_MGR}) can be: what is in front of its queues
 * @param jobOctets a job ({@code IMB_JOB}) with what fills it up to the next
 * @param jobSuite where in a job {@code imb_set_session} writes 8 octets about its algorithms, which {@link
 *     IpsecMbPlaces#SUBMIT_BURST} needs; 0 where there is no such thing
 * @param gcmTables of powers, in a key of AES-GCM ({@code struct gcm_key_data})
 * @param gcmPowers in each of the tables
 * @param isDes3Right whether its 3DES can be used. That of 2.0.0 and of 2.0.2 for AVX-512, as Debian builds them, is wrong
 *     as soon as a burst has two packets
 */
record IpsecMbVersion(
        int number, int managerOctets, int jobOctets, int jobSuite, int gcmTables, int gcmPowers, boolean isDes3Right) {
    private static final int GCM_ROUND_KEYS_OCTETS = 240;
    private static final int POWER_OCTETS = 16;

    static final IpsecMbVersion V1_3 = new IpsecMbVersion(0x103, 52520, 200, 0, 1, 48, true);
    static final IpsecMbVersion V2_0 = new IpsecMbVersion(0x200, 56744, 216, 200, 2, 32, false);

    static final List<IpsecMbVersion> KNOWN = List.of(V1_3, V2_0);

    /**
     * The version that this is, or null if we do not know it.
     *
     * @param number of {@code imb_get_version}
     */
    static @Nullable IpsecMbVersion of(int number) {
        for (IpsecMbVersion version : KNOWN) {
            if (version.number == number >> 8) {
                return version;
            }
        }
        return null;
    }

    /** Octets of a key of AES-GCM. */
    int gcmKeyOctets() {
        return gcmTableEnd(gcmTables);
    }

    /** Where in a key of AES-GCM the table ends that is the first, second, ... */
    int gcmTableEnd(int table) {
        return GCM_ROUND_KEYS_OCTETS + table * gcmPowers * POWER_OCTETS;
    }

    boolean hasSuites() {
        return jobSuite != 0;
    }

    /** {@code 1.3}. */
    @Override
    public String toString() {
        return (number >> 8) + "." + (number & 0xff);
    }
}
