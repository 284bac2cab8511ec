package org.spigrp.linux;

/*
 * Where things are in the structures of ipsec-mb 1.3 on x86-64, in octets. Read off its header by a C program with
 * offsetof(); its maker adds functions at the end only, but says so for one major version and does not promise it.
 */
final class IpsecMbPlaces {
    /** Major and minor of {@code imb_get_version}. */
    static final int VERSION = 0x103;

    /** What is in front of the queues: the least that a manager can be. */
    static final int LEAST_MANAGER_OCTETS = 52520;

    // IMB_MGR

    static final int ERRNO = 60;
    /** For keys of 128 bits; 192 and 256 follow. */
    static final int GCM_ENC = 256;

    static final int GCM_DEC = 280;
    static final int GCM_PRE = 448;

    /** {@code struct gcm_key_data}: round keys, then powers of the hash key from the highest to the first. */
    static final int GCM_KEY_OCTETS = 1008;

    static final int GCM_CONTEXT_OCTETS = 88;

    private IpsecMbPlaces() {}
}
