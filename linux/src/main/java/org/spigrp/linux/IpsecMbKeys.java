package org.spigrp.linux;

import static org.spigrp.linux.IpsecMbPlaces.*;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.spigrp.sa.Integrity;
import org.spigrp.sa.KeyMaterial;

/**
 * Expands keys as ipsec-mb wants them, through its own functions. What keys pass through on the way is overwritten before
 * each method returns.
 */
final class IpsecMbKeys {
    private static final int RAW_OCTETS = 128;
    private static final int ROUND_KEYS_OCTETS = 240;
    private static final int DES_SCHEDULE_OCTETS = 128;
    private static final int DES_KEY_OCTETS = 8;
    /** Where in a slot of 3DES the schedules are, behind the pointers to them. */
    private static final int DES_SCHEDULES = 64;

    private static final int WORK_OCTETS = RAW_OCTETS + 2 * ROUND_KEYS_OCTETS;

    private final long manager;
    private final long raw;
    private final long encrypting;
    private final long decrypting;

    IpsecMbKeys(Arena arena, long manager) {
        this.manager = manager;
        raw = arena.allocate(WORK_OCTETS, 64).address();
        encrypting = raw + RAW_OCTETS;
        decrypting = encrypting + ROUND_KEYS_OCTETS;
    }

    void gcm(KeyMaterial given, int octets, long to) {
        take(given, octets);
        call(GCM_PRE + ofSize(octets), raw, to, 0, 0);
        forget();
    }

    /** CBC needs the round keys of its direction; CTR those that encrypt. */
    void aes(KeyMaterial given, int octets, boolean toEncrypt, long to) {
        take(given, octets);
        call(KEY_EXPANSION + ofSize(octets), raw, encrypting, decrypting, 0);
        RawMemory.copy(toEncrypt ? encrypting : decrypting, to, IpsecMbAlgorithm.roundKeyOctets(octets));
        forget();
    }

    void plain(KeyMaterial given, int octets, long to) {
        take(given, octets);
        RawMemory.copy(raw, to, octets);
        forget();
    }

    void des3(KeyMaterial given, long to) {
        take(given, 3 * DES_KEY_OCTETS);
        for (int i = 0; i < 3; i++) {
            long schedule = to + DES_SCHEDULES + (long) i * DES_SCHEDULE_OCTETS;
            call(DES_SCHEDULE, schedule, raw + (long) i * DES_KEY_OCTETS, 0, 0);
            RawMemory.putLong(to + (long) i * Long.BYTES, schedule);
        }
        forget();
    }

    void integrity(Integrity integrity, KeyMaterial given, IpsecMbAlgorithm algorithm, long slot) {
        long first = slot + algorithm.hashKeys();
        long second = slot + algorithm.second();
        switch (integrity) {
            case HMAC_MD5_96 -> hmac(MD5_BLOCK, 64, given, first, second);
            case HMAC_SHA1_96 -> hmac(SHA1_BLOCK, 64, given, first, second);
            case HMAC_SHA2_256_128, HMAC_SHA2_256_96 -> hmac(SHA256_BLOCK, 64, given, first, second);
            case HMAC_SHA2_384_192 -> hmac(SHA384_BLOCK, 128, given, first, second);
            case HMAC_SHA2_512_256 -> hmac(SHA512_BLOCK, 128, given, first, second);
            case AES_XCBC_96 -> {
                take(given, given.length());
                call(XCBC_KEYS, raw, first, second, slot + algorithm.third());
            }
            case AES_CMAC_96 -> {
                take(given, given.length());
                call(KEY_EXPANSION, raw, first, decrypting, 0);
                call(CMAC_SUBKEYS, first, second, slot + algorithm.third(), 0);
            }
            case AES_GMAC -> gcm(given, given.length(), first);
        }
        forget();
    }

    /** RFC 2104: the states after the block of the inner pad and after that of the outer pad. */
    private void hmac(int oneBlock, int blockOctets, KeyMaterial given, long inner, long outer) {
        pad(given, blockOctets, 0x36);
        call(oneBlock, raw, inner, 0, 0);
        pad(given, blockOctets, 0x5c);
        call(oneBlock, raw, outer, 0, 0);
    }

    private void pad(KeyMaterial given, int blockOctets, int octet) {
        byte[] block = Arrays.copyOf(given.octets(), blockOctets);
        for (int i = 0; i < blockOctets; i++) {
            block[i] ^= (byte) octet;
        }
        RawMemory.put(raw, block, 0, blockOctets);
        Arrays.fill(block, (byte) 0);
    }

    private void take(KeyMaterial given, int octets) {
        byte[] copy = given.octets(0, octets);
        RawMemory.put(raw, copy, 0, octets);
        Arrays.fill(copy, (byte) 0);
    }

    private void forget() {
        RawMemory.clear(raw, WORK_OCTETS);
    }

    private static int ofSize(int keyOctets) {
        return (keyOctets - 16) / 8 * Long.BYTES;
    }

    private void call(int place, long a, long b, long c, long d) {
        MemorySegment function = IpsecMbCalls.function(manager, place);
        IpsecMbCalls.call(function, a, b, c, d);
    }
}
