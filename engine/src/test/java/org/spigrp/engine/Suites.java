package org.spigrp.engine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.EspCipher;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.Integrity;

/** Every suite of ESP and AH by its name, made here from the RFCs' tables and not from the parser of names. */
final class Suites {
    private static final Map<String, Integrity> INTEGRITY = new LinkedHashMap<>();

    static {
        INTEGRITY.put("md5", Integrity.HMAC_MD5_96);
        INTEGRITY.put("sha1", Integrity.HMAC_SHA1_96);
        INTEGRITY.put("sha256", Integrity.HMAC_SHA2_256_128);
        INTEGRITY.put("sha256_96", Integrity.HMAC_SHA2_256_96);
        INTEGRITY.put("sha384", Integrity.HMAC_SHA2_384_192);
        INTEGRITY.put("sha512", Integrity.HMAC_SHA2_512_256);
        INTEGRITY.put("aesxcbc", Integrity.AES_XCBC_96);
        INTEGRITY.put("aescmac", Integrity.AES_CMAC_96);
    }

    private Suites() {}

    static List<EspSuite> esp() {
        List<EspSuite> suites = new ArrayList<>();
        withIntegrity(suites, "null", EspCipher.NULL, 0, false);
        withIntegrity(suites, "3des", EspCipher.DES3_CBC, 24, true);
        for (int octets : new int[] {16, 24, 32}) {
            int bits = 8 * octets;
            withIntegrity(suites, "aes" + bits, EspCipher.AES_CBC, octets, true);
            withIntegrity(suites, "camellia" + bits, EspCipher.CAMELLIA_CBC, octets, true);
            withIntegrity(suites, "aes" + bits + "ctr", EspCipher.AES_CTR, octets, true);
            for (int icv : new int[] {8, 12, 16}) {
                suites.add(new EspSuite("aes" + bits + "gcm" + icv, EspCipher.AES_GCM, octets, icv, null));
                suites.add(new EspSuite("aes" + bits + "ccm" + icv, EspCipher.AES_CCM, octets, icv, null));
            }
            suites.add(new EspSuite("aes" + bits + "gmac", EspCipher.AES_GMAC, octets, 16, null));
        }
        suites.add(new EspSuite("chacha20poly1305", EspCipher.CHACHA20_POLY1305, 32, 16, null));
        return suites;
    }

    private static void withIntegrity(
            List<EspSuite> suites, String name, EspCipher cipher, int keyOctets, boolean alsoWithout) {
        if (alsoWithout) suites.add(new EspSuite(name, cipher, keyOctets, 0, null));
        INTEGRITY.forEach((text, integrity) ->
                suites.add(new EspSuite(name + "-" + text, cipher, keyOctets, 0, (@Nullable Integrity) integrity)));
    }

    static List<AhSuite> ah() {
        List<AhSuite> suites = new ArrayList<>();
        INTEGRITY.values().forEach(i -> suites.add(new AhSuite(i.text(), i, i.keyOctets())));
        for (int octets : new int[] {16, 24, 32}) {
            suites.add(new AhSuite("aes" + 8 * octets + "gmac", Integrity.AES_GMAC, octets));
        }
        return suites;
    }

    static EspSuite esp(String name) {
        return esp().stream()
                .filter(suite -> suite.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    static AhSuite ah(String name) {
        return ah().stream()
                .filter(suite -> suite.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
