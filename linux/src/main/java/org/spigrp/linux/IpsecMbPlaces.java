package org.spigrp.linux;

/*
 * Where things are in the structures of ipsec-mb on x86-64, in octets: what 1.3 and 2.0 have in common. Read off their headers
 * by a C program with offsetof(), which is a test (IpsecMbPlacesTest); its maker adds functions at the end only, but says so
 * for one major version and does not promise it. What differs is in IpsecMbVersion.
 */
final class IpsecMbPlaces {
    // IMB_MGR

    static final int ERRNO = 60;
    /** For keys of 128 bits; 192 and 256 follow, here and below. */
    static final int KEY_EXPANSION = 112;

    static final int CMAC_SUBKEYS = 136;
    static final int XCBC_KEYS = 144;
    static final int DES_SCHEDULE = 152;
    static final int SHA1_BLOCK = 160;
    static final int SHA256_BLOCK = 176;
    static final int SHA384_BLOCK = 184;
    static final int SHA512_BLOCK = 192;
    static final int MD5_BLOCK = 200;
    static final int GCM_ENC = 256;
    static final int GCM_DEC = 280;
    static final int GCM_PRE = 448;
    static final int GET_NEXT_BURST = 952;
    static final int SUBMIT_BURST = 968; // the one that leaves out checks of what we know to be right
    static final int FLUSH_BURST = 976;
    static final int SUBMIT_CIPHER_BURST = 992; // these two check nothing either
    static final int SUBMIT_HASH_BURST = 1008;

    // IMB_JOB

    static final int JOB_ENC_KEYS = 0;
    static final int JOB_DEC_KEYS = 8;
    static final int JOB_KEY_LENGTH = 16;
    static final int JOB_SOURCE = 24;
    static final int JOB_DESTINATION = 32;
    static final int JOB_CIPHER_OFFSET = 40;
    static final int JOB_CIPHER_LENGTH = 48;
    static final int JOB_HASH_OFFSET = 56;
    static final int JOB_HASH_LENGTH = 64;
    static final int JOB_IV = 72;
    static final int JOB_IV_LENGTH = 80;
    static final int JOB_TAG = 88;
    static final int JOB_TAG_LENGTH = 96;
    /** Three pointers or lengths; the hash algorithm says what of. */
    static final int JOB_HASH_FIELDS = 104;

    static final int JOB_STATUS = 128;
    static final int JOB_CIPHER_MODE = 132;
    static final int JOB_DIRECTION = 136;
    static final int JOB_HASH = 140;
    static final int JOB_ORDER = 144;
    static final int JOB_SGL_STATE = 184;

    static final int STATUS_COMPLETED = 3;

    static final int CIPHER_CBC = 1;
    static final int CIPHER_CTR = 2;
    static final int CIPHER_NULL = 3;
    static final int CIPHER_DES3 = 10;
    static final int CIPHER_CHACHA20_POLY1305 = 19;

    static final int ENCRYPT = 1;
    static final int DECRYPT = 2;

    static final int HASH_SHA1 = 1;
    static final int HASH_SHA256 = 3;
    static final int HASH_SHA384 = 4;
    static final int HASH_SHA512 = 5;
    static final int HASH_XCBC = 6;
    static final int HASH_MD5 = 7;
    static final int HASH_NULL = 8;
    static final int HASH_CMAC = 12;
    /** For keys of 128 bits; 192 and 256 follow. */
    static final int HASH_GMAC = 24;

    static final int HASH_CHACHA20_POLY1305 = 29;

    static final int CIPHER_THEN_HASH = 1;
    static final int HASH_THEN_CIPHER = 2;

    private IpsecMbPlaces() {}
}
